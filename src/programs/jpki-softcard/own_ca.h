/* SPDX-License-Identifier: Apache-2.0 */
/* A card by a CA of one's own (card/ownca.h): keys, certificates and files, ready to serve. */
#pragma once

#include "card/store.h"
#include "programs/jpki-softcard/wish.h"

struct own_ca_order {
    const char *dir; /* of the CA, which is made if there is none */
    const struct store_paths *paths;
    const struct image *blank; /* the card as it is in stock */
    const char *kind;          /* in the place of the wish's; NULL: that */
    const struct wish *wish;
    int64_t now;
    void (*progress)(const char *text); /* before what takes long */
};

/*
 * All of it or nothing: the card's files are removed again if anything fails. In the directory,
 * anchors/ and card-anchors/ get what its cards verify below.
 */
MUST_CHECK int own_ca_make(const struct own_ca_order *order, struct err *err);
