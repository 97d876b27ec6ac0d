/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "x509/cert.h"

#include <openssl/err.h>
#include <openssl/x509.h>

/* What we accept OpenSSL accepts too, and writes again, field by field, as the same bytes. */
static void judge(const struct x509_cert *cert)
{
    struct bytes der = x509_cert_der(cert);
    struct bytes tbs = x509_cert_tbs(cert)->der;
    const unsigned char *p = der.ptr;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    unsigned char *again = NULL;
    int len;

    FUZZ_CHECK(x != NULL && p == der.ptr + der.len);
    len = i2d_re_X509_tbs(x, &again);
    FUZZ_CHECK(len > 0 && bytes_equal(bytes_of(again, (size_t)len), tbs));
    OPENSSL_free(again);
    again = NULL;
    len = i2d_X509(x, &again);
    FUZZ_CHECK(len > 0 && bytes_equal(bytes_of(again, (size_t)len), der));
    OPENSSL_free(again);
    X509_free(x);
    ERR_clear_error();
}

static void check_pem(const struct x509_cert *cert)
{
    CLEANUP(x509_cert_freep) struct x509_cert *back = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    FUZZ_CHECK(x509_cert_append_pem(&pem, cert, NULL) == 0);
    FUZZ_CHECK(x509_cert_parse_file(buf_bytes(&pem), &back, NULL) == 0);
    FUZZ_CHECK(bytes_equal(x509_cert_der(back), x509_cert_der(cert)));
}

FUZZ_TARGET(data, size)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *file = NULL;

    if (x509_cert_parse(bytes_of(data, size), &cert, NULL) == 0) {
        FUZZ_CHECK(bytes_equal(x509_cert_der(cert), bytes_of(data, size)));
        judge(cert);
        check_pem(cert);
    }
    if (x509_cert_parse_file(bytes_of(data, size), &file, NULL) == 0)
        judge(file);
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
