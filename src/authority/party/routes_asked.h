/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes for verifiers share. Inside this room only. */
#pragma once

#include "authority/party/link.h"
#include "authority/party/signed.h"
#include "authority/routes.h"

/* A request that is believed, and who it is by for the audit log. */
struct asked {
    struct signed_request request;
    struct audit_origin by;
};

MUST_CHECK int asked_read(struct http_call *call, const char *act, struct asked *ret,
                          struct err *err);
void asked_done(struct asked *asked);
/* Whether this request has waited (http_wait) and is looked at again. */
bool asked_waited(const struct http_call *call);

/* The place of a member among the texts it may be. */
MUST_CHECK int asked_choice(const struct json *json, const char *key, const char *const *values,
                            unsigned *ret, struct err *err);
/* A certificate as answers name it: kind, issuer, serial. */
MUST_CHECK int asked_put_certificate(const struct authority *authority,
                                     const struct presented *certificate, struct json *body,
                                     struct err *err);

extern const struct http_member asked_members[];
/* A consent as answers tell it. */
extern const struct http_member consent_members[];
struct consent;
MUST_CHECK int consent_put(struct json *body, const struct consent *consent, struct err *err);

extern const struct route authority_consent_routes[];
extern const struct route authority_standing_routes[];
extern const struct route authority_asked_feed_routes[];
extern const struct route authority_asked_fee_routes[]; /* usage/routes_asked.c */
