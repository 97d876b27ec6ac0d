/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail to one person by SMTP (RFC 5321), over libcurl. The connection is encrypted (STARTTLS,
 * RFC 3207) and the server's certificate checked, unless the server is this computer and nothing
 * says by whose certificates it should be known. Any thread may call.
 */
#pragma once

#include "fetch/mailbox.h"

struct mail_server {
    const char *host; /* a name, or an address */
    uint16_t port;
    const char *user, *password; /* NULL: without a login */
    const char *authorities;     /* file of certificates in PEM; NULL: those of the system */
    int timeout_ms;              /* 0: FETCH_TIMEOUT_MS */
};

struct mail {
    const char *from, *to; /* addresses */
    const char *name;      /* of the sender, for people */
    const char *subject, *text;
    const char *id; /* unlike all others: letters, digits, '-', '_', '.' */
    int64_t at;     /* UTC seconds */
    /*
     * Called once the server waits for the mail, before the first byte of it goes out: whoever
     * sends notes that it may arrive from now on. Not called if the server has refused it before,
     * or was not there. If it fails, nothing is sent and that is mail_send's failure. NULL: nobody.
     */
    int (*hand)(void *context, struct err *err);
    void *context;
};

enum mail_outcome {
    MAIL_ACCEPTED, /* the server has it */
    MAIL_LATER,    /* it has not: not there, 4xx, or no login; another try is due */
    MAIL_REFUSED,  /* it has not and will not: 5xx about this mail */
    MAIL_UNCLEAR   /* it was on its way, and nobody has said whether it arrived */
};
/*
 * ERR_INPUT, and nothing is sent, for an address that is none, and for a line break in any text but
 * the last. why is a sentence about any outcome but the first.
 */
MUST_CHECK int mail_send(const struct mail_server *server, const struct mail *mail,
                         enum mail_outcome *ret, struct err *why, struct err *err);
/* The text as it goes over the wire (RFC 5322, 2045, 2047), appended to *ret. */
MUST_CHECK int mail_write(const struct mail *mail, struct buf *ret, struct err *err);
/* ERR_INPUT unless it is a name or an address, and nothing else of an URL. */
MUST_CHECK int mail_host_check(const char *host, struct err *err);
/* Whether a server is this computer, by its name alone. */
bool mail_is_loopback(const char *host);
