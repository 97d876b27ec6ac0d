/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outside sites that people can go on to from the portal without showing the card again, as the
 * operator's file has them: one object each. They are relying parties of the portal (OpenID Connect
 * Core 1.0), which is a provider for nobody else.
 */
#pragma once

#include "base/json.h"
#include "exchange/tables.h"
#include "portal/site/limits.h"

struct site_row {
    const char *id;      /* small letters, digits, hyphens: its client id */
    struct names name;   /* as people and the exchange log read it */
    struct names lead;   /* what one does there */
    const char *address; /* where a browser goes to sign on there */
    const char *redirect_uri, *logout_uri;
    const char *jwks_uri;    /* of its keys; NULL: jwks */
    const struct json *jwks; /* NULL: jwks_uri */
    bool sends_notices;      /* whether it may, to people who have linked it */
};
struct sites {
    struct json *json; /* that the texts live in */
    struct site_row at[SITES_MAX];
    size_t count;
};

/* ERR_INPUT names what is wrong: a member too many or too few, an address that is none. */
MUST_CHECK int sites_parse(struct bytes text, struct sites **ret, struct err *err);
MUST_CHECK int sites_load(const char *path, struct sites **ret, struct err *err);
void sites_freep(struct sites **sites);
/* NULL if there is none; sites may be NULL. */
const struct site_row *sites_find(const struct sites *sites, const char *id);
