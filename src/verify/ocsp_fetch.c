/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ocsp_fetch.h"

#include "fetch/fetch.h"

#include <string.h>

/* Where the path of the certificate's URL starts: "http://ocsp.openjpki.test/sign" → "/sign". */
static int find_path(struct bytes url, struct bytes *ret, struct err *err)
{
    const struct bytes scheme = BYTES_LITERAL("http://");
    const uint8_t *slash;

    if (!bytes_start_with(url, scheme))
        return FAIL(err, ERR_INPUT, "the certificate names no OCSP responder over http");
    url = bytes_part(url, scheme.len, url.len);
    slash = memchr(url.ptr, '/', url.len);
    *ret = slash == NULL ? BYTES_LITERAL("/")
                         : bytes_of(slash, url.len - (size_t)(slash - url.ptr));
    return 0;
}

static int make_url(const struct ocsp_fetch *fetch, const struct x509_cert *cert, struct buf *ret,
                    struct err *err)
{
    struct bytes url = x509_cert_tbs(cert)->ocsp_url;
    struct bytes path;

    TRY(find_path(url, &path, err));
    if (fetch->socket == NULL && fetch->base == NULL)
        return buf_copy(url, ret, err);
    if (fetch->socket == NULL)
        TRY(buf_append_text(ret, fetch->base, err));
    return buf_append(ret, path, err);
}

int ocsp_fetch_send(const void *context, const struct x509_cert *cert, struct bytes request,
                    struct buf *ret, struct err *err)
{
    const struct ocsp_fetch *how = context;
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    const struct fetch_content content = {"application/ocsp-request", request};
    struct fetch_request post = {.socket = how->socket,
                                 .content = &content,
                                 .accept = "application/ocsp-response",
                                 .timeout_ms = how->timeout_ms,
                                 .limit = OCSP_RESPONSE_MAX,
                                 .retries = 1,
                                 .is_idempotent = true};

    TRY(make_url(how, cert, &url, err));
    TRY(buf_text(&url, &post.url, err));
    TRY(fetch(&post, &response, err));
    buf_move(ret, &response.body);
    return 0;
}
