/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP requests and responses from anybody. What is read lies inside the input. */
#include "fuzz.h"
#include "x509/ocsp.h"

static void must_lie_inside(struct bytes part, struct bytes whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

static void check_signature(const struct ocsp_signature *signature, struct bytes input)
{
    if (signature->cert_count > OCSP_CERTS_MAX)
        abort();
    must_lie_inside(signature->value, input);
    for (size_t i = 0; i < signature->cert_count; i++)
        must_lie_inside(signature->certs[i], input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct ocsp_request request;
    struct ocsp_response response;

    if (ocsp_request_parse(input, &request, NULL) == 0) {
        if (request.count == 0 || request.count > OCSP_SINGLES_MAX ||
            request.nonce.len > OCSP_NONCE_MAX)
            abort();
        for (size_t i = 0; i < request.count; i++)
            must_lie_inside(request.ids[i].der, input);
        must_lie_inside(request.nonce, input);
        must_lie_inside(request.requestor, input);
        check_signature(&request.signature, input);
    }
    if (ocsp_response_parse(input, &response, NULL) == 0 && response.status == OCSP_SUCCESSFUL) {
        if (response.count == 0 || response.count > OCSP_SINGLES_MAX)
            abort();
        for (size_t i = 0; i < response.count; i++)
            must_lie_inside(response.singles[i].id.der, input);
        must_lie_inside(response.tbs, input);
        check_signature(&response.signature, input);
    }
    return 0;
}
