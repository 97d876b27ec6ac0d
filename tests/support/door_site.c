/* SPDX-License-Identifier: Apache-2.0 */
#include "support/door_site.h"

#include "signer/role_party.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct door_site *made;

/* As signerd does it with a key of role party. */
static int sign_request(enum signer_kind kind, struct bytes tbs, struct buf *ret, struct err *err)
{
    static const struct party_rules rules = {SITE_ORIGIN};
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    struct digest digest;

    assert_int_equal(kind, SIGNER_PARTY_REQUEST);
    TRY(privkey_spki(made->authority.key, &spki, err));
    TRY(role_party_check(&rules, buf_bytes(&spki), tbs, &attributes, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&attributes), &digest, err));
    return privkey_sign(made->authority.key, &digest, ret, err);
}

void door_site_make(struct door_site *site)
{
    made = site;
    authority_site_make(&site->authority);
    assert_int_equal(privkey_generate(2048, &site->token, NULL), 0);
}

void door_site_done(struct door_site *site)
{
    privkey_freep(&site->token);
    authority_site_done(&site->authority);
}

void door_site_open(struct door_site *site)
{
    struct authority_site *authority = &site->authority;
    struct platform *platform = &site->platform.platform;

    authority_site_open(authority);
    token_signer = (struct token_signer){.key = site->token, .sign = sign_request};
    platform_site_make(&site->platform, &authority->pki);
    site->door = httpserver_start(
        (struct http_server_options){.tables = authority_asked_routes,
                                     .context = &authority->authority,
                                     .worker_open = signer_worker_open,
                                     .worker_close = signer_worker_close,
                                     .bell = authority_changes(authority->store)});
    platform->door.socket = site->door->path;
    platform->door.origin = SITE_ORIGIN;
    platform->door.key = "party";
    assert_int_equal(
        x509_cert_parse(x509_cert_der(authority->cert), &platform->door.certificate, NULL), 0);
}

void door_site_close(struct door_site *site)
{
    httpserver_done(&site->door);
    platform_site_done(&site->platform);
    authority_site_close(&site->authority);
}

void door_site_later(struct door_site *site, int64_t seconds)
{
    site->authority.clock = clock_fixed(site->authority.clock.fixed + seconds);
    site->platform.clock = site->authority.clock;
}

/* ---- for cmocka ---- */

struct door_site door_sites;
struct signer *door_signer;

int door_sites_make(void **state)
{
    (void)state;
    door_site_make(&door_sites);
    return 0;
}

int door_sites_done(void **state)
{
    (void)state;
    door_site_done(&door_sites);
    return 0;
}

int door_sites_open(void **state)
{
    (void)state;
    door_site_open(&door_sites);
    return signer_open("", &door_signer, NULL);
}

int door_sites_close(void **state)
{
    (void)state;
    signer_closep(&door_signer);
    door_site_close(&door_sites);
    return 0;
}
