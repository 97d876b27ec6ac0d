/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the authority to issue and to revoke, over its Unix socket. The individual number never.
 */
#pragma once

#include "register/store.h"

/* What the authority is told about a request; personal data only for a sign certificate. */
struct question {
    const struct issue *issue;
    const struct resident *resident;
    const struct municipality *municipality;
    const char *window_id;
    const char *traceparent; /* NULL: none */
};

/*
 * Ask, and check that the answer is a certificate for the key of the request. May be repeated.
 * ERR_REMOTE if the authority cannot be asked; its refusals as fetch.h says, with its sentence.
 */
MUST_CHECK int authority_ask(const char *socket, const struct question *question,
                             struct buf *ret_certificate, struct buf *ret_ca_certificate,
                             struct err *err);
/* Have a certificate revoked, asking once. May be repeated; failures as authority_ask. */
MUST_CHECK int authority_ask_revocation(const char *socket, const struct revocation_order *order,
                                        const char *traceparent, struct err *err);
/*
 * Whether a certificate is in force: neither revoked nor held, nor over. ERR_ABSENT if the
 * authority has issued none of that number; failures as authority_ask.
 */
MUST_CHECK int authority_ask_status(const char *socket, enum cert_kind kind, uint64_t serial,
                                    bool *ret, struct err *err);

/* A certificate: the key identifier of its CA in small hexadecimal digits, and its number. */
enum { ISSUER_ID_LEN = 40 };
struct issued {
    char issuer[ISSUER_ID_LEN + 1];
    int64_t serial;
};
/*
 * The certificate of the card that one of a phone goes with, of the same kind. ERR_ABSENT if it is
 * none of a phone, ERR_CONFLICT if it no longer counts; failures as authority_ask.
 */
MUST_CHECK int authority_ask_phone_card(const char *socket, const struct issued *phone,
                                        const char *traceparent, struct issued *ret,
                                        struct err *err);
/* For readiness probes. */
MUST_CHECK int authority_ping(const char *socket, struct err *err);
