/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/note.h"

#include "portal/notice/notice.h"

/* Whoever has an account is told; others see it in the log when they open one. */
static int send_notice(struct db_txn *txn, const struct person_code *portal, const char *place,
                       int64_t at, struct err *err)
{
    CLEANUP(json_freep) struct json *parameters = json_object_new();
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char account[PORTAL_ID_SIZE];
    const struct notice_draft draft = {.account = account,
                                       .topic = "eligibility.checked",
                                       .parameters = parameters,
                                       .link = "eligibility",
                                       .at = at};
    int rc = db_query_one(txn, "SELECT id FROM account WHERE code = ?",
                          DB_WITH(DB_BLOB(person_code_bytes(portal))), &rows, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, account, sizeof account, err));
    TRY(json_put_text(parameters, "place", place, err));
    return notice_send(txn, &draft, err);
}

int eligibility_note(struct db_txn *txn, const struct eligibility_note *note,
                     const struct audit_origin *by, struct err *err)
{
    struct clinic_names names;
    char receiver[CODE_SIZE];
    struct note told = {.what = note->what,
                        .channel = NOTE_CLINIC,
                        .receiver = receiver,
                        .duty = note->duty,
                        .procedure = note->procedure,
                        .info = note->info,
                        .detail = note->detail};

    TRY(clinic_names(txn, note->clinic, &names, err));
    clinic_code(note->clinic, receiver);
    told.receiver_name = (struct names){names.ja, names.en};
    if (note->what == LOG_ELIGIBILITY)
        TRY(send_notice(txn, note->portal, names.ja, by->at, err));
    return exchange_note(txn, note->portal, &told, by, err);
}
