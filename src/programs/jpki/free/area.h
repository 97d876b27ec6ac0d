/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about the free area have in common. */
#pragma once

#include "client/free.h"
#include "programs/jpki/common.h"

enum { FREE_CONTENTS_MAX = 65536 }; /* bytes read from a file; the card says what fits */

/* The row for a command of the issuer, whose option struct has a member "issuer_key_file". */
#define ISSUER_OPTION(type)                                                                        \
    {                                                                                              \
        'i', "issuer-key-file", CLI_TEXT, offsetof(type, issuer_key_file), "FILE",                 \
            N_("the keys of the card's issuer")                                                    \
    }

/* The keys in a file; ERR_USAGE without a file, naming the option. */
MUST_CHECK int free_read_keys(const char *path, const char *option, struct icc_keys *ret,
                              struct err *err);
/* The issuer's: without a file those of JPKI_ISSUER_KEY_FILE. */
MUST_CHECK int free_issuer_keys(const char *path, struct icc_keys *ret, struct err *err);
/* "DONE: area" for people, the members of free_put_aid with json. done: msgid */
MUST_CHECK int free_tell(const struct icc_aid *aid, const char *area, bool json, const char *done,
                         struct err *err);
/* Put the members "area" (a name, or null) and "aid". */
MUST_CHECK int free_put_aid(struct json *object, const struct icc_aid *aid, struct err *err);
