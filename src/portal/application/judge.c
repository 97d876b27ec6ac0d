/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/judge.h"

#include "base/file.h"
#include "crypto/jwe.h"
#include "crypto/jwk.h"
#include "fetch/fetch.h"
#include "portal/account/codes.h"
#include "portal/portal.h"

#include <string.h>

enum { TIMEOUT_MS = 15000, ANSWER_MAX = 64 * 1024 };

static int ask(const struct portal *portal, const char *path, const struct json *body,
               struct fetch_response *ret, struct err *err)
{
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf bearer = BUF_INIT;
    struct fetch_field fields[] = {{"Authorization", NULL}, {NULL, NULL}};
    struct fetch_request request = {.socket = portal->platform.socket,
                                    .body = body,
                                    .fields = body == NULL ? NULL : fields,
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};
    struct err why = {0};

    if (portal->platform.socket == NULL)
        return FAIL(err, ERR_REMOTE, "signed applications are not taken here");
    TRY(buf_append_format(&bearer, err, "Bearer %s", portal->platform.key));
    TRY(buf_text(&bearer, &fields[0].value, err));
    TRY(path_format(&url, err, "%s", path));
    request.url = url;
    if (fetch(&request, ret, &why) < 0 || ret->json == NULL)
        return FAIL(err, ERR_REMOTE,
                    "whether the signature counts cannot be said now; try again later");
    return 0;
}

/* The certificate, so that only the platform reads it. */
static int encrypt(const struct portal *portal, struct bytes certificate, struct buf *ret,
                   struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    TRY(ask(portal, "/v1/keys", NULL, &response, err));
    if (jwk_set_pick(response.json, JWK_ENCRYPTION, &key, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform has no key to encrypt to");
    return jwe_encrypt(key, certificate, ret, err);
}

static int put_digest(struct json *body, const struct xml_signed *document, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct digest digest;

    TRY(digest_compute(key_kind_digest(document->kind), buf_bytes(&document->signed_info), &digest,
                       err));
    TRY(json_put_text(object, "alg", digest_name(digest.alg), err));
    TRY(json_put_base64(object, "value", digest_bytes(&digest), err));
    return json_put(body, "digest", json_steal(&object), err);
}

static int make_question(const struct portal *portal, const struct xml_signed *document,
                         struct json *body, struct err *err)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    const char *compact;

    TRY(encrypt(portal, buf_bytes(&document->certificate), &jwe, err));
    TRY(buf_text(&jwe, &compact, err));
    TRY(put_digest(body, document, err));
    TRY(json_put_base64(body, "signature", buf_bytes(&document->signature), err));
    if (portal->register_socket != NULL)
        TRY(json_put_bool(body, "person_reference", true, err));
    return json_put_text(body, "certificate", compact, err);
}

/* The four of them, and nothing else that may be there. */
static int read_applicant(const struct json *answer, struct json **ret, struct err *err)
{
    static const char *const names[] = {"name", "address", "birth_date", "sex"};
    CLEANUP(json_freep) struct json *applicant = json_object_new();
    const struct json *attributes;

    TRY(json_get_object(answer, "attributes", &attributes, err));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text;

        TRY(json_get_text(attributes, names[i], &text, err));
        TRY(json_put_text(applicant, names[i], text, err));
    }
    *ret = json_steal(&applicant);
    return 0;
}

static int check_person(const struct portal *portal, const struct applicant *applicant,
                        const struct json *answer, struct err *err)
{
    static const char *const body = PORTAL_BODY;
    uint8_t code[PORTAL_CODE_SIZE];
    struct err why = {0};
    const char *reference;
    int rc;

    if (portal->register_socket == NULL)
        return 0;
    if (!applicant->has_code)
        return FAIL(err, ERR_CONFLICT, "log in once more, so that the portal knows who signs");
    if (json_get_text(answer, "person_reference", &reference, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform did not say whose signature it is");
    rc = codes_ask(portal, reference, &body, 1, &code, &why);
    if (rc < 0 && rc != -ERR_UNTRUSTED)
        return err_copy(err, &why);
    if (rc < 0 || !bytes_equal(BYTES_ARRAY(code), BYTES_ARRAY(applicant->code)))
        return FAIL(err, ERR_UNTRUSTED,
                    "this is the signature of somebody else than who has logged in");
    return 0;
}

int application_judge(const struct portal *portal, const struct xml_signed *document,
                      const struct applicant *applicant, struct json **ret_applicant,
                      struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const char *verdict;

    TRY(make_question(portal, document, body, err));
    TRY(ask(portal, "/v1/verifications", body, &response, err));
    if (json_get_text(response.json, "verdict", &verdict, NULL) < 0 ||
        strcmp(verdict, "indeterminate") == 0)
        return FAIL(err, ERR_REMOTE,
                    "whether the signature counts cannot be said now; try again later");
    if (strcmp(verdict, "valid") != 0)
        return FAIL(err, ERR_UNTRUSTED,
                    "the signature does not count: the certificate has ended, "
                    "or is not one for signatures");
    TRY(check_person(portal, applicant, response.json, err));
    if (read_applicant(response.json, ret_applicant, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform did not say whose signature it is");
    return 0;
}
