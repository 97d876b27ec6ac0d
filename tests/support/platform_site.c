/* SPDX-License-Identifier: Apache-2.0 */
#include "support/platform_site.h"

#include "crypto/jwe.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct platform_site *site = context;

    (void)question;
    (void)err;
    for (size_t i = 0; i < site->standing.reason_count; i++)
        report_add(report, site->standing.reasons[i]);
    /* A time and reason that no answer may show. */
    *ret = (struct status){.answer = STATUS_NOT_KNOWN,
                           .revoked_at = PLATFORM_SITE_REVOKED_AT,
                           .reason = 3,
                           .this_update = PLATFORM_SITE_REVOKED_AT + 1,
                           .next_update = PLATFORM_SITE_REVOKED_AT + 2};
    return 0;
}

static void add_tenant(struct platform_site *site, const struct tenant *tenant, const char *key)
{
    const struct audit_origin by = audit_by_self(clock_now(&site->clock));
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, NULL), 0);
    assert_int_equal(platform_add_tenant(site->platform.store, tenant, &hash, &by, NULL), 0);
}

static struct anchors *anchors_of(const struct x509_cert *cert)
{
    struct anchors *anchors = NULL;

    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, cert, NULL), 0);
    return anchors;
}

void platform_site_make(struct platform_site *site, const struct test_pki *pki)
{
    static const struct tenant bank = {"bank", "見本銀行", "https://bank.example"};
    static const struct tenant shop = {"shop", "見本商店", "https://shop.example"};
    struct platform *platform = &site->platform;

    *site = (struct platform_site){.dir = tempdir_make(), .clock = clock_fixed(TEST_PKI_NOW)};
    (void)tempdir_file(&site->dir, "p.db", site->database);
    *platform = (struct platform){.clock = &site->clock,
                                  .origin = PLATFORM_SITE_ORIGIN,
                                  .signer = "/nowhere",
                                  .token_key = "token",
                                  .sign_cas = anchors_of(pki->certs[PROFILE_SIGN_CA]),
                                  .auth_cas = anchors_of(pki->certs[PROFILE_AUTH_CA]),
                                  .status = &site->status};
    if (token_signer.point != NULL)
        platform->agreement.name = "agreement";
    site->status = (struct status_source){look, site};
    assert_int_equal(platform_store_open(site->database, &platform->store, NULL), 0);
    assert_int_equal(platform_load_keys(platform, NULL), 0);
    add_tenant(site, &bank, PLATFORM_SITE_KEY);
    add_tenant(site, &shop, "the bearer key of the shop");
}

void platform_site_done(struct platform_site *site)
{
    platform_store_closep(&site->platform.store);
    platform_done(&site->platform);
    tempdir_done(&site->dir);
}

void platform_site_encrypt(const struct platform_site *site, const struct x509_cert *cert,
                           struct buf *ret)
{
    assert_int_equal(jwe_encrypt(site->platform.exchange_key, x509_cert_der(cert), ret, NULL), 0);
}
