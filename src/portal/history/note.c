/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/history/history.h"

#include "portal/limits.h"

#include <string.h>

_Static_assert((int)PORTAL_CODE_SIZE == (int)PERSON_CODE_BYTES, "a code is one of the exchange's");

int history_note(struct db_txn *txn, const char *account, const struct note *note,
                 const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf code = BUF_INIT;
    struct person_code portal;

    TRY(db_query_one(txn, "SELECT code FROM account WHERE id = ?", DB_WITH(DB_TEXT(account)), &rows,
                     err));
    if (db_is_null(&rows, 0))
        return 0;
    TRY(db_blob(&rows, 0, &code, err));
    if (code.len != sizeof portal.value)
        return FAIL(err, ERR_SYSTEM, "a code that is none");
    memcpy(portal.value, code.ptr, code.len);
    return exchange_note(txn, &portal, note, by, err);
}
