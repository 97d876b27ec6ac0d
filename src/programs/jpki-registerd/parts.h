/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of jpki-registerd make from the configuration. */
#pragma once

#include "programs/jpki-registerd/config.h"
#include "register/desk.h"

/* The list of municipalities that comes with the program; release with free_text. */
MUST_CHECK int municipalities_path(char **ret, struct err *err);
/* The configured list of municipalities, or the one that comes with the program. */
MUST_CHECK int load_municipalities(const struct registerd_config *config,
                                   struct municipalities **ret, struct err *err);
/* For clerks; *ret stays NULL without clerk_anchors. config must outlive it. */
MUST_CHECK int open_desk(const struct registerd_config *config, struct desk **ret, struct err *err);

/* All that a serving register has from its configuration: one value, replaced as a whole. */
struct parts {
    struct counter counter; /* first: what requests find; store and clock are the caller's */
    struct registerd_config config;
    struct municipalities *municipalities;
    struct personal *personal;
    struct http_pages *pages; /* of the counter; NULL: none */
    struct codes *codes;      /* of the first one, for all that follow */
    struct desk *desk;
};

/* Release with parts_done, also after a failure. */
MUST_CHECK int parts_read(const char *path, struct parts *ret, struct err *err);
/* Files that were not needed to check the configuration: for card data. */
MUST_CHECK int parts_open_personal(struct parts *parts, struct err *err);
/* The codes of the exchange, for which the store has to be open. */
MUST_CHECK int parts_open_codes(struct parts *parts, struct err *err);
void parts_done(struct parts *parts);
void parts_freep(struct parts **parts);

/*
 * The same from files that may have changed since first, which outlives it and whose store, clock
 * and sessions it shares. ERR_INPUT for a setting that only a restart changes.
 */
MUST_CHECK int parts_follow(const char *path, const struct parts *first, struct parts **ret,
                            struct err *err);
/* Files that parts_follow reads, into a service's list. own: the municipalities' of the program. */
void parts_add_files(const struct parts *parts, const char *path, const char *own,
                     struct service *service);
