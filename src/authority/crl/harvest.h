/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs in lists, taken from the database in one walk. Inside this room only. */
#pragma once

#include "authority/authority.h"
#include "authority/crl/progress.h"
#include "authority/crl/spool.h"

/* One list, whether or not it is published this time. */
struct planned {
    struct crl_record record; /* as it is; and, where it is published, as it will be */
    struct buf point;         /* its distribution point; empty: all that the CA has issued */
    int64_t number_before, update_before; /* of the list that counts now; 0: none */
    bool is_due;
    size_t room;                /* entries it may have */
    struct spool_list *entries; /* while it is at work */
};

/* All lists there are, by ascending id. */
struct publication {
    const struct authority *authority;
    struct signer *signer;
    int64_t at;    /* thisUpdate of all that are published */
    uint64_t seen; /* the last event before that */
    struct crl_work *work;
    struct spool spool;
    struct planned *lists;
    size_t count;
};

/*
 * Put the entries of all lists of a generation that are due into them: of the one of all
 * certificates and of those of places, in one walk. ERR_CONFLICT if a certificate names a list that
 * there is none of, or a list has more entries than it may; ERR_REMOTE if it was stopped.
 */
MUST_CHECK int harvest(struct publication *publication, const struct ca *ca, struct err *err);
