/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPRequest (RFC 6960, 4.1.1). */
#include "x509/ocsp_common.h"

/* GeneralName [4] directoryName of the requestor. */
enum { DIRECTORY_NAME = 4 };

/* Request ::= SEQUENCE { reqCert, singleRequestExtensions [0] OPTIONAL } */
static int parse_single(struct bytes *rest, struct ocsp_request *request, struct err *err)
{
    struct der single;

    if (request->count == OCSP_SINGLES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d certificates asked for at once",
                    OCSP_SINGLES_MAX);
    TRY(der_take(rest, DER_SEQUENCE, "Request", &single, err));
    TRY(ocsp_take_cert_id(&single.value, &request->ids[request->count], err));
    if (single.value.len > 0) {
        struct bytes nonce;
        struct der extensions;

        TRY(der_only(single.value, DER_CONTEXT_CONSTRUCTED(0), "singleRequestExtensions",
                     &extensions, err));
        TRY(ocsp_parse_extensions(extensions.value, &nonce, err));
    }
    request->count++;
    return 0;
}

/* requestorName [1] EXPLICIT GeneralName; only a directoryName means something here. */
static int parse_requestor(struct bytes *rest, struct bytes *ret, struct err *err)
{
    struct der wrapped;
    struct der name;

    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(1), "requestorName", &wrapped, err));
    if (!der_follows(wrapped.value, DER_CONTEXT_CONSTRUCTED(DIRECTORY_NAME)))
        return 0;
    TRY(der_only(wrapped.value, DER_CONTEXT_CONSTRUCTED(DIRECTORY_NAME), "requestorName", &name,
                 err));
    *ret = name.value;
    return 0;
}

static int parse_tbs(struct bytes rest, struct ocsp_request *request, struct err *err)
{
    struct der element;

    /* version [0] DEFAULT v1 is never encoded (X.690, 11.5). */
    if (der_follows(rest, DER_CONTEXT_CONSTRUCTED(1)))
        TRY(parse_requestor(&rest, &request->requestor, err));
    TRY(der_take(&rest, DER_SEQUENCE, "requestList", &element, err));
    if (element.value.len == 0)
        return FAIL(err, ERR_INPUT, "a request for no certificate");
    while (element.value.len > 0)
        TRY(parse_single(&element.value, request, err));
    if (rest.len == 0)
        return 0;
    TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(2), "requestExtensions", &element, err));
    return ocsp_parse_extensions(element.value, &request->nonce, err);
}

int ocsp_request_parse(struct bytes der, struct ocsp_request *ret, struct err *err)
{
    struct ocsp_request request = {0};
    struct der outer;
    struct der tbs;

    if (der.len > OCSP_REQUEST_MAX)
        return FAIL(err, ERR_INPUT, "a request of more than %d bytes", OCSP_REQUEST_MAX);
    TRY(der_only(der, DER_SEQUENCE, "OCSPRequest", &outer, err));
    TRY(der_take(&outer.value, DER_SEQUENCE, "TBSRequest", &tbs, err));
    request.tbs = tbs.whole;
    TRY(parse_tbs(tbs.value, &request, err));
    if (outer.value.len > 0) {
        struct der wrapped;
        struct der signature;

        TRY(der_only(outer.value, DER_CONTEXT_CONSTRUCTED(0), "optionalSignature", &wrapped, err));
        TRY(der_only(wrapped.value, DER_SEQUENCE, "Signature", &signature, err));
        TRY(ocsp_parse_signature(signature.value, &request.signature, err));
    }
    *ret = request;
    return 0;
}

static int put_requestor(struct buf *out, struct bytes name, struct err *err)
{
    size_t marks[2];

    if (name.len == 0)
        return 0;
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(1), &marks[0], err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(DIRECTORY_NAME), &marks[1], err));
    TRY(buf_append(out, name, err));
    TRY(der_finish(out, marks[1], err));
    return der_finish(out, marks[0], err);
}

int ocsp_request_build(const struct ocsp_question *question, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t whole;
    size_t list;

    if (question->count == 0 || question->count > OCSP_SINGLES_MAX)
        return FAIL(err, ERR_USAGE, "a request for %zu certificates", question->count);
    TRY(der_begin(&out, DER_SEQUENCE, &whole, err));
    TRY(put_requestor(&out, question->requestor, err));
    TRY(der_begin(&out, DER_SEQUENCE, &list, err));
    for (size_t i = 0; i < question->count; i++)
        TRY(der_put(&out, DER_SEQUENCE, question->cert_ids[i], err));
    TRY(der_finish(&out, list, err));
    TRY(ocsp_put_nonce(&out, DER_CONTEXT_CONSTRUCTED(2), question->nonce, err));
    TRY(der_finish(&out, whole, err));
    buf_move(ret, &out);
    return 0;
}

int ocsp_request_assemble(struct bytes tbs, struct bytes signature, struct bytes cert,
                          struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t marks[3];

    TRY(der_begin(&out, DER_SEQUENCE, &marks[0], err));
    TRY(buf_append(&out, tbs, err));
    if (signature.len > 0) {
        TRY(der_begin(&out, DER_CONTEXT_CONSTRUCTED(0), &marks[1], err));
        TRY(der_begin(&out, DER_SEQUENCE, &marks[2], err));
        TRY(ocsp_put_signature(&out, signature, cert, err));
        TRY(der_finish(&out, marks[2], err));
        TRY(der_finish(&out, marks[1], err));
    }
    TRY(der_finish(&out, marks[0], err));
    buf_move(ret, &out);
    return 0;
}
