/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret that a daemon derives names of people from, and must have again at each start: 64 random
 * octets, made once and kept in the daemon's database as only signerd can unwrap them. They are
 * longer than a content key, so that the wrapped form, sent to the daemon as if it were one, is
 * refused by its length.
 */
#pragma once

#include "base/secret.h"
#include "db/db.h"
#include "rpc/signer_client.h"

enum { KEPT_SECRET_SIZE = 64 };

struct kept_secret {
    struct db *db;    /* with the table "wrapped": name, value */
    const char *key;  /* at signerd, of role token */
    const char *name; /* of the secret: "pseudonyms" */
};

/*
 * ERR_CONFLICT if it was wrapped for another key: what is derived from it must never change, so no
 * other is made. Else as signer_public and signer_unwrap.
 */
MUST_CHECK int kept_secret_load(const struct kept_secret *which, struct signer *signer,
                                struct secret *ret, struct err *err);
