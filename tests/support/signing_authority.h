/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority in this process whose two CAs a real signerd holds, in a child. Everything fails the
 * running test.
 */
#pragma once

#include "authority/authority.h"
#include "revocation/crl.h"
#include "support/signer_site.h"

enum { STALL_MS = 2000 }; /* of signerd's connections */

struct signing_authority {
    struct signer_site site;
    pid_t signerd; /* -1: it is not running, or the test has stopped it */
    char database[TEMPDIR_FILE_SIZE];
    struct signer *signer;
    struct authority_store *store;
    struct clock clock;
    struct authority authority;
};

/*
 * A directory with the CAs' keys, and an authority by this clock that is to use them as sign-ca and
 * auth-ca. Nothing runs: further keys may be configured, and members of the authority set.
 */
void signing_authority_make(struct signing_authority *made, const struct test_pki *pki,
                            int64_t now);
/* Start signerd and open a new database, in which both CAs have their first generation. */
void signing_authority_start(struct signing_authority *made, const struct audit_origin *by);
/* Open the database, which is closed. */
void signing_authority_open_store(struct signing_authority *made);
/* What another process would find. */
void signing_authority_reopen(struct signing_authority *made);
void signing_authority_done(struct signing_authority *made);

/* How many lists were published, or the failure. */
int signing_authority_publish(const struct signing_authority *made, const struct audit_origin *by,
                              struct err *err);
/* A published list, which must be signed by that CA; *der is where it lives. */
void signing_authority_read_list(const struct signing_authority *made, const char *name,
                                 const struct x509_cert *ca, struct buf *der, struct crl *ret);
/* The serial numbers in such a list, as text: "2 5". */
void signing_authority_assert_serials(const struct signing_authority *made, const char *name,
                                      const struct x509_cert *ca, const char *expected);

/* PKCS#10 of count new keys of the size that subjects have. */
void test_requests_make(struct buf *requests, size_t count);
void test_requests_done(struct buf *requests, size_t count);
