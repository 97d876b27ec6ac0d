/* SPDX-License-Identifier: Apache-2.0 */
/* CA certificates that the person or operator trusts. Found by key identifier, never by name. */
#pragma once

#include "verify/limits.h"
#include "x509/cert.h"
#include "x509/profile.h"

struct anchors;
struct seen;

MUST_CHECK int anchors_new(struct anchors **ret, struct err *err);
void anchors_free(struct anchors *anchors);
void anchors_freep(struct anchors **anchors);
/*
 * Add a copy. ERR_UNTRUSTED unless it is a self-signed CA certificate with a key identifier;
 * adding the same one again changes nothing.
 */
MUST_CHECK int anchors_add(struct anchors *anchors, const struct x509_cert *cert, struct err *err);
/*
 * Add a file (DER or PEM), or every *.cer, *.crt, *.der and *.pem in a directory. A bad file is a
 * failure that names it. ERR_ABSENT if path does not exist.
 */
MUST_CHECK int anchors_load(struct anchors *anchors, const char *path, struct err *err);
/*
 * Remember so many certificates that these CAs issued (seen.h), 0: none, as in the beginning. They
 * hold personal data as long as they are remembered. Adding a CA forgets all of them.
 */
MUST_CHECK int anchors_remember(struct anchors *anchors, size_t most, struct err *err);
/* What is remembered, or NULL. */
struct seen *anchors_seen(const struct anchors *anchors);
/* What certificates of that kind have in common that this anchor issued, or NULL. */
const struct profile_fixed *anchors_fixed(const struct anchors *anchors,
                                          const struct x509_cert *anchor, enum profile_kind kind);
size_t anchors_count(const struct anchors *anchors);
const struct x509_cert *anchors_at(const struct anchors *anchors, size_t index);
/* The nth (from 0) anchor with this key identifier, or NULL. */
const struct x509_cert *anchors_find(const struct anchors *anchors, struct bytes key_id,
                                     size_t nth);
