/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/order.h"

#include "base/hex.h"

int order_put(struct json *body, const struct remote *remote, const struct signed_order *order,
              struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(order->cert);
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *hex;

    TRY(hex_append(&issuer, tbs->authority_key_id, err));
    TRY(buf_text(&issuer, &hex, err));
    TRY(json_put_text(body, "origin", remote_origin(remote), err));
    TRY(json_put_text(body, "issuer", hex, err));
    TRY(json_put_int(body, "serial", (int64_t)tbs_serial_number(tbs), err));
    TRY(json_put_int(body, "at", order->at, err));
    TRY(json_put_base64(body, "nonce", order->nonce, err));
    return json_put_base64(body, "signature", order->signature, err);
}
