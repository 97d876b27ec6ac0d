/* SPDX-License-Identifier: Apache-2.0 */
/* Both forms show the same facts, so they are collected into one struct first. */
#include "programs/jpki/cert/view.h"

#include "base/hex.h"
#include "base/i18n.h"
#include "programs/jpki/common.h"
#include "programs/jpki/holder_view.h"
#include "x509/name.h"

#include <stdio.h>

struct facts {
    struct buf subject, issuer, serial, fingerprint;
    char not_before[CALTIME_TEXT_SIZE], not_after[CALTIME_TEXT_SIZE];
    enum key_kind key_kind;
    size_t key_bits;
    const struct holder *holder; /* NULL: names nobody */
};

static void facts_done(struct facts *facts)
{
    buf_done(&facts->subject);
    buf_done(&facts->issuer);
    buf_done(&facts->serial);
    buf_done(&facts->fingerprint);
}

static int name_text(struct bytes der, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(name_append_text(&text, der, err));
    return append_shown(ret, buf_bytes(&text), err);
}

static int collect(const struct x509_cert *cert, struct facts *facts, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    struct digest digest;

    TRY(name_text(tbs->subject, &facts->subject, err));
    TRY(name_text(tbs->issuer, &facts->issuer, err));
    TRY(hex_append(&facts->serial, tbs->serial, err));
    TRY(digest_compute(DIGEST_SHA256, x509_cert_der(cert), &digest, err));
    TRY(hex_append(&facts->fingerprint, digest_bytes(&digest), err));
    caltime_format(tbs->not_before, JST_OFFSET_SECONDS, facts->not_before);
    caltime_format(tbs->not_after, JST_OFFSET_SECONDS, facts->not_after);
    facts->key_kind = pubkey_kind(x509_cert_pubkey(cert));
    facts->key_bits = pubkey_bits(x509_cert_pubkey(cert));
    facts->holder = tbs->has_holder ? &tbs->holder : NULL;
    return 0;
}

static void print_buf(const char *label, struct buf *text)
{
    const char *value;

    if (buf_text(text, &value, NULL) == 0)
        print_field(label, value);
}

void print_certificate(const struct x509_cert *cert)
{
    CLEANUP(facts_done) struct facts facts = {.key_bits = 0};

    /* Text alone can fail only for want of memory; what there was is shown. */
    (void)!collect(cert, &facts, NULL);
    if (facts.holder != NULL)
        print_holder(facts.holder);
    print_buf(tr("Subject"), &facts.subject);
    print_buf(tr("Issuer"), &facts.issuer);
    print_buf(tr("Serial number"), &facts.serial);
    print_field(tr("Valid from"), facts.not_before);
    print_field(tr("Valid until"), facts.not_after);
    printf(tr("Key: %s, %zu bits\n"), key_kind_name(facts.key_kind), facts.key_bits);
    print_buf(tr("SHA-256 fingerprint"), &facts.fingerprint);
}

static int put_holder_or_null(struct json *object, const struct holder *holder, struct err *err)
{
    CLEANUP(json_freep) struct json *member = NULL;

    if (holder == NULL)
        return json_put_null(object, "holder", err);
    member = json_object_new();
    TRY(put_holder(member, holder, err));
    return json_put(object, "holder", json_steal(&member), err);
}

int put_certificate(struct json *object, const struct x509_cert *cert, struct err *err)
{
    CLEANUP(facts_done) struct facts facts = {.key_bits = 0};

    TRY(collect(cert, &facts, err));
    TRY(json_put_bytes(object, "subject", buf_bytes(&facts.subject), err));
    TRY(json_put_bytes(object, "issuer", buf_bytes(&facts.issuer), err));
    TRY(json_put_bytes(object, "serial", buf_bytes(&facts.serial), err));
    TRY(json_put_text(object, "not_before", facts.not_before, err));
    TRY(json_put_text(object, "not_after", facts.not_after, err));
    TRY(json_put_text(object, "key_algorithm", key_kind_name(facts.key_kind), err));
    TRY(json_put_int(object, "key_bits", (int64_t)facts.key_bits, err));
    TRY(json_put_bytes(object, "fingerprint", buf_bytes(&facts.fingerprint), err));
    return put_holder_or_null(object, facts.holder, err);
}
