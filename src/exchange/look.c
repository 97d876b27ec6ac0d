/* SPDX-License-Identifier: Apache-2.0 */
/* The log from outside: pages, and what proves a record. */
#include "audit/opening.h"
#include "exchange/exchange.h"

int exchange_log_page(const struct exchange *x, const struct log_query *query,
                      const struct log_reader *reader, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(x->db, &txn, err));
    return log_page(&txn, query, reader, err);
}

int exchange_log_proof(const struct exchange *x, int64_t person, int64_t id, struct log_record *ret,
                       struct json **ret_proof, struct err *err)
{
    struct log_record record;

    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        TRY(db_begin_read(x->db, &txn, err));
        TRY(log_get(&txn, person, id, &record, err));
    }
    TRY(audit_opening(x->db, record.audit, ret_proof, err));
    *ret = record;
    return 0;
}
