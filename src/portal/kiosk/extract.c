/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/extract.h"

#include "fetch/fetch.h"

#include <stdio.h>

enum { TIMEOUT_MS = 10000, ANSWER_MAX = 64 * 1024 };

void extract_done(struct extract *extract)
{
    wipe(extract, sizeof *extract);
}

/* A text that may be missing, and then is "". */
static int take_optional(const struct json *json, const char *key, char *ret, size_t size,
                         struct err *err)
{
    ret[0] = '\0';
    return json_has(json, key) ? json_copy_text(json, key, ret, size, err) : 0;
}

static int read_whole(const struct json *json, struct extract *ret, struct err *err)
{
    const char *birth;

    TRY(json_copy_text(json, "name", ret->name, sizeof ret->name, err));
    TRY(json_copy_text(json, "address", ret->address, sizeof ret->address, err));
    TRY(json_copy_text(json, "sex", ret->sex, sizeof ret->sex, err));
    TRY(json_get_text(json, "birth_date", &birth, err));
    TRY(caldate_parse_iso(birth, &ret->birth, err));
    TRY(take_optional(json, "kana", ret->kana, sizeof ret->kana, err));
    return take_optional(json, "former_name", ret->former_name, sizeof ret->former_name, err);
}

int extract_read(const struct json *json, bool is_whole, struct extract *ret, struct err *err)
{
    if (json == NULL)
        return FAIL(err, ERR_INPUT, "no JSON");
    TRY(json_copy_text(json, "municipality", ret->municipality, sizeof ret->municipality, err));
    return is_whole ? read_whole(json, ret, err) : 0;
}

/* What the person can do something about is told; all else is the register's. */
static int translate(const struct err *why, const char *problem, struct err *err)
{
    if (why->kind == ERR_NOMEM)
        return err_copy(err, why);
    if (strcmp(problem, "urn:openjpki:problem:not-here") == 0)
        return FAIL(err, ERR_CONFLICT, "whoever has left the municipality gets no certificate");
    if (why->kind == ERR_CONFLICT || why->kind == ERR_UNTRUSTED || why->kind == ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "the register does not take this card any more");
    return FAIL(err, ERR_REMOTE, "the register cannot be asked now; try again");
}

int extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                struct extract *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *question = json_object_new();
    char problem[FETCH_PROBLEM_SIZE] = "";
    struct fetch_request request = {.socket = portal->register_socket,
                                    .url = "/v1/extracts",
                                    .body = question,
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX,
                                    .problem = problem};
    struct err why = {0};

    if (portal->register_socket == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no register");
    TRY(json_put_text(question, "person_reference", reference, err));
    TRY(json_put_text(question, "extent", is_whole ? "resident" : "municipality", err));
    if (fetch(&request, &response, &why) < 0)
        return translate(&why, problem, err);
    if (extract_read(response.json, is_whole, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the register gave no extract");
    return 0;
}
