/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs in lists, taken from the database in one walk. Inside this room only. */
#pragma once

#include "authority/authority.h"
#include "revocation/set.h"

/* One list, whether or not it is published this time. */
struct planned {
    struct crl_record record; /* as it is; and, where it is published, as it will be */
    struct buf point;         /* its distribution point; empty: all that the CA has issued */
    int64_t number_before, update_before; /* of the list that counts now; 0: none */
    bool is_due;
    size_t room;                    /* entries it may have */
    struct revocation_set *entries; /* while it is at work */
};

/* All lists there are, by ascending id. */
struct publication {
    const struct authority *authority;
    struct signer *signer;
    int64_t at;    /* thisUpdate of all that are published */
    uint64_t seen; /* the last event before that */
    struct planned *lists;
    size_t count;
};

/*
 * Fill the sets of the lists of a generation that are due: of the one of all certificates, or of
 * those of places, because a nation's is in memory once. ERR_CONFLICT if a certificate names a list
 * that there is none of, or a list has more entries than it may.
 */
MUST_CHECK int harvest(struct publication *publication, const struct ca *ca, bool is_full,
                       struct err *err);
