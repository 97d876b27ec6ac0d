/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/authority.h"

#include "fetch/fetch.h"
#include "programs/output.h"

#include <stdio.h>

enum { ANSWER_MAX = 4 * 1024 * 1024 };

int authority_ask_about(const struct authority_options *options,
                        const struct authority_question *question, struct json **ret,
                        struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_request request = {.socket = options->socket,
                                    .method = question->method,
                                    .body = question->body,
                                    .limit = ANSWER_MAX};

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    TRY(buf_append_text(&url, question->path, err));
    if (question->name != NULL)
        TRY(fetch_escape(&url, question->name, err));
    TRY(buf_append_text(&url, question->rest, err));
    TRY(buf_text(&url, &request.url, err));
    TRY(fetch(&request, &response, err));
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is not JSON");
    *ret = json_steal(&response.json);
    return 0;
}

int party_show(const struct authority_options *options, const struct json *party, struct err *err)
{
    struct err why = {0};
    const char *name;
    const char *title;
    const char *state;

    if (options->json)
        return output_json(party, err);
    if (json_get_text(party, "name", &name, &why) < 0 ||
        json_get_text(party, "title", &title, &why) < 0 ||
        json_get_text(party, "state", &state, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    printf("%-24s  %-10s  %s\n", name, state, title);
    return 0;
}
