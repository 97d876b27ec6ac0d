/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CRL that a key of role ca is to sign, on its way in: it comes in pieces, and each is checked
 * and hashed where it is, and forgotten. Nobody can change what was checked before it is signed,
 * because what is signed is the hash of that. A list of a nation takes as much memory as an empty
 * one.
 */
#pragma once

#include "revocation/crl_stream.h"
#include "rpc/limits.h"

struct list {
    char key[RPC_NAME_MAX + 1]; /* that it was begun for */
    uint32_t last;              /* serial number of the entry before */
    struct crl_stream *stream;
};

/* For the key of that name. */
MUST_CHECK int list_begin(const char *key, struct list **ret, struct err *err);
/*
 * ERR_INPUT if these bytes do not belong in a list or there are more than RPC_LIST_MAX of all,
 * ERR_UNTRUSTED for an entry that breaks a rule; the list is then to be given up.
 */
MUST_CHECK int list_add(struct list *list, struct bytes piece, struct err *err);
/* What has come is all; its head is still to be checked. *ret points into the list. */
MUST_CHECK int list_end(struct list *list, struct crl_streamed *ret, struct err *err);
void list_freep(struct list **list);
