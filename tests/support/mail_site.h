/* SPDX-License-Identifier: Apache-2.0 */
/* tests/support/mailserver.py as a child, and what it took. Anything that goes wrong ends the test.
 */
#pragma once

#include "base/json.h"
#include "fetch/mail.h"
#include "support/tempdir.h"

#include <sys/types.h>

struct mail_site {
    struct tempdir dir;
    pid_t child;
    int input;
    struct mail_server server; /* as mail_send wants it; patient for half a minute */
    char authorities[TEMPDIR_FILE_SIZE];
};

/* With TLS: by a certificate for 127.0.0.1 that is server.authorities. */
void mail_site_start(struct mail_site *site, bool has_tls);
/* Nobody is listening any more; what it took stays. */
void mail_site_stop(struct mail_site *site);
void mail_site_done(struct mail_site *site);
/* Have a file of this name there, or not: "down", "full", "mute", "old". */
void mail_site_say(const struct mail_site *site, const char *name, bool is_so);
/* Nobody is served without this login from now on; it becomes that of site->server. */
void mail_site_ask(struct mail_site *site, const char *user, const char *password);
/* How many mails it took, and one of them, from 1. */
unsigned mail_site_count(const struct mail_site *site);
struct json *mail_site_get(const struct mail_site *site, unsigned number);
/* The text behind its header, decoded. */
void mail_site_body(const struct json *mail, struct buf *ret);
