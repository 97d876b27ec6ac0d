/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/authentication/reference.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypto/jwe.h"

#include <stdio.h>

enum { SERIAL_BYTES_MAX = 8, SERIAL_TEXT_SIZE = 24, FILE_MAX = 8192 };

int reference_load(const char *path, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    int rc = file_read(path, FILE_MAX, &pem, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    TRY(err_prefix(err, pubkey_spki_from_pem(&pem, &spki, err), "%s", path));
    return err_prefix(err, pubkey_from_spki_rsa(buf_bytes(&spki), ret, err), "%s", path);
}

bool reference_is_for(const struct platform *platform, const char *client_id)
{
    return platform->reference.key != NULL && text_has_word(platform->reference.tenants, client_id);
}

/* Serial numbers are dense here, from 1; those of others are no numbers of residents. */
static int put_serial(struct json *body, struct bytes serial, struct err *err)
{
    char text[SERIAL_TEXT_SIZE];
    uint64_t number = 0;

    if (serial.len > SERIAL_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "a serial number that no register has given");
    for (size_t i = 0; i < serial.len; i++)
        number = number << 8 | serial.ptr[i];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return json_put_text(body, "serial", text, err);
}

int reference_make(const struct platform *platform, const struct x509_cert *cert, struct buf *ret,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *hex;

    TRY(hex_append(&issuer, x509_cert_tbs(cert)->authority_key_id, err));
    TRY(buf_text(&issuer, &hex, err));
    TRY(json_put_text(body, "issuer_key_id", hex, err));
    TRY(put_serial(body, x509_cert_tbs(cert)->serial, err));
    TRY(json_put_int(body, "iat", clock_now(platform->clock), err));
    TRY(json_write(body, &text, err));
    return jwe_encrypt(platform->reference.key, buf_bytes(&text), ret, err);
}
