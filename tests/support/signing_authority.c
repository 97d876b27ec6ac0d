/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signing_authority.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void signing_authority_make(struct signing_authority *made, const struct test_pki *pki, int64_t now)
{
    *made = (struct signing_authority){.signerd = -1, .clock = clock_fixed(now)};
    signer_site_make(&made->site, pki, 0);
    (void)tempdir_file(&made->site.dir, "a.db", made->database);
    made->authority = (struct authority){
        .clock = &made->clock,
        .signer = made->site.socket,
        .cas = {[CA_SIGN] = {.key = "sign-ca"}, [CA_AUTH] = {.key = "auth-ca"}}};
}

void signing_authority_open_store(struct signing_authority *made)
{
    assert_int_equal(authority_store_open(made->database, &made->store, NULL), 0);
    made->authority.store = made->store;
}

void signing_authority_reopen(struct signing_authority *made)
{
    authority_unload_cas(&made->authority);
    authority_store_closep(&made->store);
    signing_authority_open_store(made);
    assert_int_equal(authority_load_cas(&made->authority, NULL), 0);
}

void signing_authority_start(struct signing_authority *made, const struct audit_origin *by)
{
    made->signerd = signer_site_start(&made->site, STALL_MS);
    assert_int_equal(signer_open(made->site.socket, &made->signer, NULL), 0);
    signing_authority_open_store(made);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        struct ca_setup setup = {(enum ca_kind)kind, made->authority.cas[kind].key, by, 1, 0};
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(ca_init(made->store, made->signer, &setup, &der, NULL), 0);
    }
    assert_int_equal(authority_load_cas(&made->authority, NULL), 0);
}

void signing_authority_done(struct signing_authority *made)
{
    if (made->signerd >= 0)
        (void)signer_site_stop(made->signerd, SIGTERM);
    signer_closep(&made->signer);
    authority_unload_cas(&made->authority);
    authority_store_closep(&made->store);
    signer_site_done(&made->site);
}

void test_requests_make(struct buf *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(privkey_freep) struct privkey *key = NULL;

        assert_int_equal(privkey_generate(SUBJECT_KEY_BITS, &key, NULL), 0);
        test_pki_request(key, &requests[i]);
    }
}

void test_requests_done(struct buf *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_done(&requests[i]);
}
