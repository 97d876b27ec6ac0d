/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform as its users reach it: where it is, who asks, and the key that certificates are
 * encrypted to, so that nobody between the person and the platform reads them. A platform is
 * believed about its own key because it was reached over TLS, or on this computer.
 */
#pragma once

#include "base/json.h"
#include "base/secret.h"
#include "holder/origin.h"
#include "x509/cert.h"

struct remote;

/* Nothing is asked yet. */
MUST_CHECK int remote_new(const struct origin *origin, struct remote **ret, struct err *err);
void remote_free(struct remote *remote);
void remote_freep(struct remote **remote);
const char *remote_origin(const struct remote *remote); /* "https://host[:port]" */

/*
 * Ask as the provider whose key this is. ERR_INPUT unless it is 1 to TENANT_KEY_MAX characters of
 * a bearer token (RFC 6750, 2.1).
 */
MUST_CHECK int remote_authorise(struct remote *remote, const struct secret *key, struct err *err);

/*
 * One question, never sent twice. path begins with '/'; body NULL means GET. *ret becomes the
 * answer, NULL if it has no content. ERR_DENIED if the platform does not let us, ERR_UNTRUSTED if
 * it does not believe what was sent, ERR_ABSENT for what it does not have, ERR_CONFLICT for what
 * can no longer be done, ERR_REMOTE for everything else. The text begins with the origin.
 */
MUST_CHECK int remote_ask(const struct remote *remote, const char *path, const struct json *body,
                          struct json **ret, struct err *err);

/* What is at a path, as it is: at most limit bytes. Failures as remote_ask. */
MUST_CHECK int remote_read(const struct remote *remote, const char *path, size_t limit,
                           struct buf *ret, struct err *err);

/*
 * Member "certificate" of body: a JWE that only the platform can read. Its key is asked for the
 * first time, at this path, "/v1/keys" unless it is said; not copied.
 */
void remote_keys_at(struct remote *remote, const char *path);
MUST_CHECK int remote_put_certificate(struct remote *remote, struct json *body,
                                      const struct x509_cert *cert, struct err *err);

/* A failure over what a platform answered: ERR_REMOTE, "ORIGIN answered otherwise than ..." */
int remote_fail_answer(struct err *err, const struct remote *remote);
/* Whether text is 1 to max characters of A-Z a-z 0-9 - . _ ~ and no dot segment (RFC 3986). */
bool remote_is_name(const char *text, size_t max);
