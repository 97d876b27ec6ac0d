/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/note.h"

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
    return exchange_note(txn, note->portal, &told, by, err);
}
