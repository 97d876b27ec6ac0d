/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs of tests that each begin with a new authority (signing_authority.h), in which both
 * CAs have their first generation: the set-ups for cmocka, and what such tests do all the time.
 */
#pragma once

#include "support/signing_authority.h"

enum {
    SITE_NOW = 1795445999, /* 23:59:59 in Japan, so that whole days later are it too */
    SITE_DAY = 86400,
    SITE_KEYS = 3,
};

extern struct signing_authority site;
extern struct buf site_requests[SITE_KEYS]; /* PKCS#10 of as many keys */
extern const struct audit_origin site_by;

/* Of the group: the keys are made once. */
int site_make_keys(void **state);
int site_release_keys(void **state);
/* Of each test. */
int site_set_up(void **state);
int site_tear_down(void **state);

/* A certificate of somebody in Hyogo-ken for so many days; serial numbers begin at 2. */
void site_issue(enum ca_kind kind, const char *id, size_t key, int days);
void site_revoke(enum ca_kind kind, const char *id, uint32_t serial, enum crl_reason reason);
/* How many lists were published, or the failure. */
int site_publish(struct err *err);
/* A list, which must be signed by the first generation of its CA; *der is where it lives. */
void site_read_list(const char *name, enum ca_kind kind, struct buf *der, struct crl *ret);
/* The serial numbers in a list, as text: "2 5". */
void site_assert_serials(const char *name, enum ca_kind kind, const char *expected);
