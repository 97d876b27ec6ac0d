/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/codes.h"

#include "base/base64.h"
#include "fetch/fetch.h"

#include <string.h>

enum { TIMEOUT_MS = 10000, ANSWER_MAX = 64 * 1024 };

static int make_question(const char *person_reference, const char *const *bodies, size_t count,
                         struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    TRY(json_put_text(body, "person_reference", person_reference, err));
    for (size_t i = 0; i < count; i++)
        TRY(json_add_text(list, bodies[i], err));
    TRY(json_put(body, "bodies", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

static int read_code(const struct json *item, const char *body, uint8_t ret[PORTAL_CODE_SIZE],
                     struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    const char *text = NULL;

    TRY(json_get_text(item, "body", &text, err));
    if (strcmp(text, body) != 0)
        return FAIL(err, ERR_INPUT, "a code for another body");
    TRY(json_get_text(item, "code", &text, err));
    TRY(base64_decode(BASE64_URL, bytes_text(text), &octets, err));
    if (octets.len != PORTAL_CODE_SIZE)
        return FAIL(err, ERR_INPUT, "a code of another length");
    memcpy(ret, octets.ptr, PORTAL_CODE_SIZE);
    return 0;
}

static int read_answer(const struct json *body, const char *const *bodies, size_t count,
                       uint8_t (*ret)[PORTAL_CODE_SIZE], struct err *err)
{
    const struct json *list = NULL;

    if (body == NULL)
        return FAIL(err, ERR_INPUT, "no JSON");
    TRY(json_get_array(body, "codes", &list, err));
    if (json_count(list) != count)
        return FAIL(err, ERR_INPUT, "another number of codes");
    for (size_t i = 0; i < count; i++)
        TRY(read_code(json_at(list, i), bodies[i], ret[i], err));
    return 0;
}

int codes_ask(const struct portal *portal, const char *person_reference, const char *const *bodies,
              size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE], struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *question = NULL;
    struct fetch_request request = {.socket = portal->register_socket,
                                    .url = "/v1/exchange-codes",
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};
    struct err why = {0};
    int rc;

    TRY(make_question(person_reference, bodies, count, &question, err));
    request.body = question;
    rc = fetch(&request, &response, &why);
    if (rc == 0)
        rc = read_answer(response.json, bodies, count, ret, &why);
    else if (rc == -ERR_UNTRUSTED || rc == -ERR_ABSENT || rc == -ERR_CONFLICT || rc == -ERR_INPUT)
        return FAIL(err, ERR_UNTRUSTED, "the register does not know whose login this is");
    if (rc == -ERR_NOMEM)
        return err_copy(err, &why);
    return rc < 0 ? FAIL(err, ERR_REMOTE, "the register does not say whose login this is") : 0;
}
