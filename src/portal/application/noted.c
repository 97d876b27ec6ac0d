/* SPDX-License-Identifier: Apache-2.0 */
/* What a signed application tells its municipality of whoever signed it, in the log of exchanges.
 */
#include "portal/application/states.h"

#include "exchange/note.h"

#include <string.h>

static int name_of(struct db_txn *txn, const char *municipality, char *ret, size_t size,
                   struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT prefecture || name FROM municipality WHERE code = ?",
                     DB_WITH(DB_TEXT(municipality)), &rows, err));
    return db_text(&rows, 0, ret, size, err);
}

static bool fits(const char *name)
{
    return strlen(name) <= NOTE_WORDS_MAX && strchr(name, '|') == NULL;
}

int application_note_signer(struct db_txn *txn, const struct submission *submission,
                            const char *municipality, const struct audit_origin *by,
                            struct err *err)
{
    struct note note = {.what = LOG_IDENTITY,
                        .channel = NOTE_PORTAL,
                        .receiver = submission->body,
                        .why = {"あなたが署名した申請", "An application that you signed"},
                        .items = {"署名用電子証明書の氏名・住所・生年月日・性別",
                                  "Name, address, date of birth and sex of the sign certificate"}};
    char name[2 * PROCEDURE_NAME_SIZE];
    struct place_english english;

    if (submission->signer == NULL)
        return 0;
    if (note.receiver == NULL) {
        TRY(name_of(txn, municipality, name, sizeof name, err));
        note.receiver = municipality;
        if (fits(name)) /* else by its code alone */
            note.receiver_name.ja = name;
        if (note.receiver_name.ja != NULL && submission->romaji != NULL &&
            place_english(submission->romaji, municipality, &english) && fits(english.name))
            note.receiver_name.en = english.name;
    }
    return exchange_note(txn, submission->signer, &note, by, err);
}
