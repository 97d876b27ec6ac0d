/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/rewrite.h"

#include "base/file.h"

/* The public halves of the keys that the files vouch for. */
static int put_keys(const struct clerk *clerk, struct json *body, struct err *err)
{
    static const struct {
        const char *path, *member;
    } keys[] = {{"/v1/keys/text", "text_key"}, {"/v1/keys/visual", "visual_key"}};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        CLEANUP(fetch_response_done) struct fetch_response key = FETCH_RESPONSE_INIT;
        const char *spki = NULL;

        TRY(clerk_ask(clerk->card, keys[i].path, NULL, &key, err));
        TRY(json_get_text(key.json, "spki", &spki, err));
        TRY(json_put_text(body, keys[i].member, spki, err));
    }
    return 0;
}

/* An object of one answer as a member of another body. */
static int copy_object(const struct json *from, const char *key, struct json *to, const char *as,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *object = NULL;
    struct json *copy = NULL;

    TRY(json_get_object(from, key, &object, err));
    TRY(json_write(object, &text, err));
    TRY(json_parse(buf_bytes(&text), &copy, err));
    return json_put(to, as, copy, err);
}

int rewrite_card(const struct clerk *clerk, const char *serial, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response made = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *order = json_object_new();
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *path = NULL;

    TRY(put_keys(clerk, order, err));
    TRY(path_format(&path, err, "/v1/cards/%s/personal-files", serial));
    TRY(clerk_order(clerk, path, order, &made, err));
    TRY(copy_object(made.json, "files", body, "files", err));
    TRY(copy_object(made.json, "codes", body, "pins", err));
    return clerk_ask(clerk->card, "/v1/rewriting", body, NULL, err);
}
