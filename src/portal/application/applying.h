/* SPDX-License-Identifier: Apache-2.0 */
/* The application that a request is about, and who asks: inside this sub-room. */
#pragma once

#include "portal/application/applicant.h"

struct applying {
    struct db *db;
    struct applicant applicant;
    struct application application;
};

/* By the parameter "id". ERR_ABSENT if whoever asks has none of that id. One that a service
 * prepared is opened by that. */
MUST_CHECK int applying_find(struct http_call *call, struct applying *ret, struct err *err);
void applying_done(struct applying *asked);
/* ERR_CONFLICT unless it is one that its owner may change and submit. */
MUST_CHECK int applying_check_open(const struct applying *asked, struct err *err);
/* ERR_INPUT, naming the first field, if something is missing or wrong. */
MUST_CHECK int applying_check_complete(const struct applying *asked, struct err *err);
/* Whether it is to be signed. */
MUST_CHECK int applying_signs(const struct applying *asked, bool *ret, struct err *err);
