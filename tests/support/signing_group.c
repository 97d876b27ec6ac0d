/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signing_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct signing_authority site;
struct buf site_requests[SITE_KEYS];
const struct audit_origin site_by = {.at = SITE_NOW, .actor = "uid:1000"};

static struct test_pki pki;

int site_make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_requests_make(site_requests, SITE_KEYS);
    return 0;
}

int site_release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_requests_done(site_requests, SITE_KEYS);
    return 0;
}

int site_set_up(void **state)
{
    (void)state;
    signing_authority_make(&site, &pki, SITE_NOW);
    signing_authority_start(&site, &site_by);
    return 0;
}

int site_tear_down(void **state)
{
    (void)state;
    signing_authority_done(&site);
    return 0;
}

void site_issue(enum ca_kind kind, const char *id, size_t key, int days)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct issue_request request = {.kind = kind,
                                    .request_id = id,
                                    .csr = buf_bytes(&site_requests[key]),
                                    .by = &site_by,
                                    .not_after = SITE_NOW + (int64_t)days * SITE_DAY,
                                    .prefecture = "Hyogo-ken",
                                    .window_id = "28100003A"};

    if (kind == CA_SIGN) {
        request.municipality = "Kobe-shi";
        request.holder = test_pki_holder();
    }
    assert_int_equal(authority_issue(&site.authority, site.signer, &request, &record, NULL), 0);
}

void site_revoke(enum ca_kind kind, const char *id, uint32_t serial, enum crl_reason reason)
{
    struct revocation_request request = {id, kind, serial, reason, 0, &site_by};
    struct revoked revoked;

    assert_int_equal(authority_revoke(&site.authority, &request, &revoked, NULL), 0);
}

int site_publish(struct err *err)
{
    return signing_authority_publish(&site, &site_by, err);
}

static const struct x509_cert *first_of(enum ca_kind kind)
{
    return authority_ca(&site.authority, kind, 1)->certificate;
}

void site_read_list(const char *name, enum ca_kind kind, struct buf *der, struct crl *ret)
{
    signing_authority_read_list(&site, name, first_of(kind), der, ret);
}

void site_assert_serials(const char *name, enum ca_kind kind, const char *expected)
{
    signing_authority_assert_serials(&site, name, first_of(kind), expected);
}
