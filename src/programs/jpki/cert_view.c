/* SPDX-License-Identifier: Apache-2.0 */
/* Both forms show the same facts, so they are collected into one struct first. */
#include "programs/jpki/cert_view.h"

#include "base/hex.h"
#include "base/i18n.h"
#include "programs/jpki/common.h"
#include "x509/name.h"

#include <stdio.h>

struct facts {
    struct buf subject, issuer, serial, fingerprint;
    char not_before[CALTIME_TEXT_SIZE], not_after[CALTIME_TEXT_SIZE];
    size_t key_bits;
    bool has_holder;
    struct buf name, address, birth_date;
    const char *sex; /* stable name for JSON */
};

static void facts_done(struct facts *facts)
{
    buf_done(&facts->subject);
    buf_done(&facts->issuer);
    buf_done(&facts->serial);
    buf_done(&facts->fingerprint);
    buf_done(&facts->name);
    buf_done(&facts->address);
    buf_done(&facts->birth_date);
}

/* pki.md 1.4 */
static const char *sex_of(struct bytes code)
{
    if (bytes_equal(code, BYTES_LITERAL("1")))
        return N_("male");
    if (bytes_equal(code, BYTES_LITERAL("2")))
        return N_("female");
    return N_("unknown");
}

static int name_text(struct bytes der, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(name_append_text(&text, der, err));
    return append_shown(ret, buf_bytes(&text), err);
}

static int collect_holder(const struct holder *holder, struct facts *facts, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];
    struct caldate birth;

    facts->has_holder = true;
    facts->sex = sex_of(holder->sex);
    TRY(append_shown(&facts->name, holder->name, err));
    TRY(append_shown(&facts->address, holder->address, err));
    if (holder_birth_date(holder->birth, &birth, NULL) < 0)
        return append_shown(&facts->birth_date, bytes_part(holder->birth, 1, 8), err);
    caldate_format_iso(birth, text);
    return buf_append_text(&facts->birth_date, text, err);
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
    facts->key_bits = pubkey_bits(x509_cert_pubkey(cert));
    return tbs->has_holder ? collect_holder(&tbs->holder, facts, err) : 0;
}

static void print_buf(const char *label, struct buf *text)
{
    const char *value;

    if (buf_text(text, &value, NULL) == 0)
        print_field(label, value);
}

void print_certificate(const struct x509_cert *cert)
{
    CLEANUP(facts_done) struct facts facts = {.sex = ""};

    /* Text alone can fail only for want of memory; what there was is shown. */
    (void)!collect(cert, &facts, NULL);
    print_buf(tr("Name"), &facts.name);
    print_buf(tr("Address"), &facts.address);
    print_buf(tr("Date of birth"), &facts.birth_date);
    if (facts.has_holder)
        print_field(tr("Sex"), tr(facts.sex));
    print_buf(tr("Subject"), &facts.subject);
    print_buf(tr("Issuer"), &facts.issuer);
    print_buf(tr("Serial number"), &facts.serial);
    print_field(tr("Valid from"), facts.not_before);
    print_field(tr("Valid until"), facts.not_after);
    printf(tr("Key: RSA, %zu bits\n"), facts.key_bits);
    print_buf(tr("SHA-256 fingerprint"), &facts.fingerprint);
}

static int put_holder(struct json *object, const struct facts *facts, struct err *err)
{
    CLEANUP(json_freep) struct json *holder = NULL;
    struct json *taken;

    if (!facts->has_holder)
        return json_put_null(object, "holder", err);
    holder = json_object_new();
    TRY(json_put_bytes(holder, "name", buf_bytes(&facts->name), err));
    TRY(json_put_bytes(holder, "address", buf_bytes(&facts->address), err));
    TRY(json_put_bytes(holder, "birth_date", buf_bytes(&facts->birth_date), err));
    TRY(json_put_text(holder, "sex", facts->sex, err));
    taken = holder;
    holder = NULL;
    return json_put(object, "holder", taken, err);
}

int put_certificate(struct json *object, const struct x509_cert *cert, struct err *err)
{
    CLEANUP(facts_done) struct facts facts = {.sex = ""};

    TRY(collect(cert, &facts, err));
    TRY(json_put_bytes(object, "subject", buf_bytes(&facts.subject), err));
    TRY(json_put_bytes(object, "issuer", buf_bytes(&facts.issuer), err));
    TRY(json_put_bytes(object, "serial", buf_bytes(&facts.serial), err));
    TRY(json_put_text(object, "not_before", facts.not_before, err));
    TRY(json_put_text(object, "not_after", facts.not_after, err));
    TRY(json_put_int(object, "key_bits", (int64_t)facts.key_bits, err));
    TRY(json_put_bytes(object, "fingerprint", buf_bytes(&facts.fingerprint), err));
    return put_holder(object, &facts, err);
}
