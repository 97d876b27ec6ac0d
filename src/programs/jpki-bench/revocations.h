/* SPDX-License-Identifier: Apache-2.0 */
/* The revocations that lists are measured with: made up one by one, so they take no memory. */
#pragma once

#include "revocation/crl_write.h"

enum { REVOCATIONS_PEERS = 1000000, REVOCATIONS_NATION = 25000000 };
enum { REVOCATIONS_NOW = 1790000000 };

/* Serial numbers of 1 to 4 octets, dates over five years, a reason each. */
struct made_up {
    uint32_t count, next;
};
struct revocation made_up_at(uint32_t index);

/*
 * A CA whose key is libcrypto's, because no program has one of ours; and what it takes libcrypto to
 * do with lists what we do.
 */
struct list_ca;
MUST_CHECK int list_ca_new(struct list_ca **ret, struct err *err);
void list_ca_freep(struct list_ca **ca);
struct bytes list_ca_spki(const struct list_ca *ca);
/* What its lists begin with; lives as long as the CA. */
struct crl_head list_ca_head(const struct list_ca *ca);
MUST_CHECK int list_ca_sign(const struct list_ca *ca, const struct digest *digest, struct buf *ret,
                            struct err *err);
/* Key and certificate as PEM files, for openssl's commands. */
MUST_CHECK int list_ca_save(const struct list_ca *ca, const char *key, const char *certificate,
                            struct err *err);

/*
 * A whole list of so many to a descriptor that can be positioned: entries one by one, hashed on the
 * way, signed at the end.
 */
MUST_CHECK int list_write(const struct list_ca *ca, uint32_t count, int fd, struct err *err);

/* Make a list of so many with X509_CRL_add0_revoked(), sort, sign and write it to a descriptor. */
MUST_CHECK int peer_write_list(const struct list_ca *ca, uint32_t count, int fd, struct err *err);
/* d2i_X509_CRL(), X509_CRL_verify(), and the first X509_CRL_get0_by_serial(). */
MUST_CHECK int peer_read_list(const struct list_ca *ca, struct bytes der, struct err *err);
