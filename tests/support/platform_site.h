/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform for tests, with the CAs of a test PKI, two tenants ("bank", "shop") and a clock that
 * stands still; signerd is support/token_signer.h, and if that has a point, clients may agree on
 * keys. Everything fails the running test.
 */
#pragma once

#include "platform/platform.h"
#include "platform/tenant/store.h"
#include "support/pki.h"
#include "support/tempdir.h"

#define PLATFORM_SITE_ORIGIN "https://platform.openjpki.test"
#define PLATFORM_SITE_KEY    "the bearer key of the bank"

enum { PLATFORM_SITE_REVOKED_AT = 1700000003 };

struct platform_site {
    struct tempdir dir;
    char database[TEMPDIR_FILE_SIZE];
    struct clock clock;
    struct platform platform;
    struct status_source status;
    /* What revocation says of every certificate: valid, or why not. */
    struct report standing;
};

void platform_site_make(struct platform_site *site, const struct test_pki *pki);
void platform_site_done(struct platform_site *site);
/* The certificate as clients send it; release with buf_done. */
void platform_site_encrypt(const struct platform_site *site, const struct x509_cert *cert,
                           struct buf *ret);
