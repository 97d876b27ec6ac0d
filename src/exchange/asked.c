/* SPDX-License-Identifier: Apache-2.0 */
/* What a body has asked, found again by its own keys. */
#include "exchange/limits.h"
#include "exchange/question.h"

#include <stdio.h>

/* The first key that begins with no more of this prefix: its last character is followed by it. */
static void end_of(const char *prefix, char ret[EXCHANGE_KEY_MAX + 2])
{
    const size_t len = strlen(prefix);

    (void)snprintf(ret, EXCHANGE_KEY_MAX + 2, "%s", prefix);
    ret[len - 1]++;
}

int exchange_list_asked(const struct exchange *x, const char *asker, const char *prefix,
                        const struct exchange_taking *taking, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char end[EXCHANGE_KEY_MAX + 2];
    struct question q;
    int rc;

    if (prefix[0] == '\0' || strlen(prefix) > EXCHANGE_KEY_MAX)
        return FAIL(err, ERR_USAGE, "a prefix of keys has 1 to %d characters", EXCHANGE_KEY_MAX);
    end_of(prefix, end);
    TRY(db_begin_read(x->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " QUESTION_COLUMNS " FROM exchange_question"
                 " WHERE asker = ? AND key >= ? AND key < ? ORDER BY id",
                 DB_WITH(DB_TEXT(asker), DB_TEXT(prefix), DB_TEXT(end)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct exchange_asked asked;

        TRY(question_read(&rows, &q, err));
        asked = (struct exchange_asked){q.id, q.person, q.provider, q.info};
        TRY(taking->take(taking->context, &asked, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}
