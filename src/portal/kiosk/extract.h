/* SPDX-License-Identifier: Apache-2.0 */
/* What the register has of somebody who has shown a card (jpki-registerd(8)); it is kept nowhere.
 */
#pragma once

#include "base/caltime.h"
#include "portal/kiosk/table.h"
#include "portal/portal.h"

enum { EXTRACT_TEXT_SIZE = 801 }; /* of an address of 200 characters */

struct extract {
    char municipality[KIOSK_MUNICIPALITY_SIZE];
    char name[EXTRACT_TEXT_SIZE], kana[EXTRACT_TEXT_SIZE], former_name[EXTRACT_TEXT_SIZE];
    char address[EXTRACT_TEXT_SIZE];
    struct caldate birth;
    char sex[16];
};
void extract_done(struct extract *extract); /* wipes it */

/*
 * Where somebody lives, or with is_whole all of it. ERR_CONFLICT, with a sentence, if the card does
 * not count any more or the person has left; ERR_REMOTE if the register cannot be asked.
 */
MUST_CHECK int extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                           struct extract *ret, struct err *err);
/* An answer of the register. ERR_INPUT for what is none. */
MUST_CHECK int extract_read(const struct json *json, bool is_whole, struct extract *ret,
                            struct err *err);
