/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators' door of a portal in a test, and services that come to it with certificates, as a
 * proxy says. Everything fails the running test.
 */
#pragma once

#include "portal/gateway/door.h"
#include "portal/operator/client.h"
#include "support/pki.h"
#include "support/portal_site.h"

#define OPERATOR_SITE_DOOR "https://api.openjpki.test"

/* Which certificate is shown. */
enum operator_who { WHO_BANK, WHO_SHOP, WHO_LATE, WHO_NOBODY };
enum { OPERATOR_SITE_PROXY = 1007 };

struct operator_service {
    enum operator_who who;
    char id[OPERATOR_ID_SIZE];
    char secret[PORTAL_SECRET_SIZE];
};

/* Once for all tests of a program. */
void operator_site_certificates(void);
void operator_site_forget(void);
/* SHA-256 of the certificate of WHO_BANK or WHO_SHOP. */
void operator_site_digest(enum operator_who who, struct digest *ret);
/* Give a portal its door. */
void operator_site_open(struct portal_site *site);

/* "POST /v1/clients" by the proxy, for whoever shows this; fields: further lines with their ends.
 */
struct portal_answer operator_ask(struct portal_site *site, enum operator_who who, const char *line,
                                  const char *fields, const char *type, const char *body);
/* The same from another user id than the proxy's, or over TCP (0). */
struct portal_answer operator_ask_as(struct portal_site *site, uid_t uid, enum operator_who who,
                                     const char *line, const char *fields, const char *type,
                                     const char *body);
/* What the service applies with; changes: members in place of those, "\"sector\": \"npo\"". */
void operator_metadata(const char *changes, struct buf *ret);
/* Apply; approve unless the state is OPERATOR_APPLIED. */
void operator_service_add(struct portal_site *site, enum operator_who who, const char *changes,
                          enum operator_state state, struct operator_service *ret);
/* What the portal's operator decides, without verdicts: the status. */
unsigned operator_review(struct portal_site *site, const char *id, const char *state,
                         const char *reason);
/* With verdicts: all met but that viewpoint; "": but none. */
unsigned operator_judge(struct portal_site *site, const char *id, const char *state,
                        const char *reason, const char *unmet);
