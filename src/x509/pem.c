/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as text (RFC 7468): one block, lines of 64 digits when written. */
#include "x509/pem.h"

#include "base/base64.h"
#include "x509/cert.h"

enum { PEM_LINE = 64 };

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"

/* Whether text goes on with word at offset. */
static bool is_at(struct bytes text, size_t offset, struct bytes word)
{
    return bytes_start_with(bytes_part(text, offset, text.len), word);
}

/* Where word begins at or behind offset; the length of the text if nowhere. */
static size_t find(struct bytes text, size_t offset, struct bytes word)
{
    while (offset < text.len && !is_at(text, offset, word))
        offset++;
    return offset;
}

static int decode(struct bytes digits, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT;

    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] != '\n' && digits.ptr[i] != '\r')
            TRY(buf_append_byte(&packed, digits.ptr[i], err));
    return base64_decode(BASE64_PADDED, buf_bytes(&packed), ret, err);
}

int pem_read_certificate(struct bytes text, struct buf *ret, struct err *err)
{
    size_t begin, first, end;

    if (text.len > X509_PEM_MAX)
        return FAIL(err, ERR_INPUT, "a certificate file of more than %d bytes", X509_PEM_MAX);
    begin = find(text, 0, BYTES_LITERAL(PEM_BEGIN));
    if (begin == text.len)
        return FAIL(err, ERR_INPUT, "no certificate, neither in DER nor in PEM");
    first = begin + BYTES_LITERAL(PEM_BEGIN).len;
    end = find(text, first, BYTES_LITERAL(PEM_END));
    if (end == text.len)
        return FAIL(err, ERR_INPUT, "a PEM certificate that is cut off");
    if (find(text, end, BYTES_LITERAL(PEM_BEGIN)) < text.len)
        return FAIL(err, ERR_INPUT, "several certificates in one file; one is expected");
    return decode(bytes_part(text, first, end - first), ret, err);
}

int x509_cert_parse_file(struct bytes contents, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    if (der_follows(contents, DER_SEQUENCE))
        return x509_cert_parse(contents, ret, err);
    TRY(pem_read_certificate(contents, &der, err));
    return x509_cert_parse(buf_bytes(&der), ret, err);
}

int pem_append(struct buf *buf, const char *label, struct bytes der, struct err *err)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(base64_append(&digits, BASE64_PADDED, der, err));
    TRY(buf_append_format(&out, err, "-----BEGIN %s-----\n", label));
    for (size_t i = 0; i < digits.len; i += PEM_LINE) {
        TRY(buf_append(&out, bytes_part(buf_bytes(&digits), i, PEM_LINE), err));
        TRY(buf_append_byte(&out, '\n', err));
    }
    TRY(buf_append_format(&out, err, "-----END %s-----\n", label));
    return buf_append(buf, buf_bytes(&out), err);
}

int x509_cert_append_pem(struct buf *buf, const struct x509_cert *cert, struct err *err)
{
    return pem_append(buf, "CERTIFICATE", x509_cert_der(cert), err);
}
