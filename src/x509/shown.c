/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/shown.h"

#include "base/hex.h"
#include "crypto/pubkey.h"
#include "x509/cert.h"
#include "x509/limits.h"
#include "x509/pem.h"

#include <string.h>

/* "%2B" and characters that need no escape. */
static int decode(const char *escaped, struct buf *ret, struct err *err)
{
    for (const char *at = escaped; *at != '\0'; at++) {
        CLEANUP(buf_done) struct buf octet = BUF_INIT;
        char digits[3] = {0};

        if (*at != '%') {
            TRY(buf_append_byte(ret, (uint8_t)*at, err));
            continue;
        }
        if (at[1] == '\0' || at[2] == '\0')
            return FAIL(err, ERR_INPUT, "an escape is cut off");
        memcpy(digits, at + 1, 2);
        TRY(hex_decode(digits, &octet, err));
        TRY(buf_append(ret, buf_bytes(&octet), err));
        at += 2;
    }
    return 0;
}

static int read_pem(const char *escaped, struct buf *ret, struct err *err)
{
    if (strlen(escaped) > SHOWN_MAX)
        return FAIL(err, ERR_INPUT, "more than %d characters", SHOWN_MAX);
    TRY(decode(escaped, ret, err));
    /* nginx leaves the last one away. */
    return ret->len > 0 && ret->ptr[ret->len - 1] != '\n' ? buf_append_byte(ret, '\n', err) : 0;
}

int shown_read(const char *escaped, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;

    TRY(read_pem(escaped, &pem, err));
    TRY(x509_cert_parse_file(buf_bytes(&pem), &certificate, err));
    return buf_append(ret, x509_cert_der(certificate), err);
}

/* ---- by the certificate itself ---- */

void shown_bare_done(struct shown_bare *shown)
{
    buf_done(&shown->der);
}

/* Keys on P-256 have a way in of their own. */
static int check_key(struct bytes spki, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    return pubkey_from_spki(spki, &key, NULL) == 0 ? 0 : pubkey_from_spki_jws(spki, &key, err);
}

static int read_tbs(struct bytes tbs, struct shown_bare *ret, struct err *err)
{
    struct der part;

    TRY(der_take(&tbs, DER_CONTEXT_CONSTRUCTED(0), "version", &part, err));
    TRY(der_take(&tbs, DER_INTEGER, "serialNumber", &part, err));
    TRY(der_take(&tbs, DER_SEQUENCE, "signature", &part, err));
    TRY(der_take(&tbs, DER_SEQUENCE, "issuer", &part, err));
    TRY(tbs_take_validity(&tbs, &ret->not_before, &ret->not_after, err));
    TRY(der_take(&tbs, DER_SEQUENCE, "subject", &part, err));
    TRY(der_take(&tbs, DER_SEQUENCE, "subjectPublicKeyInfo", &part, err));
    return check_key(part.whole, err);
}

static int read_whole(struct bytes der, struct shown_bare *ret, struct err *err)
{
    struct der whole, tbs, part;
    struct bytes signature;

    if (der.len > X509_CERT_MAX)
        return FAIL(err, ERR_INPUT, "a certificate of more than %d bytes", X509_CERT_MAX);
    TRY(der_only(der, DER_SEQUENCE, "Certificate", &whole, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "TBSCertificate", &tbs, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "signatureAlgorithm", &part, err));
    TRY(der_take_bits(&whole.value, "signatureValue", &signature, err));
    TRY(der_end(whole.value, "Certificate", err));
    return read_tbs(tbs.value, ret, err);
}

int shown_take_bare(const char *escaped, struct shown_bare *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;

    TRY(read_pem(escaped, &pem, err));
    TRY(pem_read_certificate(buf_bytes(&pem), &shown.der, err));
    TRY(read_whole(buf_bytes(&shown.der), &shown, err));
    ret->not_before = shown.not_before;
    ret->not_after = shown.not_after;
    buf_move(&ret->der, &shown.der);
    return 0;
}
