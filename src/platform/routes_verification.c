/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to verifications and back. What holds is decided in verification.c. */
#include "platform/handlers.h"
#include "platform/tenant.h"
#include "platform/verification.h"
#include "x509/holder.h"

#include <stdio.h>
#include <string.h>

/* RFC 6750, 2.1. */
static int bearer_of(const struct http_call *call, struct tenant *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct platform *platform = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a tenant's key is needed: Authorization: Bearer KEY");
    return tenant_of_key(platform->store, value + strlen(scheme), ret, err);
}

static int check_tenant(const struct http_call *call, struct err *err)
{
    struct tenant tenant;

    return bearer_of(call, &tenant, err);
}

const struct http_access platform_tenant_access = {
    "tenant", check_tenant, "With a tenant's key: Authorization: Bearer KEY.", .is_bearer = true};

static int read_digest(const struct json *json, struct digest *ret, struct err *err)
{
    static const enum digest_alg taken[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const char *alg;

    TRY(json_get_text(json, "alg", &alg, err));
    TRY(json_get_base64(json, "value", &value, err));
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(alg, digest_name(taken[i])) != 0)
            continue;
        if (value.len != digest_size(taken[i]))
            return FAIL(err, ERR_INPUT, "value has %zu octets, which is no %s", value.len, alg);
        *ret = (struct digest){.alg = taken[i], .len = value.len};
        memcpy(ret->value, value.ptr, value.len);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "alg is SHA-256, SHA-384 or SHA-512");
}

/* EYYYYMMDD as YYYY-MM-DD; parts that are not known stay zeros. */
static int put_birth_date(struct json *attributes, struct bytes birth, struct err *err)
{
    char text[sizeof "YYYY-MM-DD"];

    if (birth.len != HOLDER_BIRTH_SIZE - 1)
        return FAIL(err, ERR_SYSTEM, "a birth date of %zu digits passed", birth.len);
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s", (const char *)birth.ptr + 1,
                   (const char *)birth.ptr + 5, (const char *)birth.ptr + 7);
    return json_put_text(attributes, "birth_date", text, err);
}

static const char *sex_of(struct bytes code)
{
    if (bytes_equal(code, BYTES_LITERAL("1")))
        return "male";
    return bytes_equal(code, BYTES_LITERAL("2")) ? "female" : "unknown";
}

static int put_attributes(struct json *body, const struct holder *holder, struct err *err)
{
    CLEANUP(json_freep) struct json *attributes = json_object_new();

    TRY(json_put_bytes(attributes, "name", holder->name, err));
    TRY(json_put_bytes(attributes, "address", holder->address, err));
    TRY(put_birth_date(attributes, holder->birth, err));
    TRY(json_put_text(attributes, "sex", sex_of(holder->sex), err));
    return json_put(body, "attributes", json_steal(&attributes), err);
}

static int put_reasons(struct json *body, const struct report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *reasons = json_array_new();

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(json_add_text(reasons, reason_name(report->reasons[i]), err));
    return json_put(body, "reasons", json_steal(&reasons), err);
}

static int finding_reply(struct http_call *call, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "id", finding->kept.id, err));
    TRY(json_put_text(body, "verdict", finding->kept.verdict, err));
    TRY(put_reasons(body, &finding->report, err));
    if (finding->signer != NULL)
        TRY(put_attributes(body, &x509_cert_tbs(finding->signer)->holder, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

int platform_post_verification(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {.trace_id = call->request.trace_id};
    const struct json *digest;
    struct tenant tenant;
    struct signer *signer;

    TRY(bearer_of(call, &tenant, err));
    request.client_id = tenant.client_id;
    TRY(json_get_object(json, "digest", &digest, err));
    TRY(err_prefix(err, read_digest(digest, &request.digest, err), "digest"));
    TRY(json_get_base64(json, "signature", &signature, err));
    request.signature = buf_bytes(&signature);
    TRY(json_get_text(json, "certificate", &request.certificate, err));
    TRY(platform_signer(call, &signer, err));
    TRY(verification_make(call->context, signer, &request, &finding, err));
    return finding_reply(call, &finding, err);
}

int platform_show_verification(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct verification found;
    struct tenant tenant;

    TRY(bearer_of(call, &tenant, err));
    TRY(platform_get_verification(platform->store, http_param(&call->request, "id"),
                                  tenant.client_id, &found, err));
    TRY(json_put_text(body, "id", found.id, err));
    TRY(json_put_text(body, "verdict", found.verdict, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}
