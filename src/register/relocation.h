/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who came to live somewhere else, or lives nowhere here any more, one after the other, so that the
 * registers that municipalities have of their own follow (docs/decisions/0126): written with the
 * act at the counter, in its transaction.
 */
#pragma once

#include "register/store.h"

struct relocation {
    int64_t number; /* from 1 on, in the order of the acts */
    char resident[RESIDENT_ID_LEN + 1];
    enum standing standing; /* STANDING_HERE: came to live there; else: lives there no more */
    char from[MUNICIPALITY_CODE_LEN + 1], to[MUNICIPALITY_CODE_LEN + 1]; /* may be the same */
    char former_address[ADDRESS_BYTES_MAX + 1]; /* as it was registered; "" of who left */
    struct caldate since;                       /* may be to come, of who will leave */
};

/* Those behind a number, in their order, REGISTER_RELOCATIONS_MAX at most. */
MUST_CHECK int register_list_relocations(struct register_store *store, int64_t after,
                                         struct relocation ret[REGISTER_RELOCATIONS_MAX],
                                         size_t *ret_count, struct err *err);
/* In the transaction of an act that gave somebody another address, or none: since that day. */
struct db_txn;
MUST_CHECK int relocation_insert(struct db_txn *txn, const struct resident *before,
                                 const struct resident *after, struct caldate since,
                                 struct err *err);
