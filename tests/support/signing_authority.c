/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signing_authority.h"

#include "support/published.h"

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

int signing_authority_publish(const struct signing_authority *made, const struct audit_origin *by,
                              struct err *err)
{
    unsigned published;

    TRY(authority_publish(&made->authority, made->signer, by, &published, err));
    return (int)published;
}

void signing_authority_read_list(const struct signing_authority *made, const char *name,
                                 const struct x509_cert *ca, struct buf *der, struct crl *ret)
{
    buf_done(der);
    assert_int_equal(published_list(made->store, name, der), 0);
    assert_int_equal(crl_parse(buf_bytes(der), RPC_LIST_MAX, ret, NULL), 0);
    assert_int_equal(crl_verify(ret, x509_cert_pubkey(ca), NULL), 0);
    assert_true(bytes_equal(ret->authority_key_id, x509_cert_tbs(ca)->subject_key_id));
}

void signing_authority_assert_serials(const struct signing_authority *made, const char *name,
                                      const struct x509_cert *ca, const char *expected)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct revocation entry;
    struct crl crl;
    const char *got;

    signing_authority_read_list(made, name, ca, &der, &crl);
    while (crl_next(&crl.entries, &entry, NULL) == 0)
        assert_int_equal(
            buf_append_format(&text, NULL, "%s%u", text.len > 0 ? " " : "", (unsigned)entry.serial),
            0);
    assert_int_equal(buf_text(&text, &got, NULL), 0);
    assert_string_equal(got, expected);
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
