/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clerk.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Making a key may take a second on a slow machine, and two may be made at once. */
enum { CLERK_TIMEOUT_MS = 60 * 1000, REQUEST_ID_BYTES = 16 };

void clerk_done(struct clerk *clerk)
{
    for (unsigned i = 0; clerk->seats != NULL && i < SEATS_; i++)
        seat_done(&clerk->seats[i]);
    free(clerk->seats);
    clerk->seats = NULL;
    free_text(&clerk->authority);
    free_text(&clerk->card);
}

int clerk_ask(const char *socket, const char *path, const struct json *body,
              struct fetch_response *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response unused = FETCH_RESPONSE_INIT;
    struct fetch_request request = {
        .method = body == NULL ? "GET" : "POST",
        .socket = socket,
        .url = path,
        .body = body,
        .timeout_ms = CLERK_TIMEOUT_MS,
    };
    struct fetch_response *response = ret == NULL ? &unused : ret;

    TRY(fetch(&request, response, err));
    if (ret != NULL && response->json == NULL)
        return FAIL(err, ERR_REMOTE, "%s answers without JSON", path);
    return 0;
}

int clerk_open(const struct layout *layout, const char *control, struct clerk *ret, struct err *err)
{
    ret->seats = calloc(SEATS_, sizeof *ret->seats);
    if (ret->seats == NULL)
        return FAIL_NOMEM(err);
    for (unsigned i = 0; i < SEATS_; i++)
        ret->seats[i] = (struct seat){.layout = layout, .which = (enum seat_of)i};
    TRY(layout_path(layout, "authority/authority.sock", &ret->authority, err));
    if (control != NULL)
        return path_format(&ret->card, err, "%s", control);
    return layout_path(layout, "card/control.sock", &ret->card, err);
}

int clerk_look(const struct clerk *clerk, const char *path, struct fetch_response *ret,
               struct err *err)
{
    struct seat *first = &clerk->seats[SEAT_FIRST];

    TRY(seat_open(first, err));
    return clerk_read(&first->session, path, &ret->json, err);
}

int clerk_order(const struct clerk *clerk, const char *path, const struct json *body,
                struct fetch_response *ret, struct err *err)
{
    CLEANUP(clerk_outcome_done) struct clerk_outcome asked = {.answer = NULL};
    CLEANUP(clerk_outcome_done) struct clerk_outcome confirmed = {.answer = NULL};
    struct clerk_outcome *last = &asked;

    TRY(seat_file(&clerk->seats[SEAT_FIRST], path, body, &asked, err));
    if (asked.is_pending) {
        TRY(seat_confirm(&clerk->seats[SEAT_SECOND], &asked, &confirmed, err));
        last = &confirmed;
    }
    if (ret == NULL)
        return 0;
    if (last->answer == NULL)
        return FAIL(err, ERR_REMOTE, "%s answers without JSON", path);
    ret->status = last->status;
    ret->json = json_steal(&last->answer);
    return 0;
}

int clerk_read_card(const struct clerk *clerk, struct fetch_response *ret, struct issued *issued,
                    bool *ret_personalised, struct err *err)
{
    const struct json *certificates = NULL;
    const char *serial = NULL;

    TRY(clerk_ask(clerk->card, "/v1/card", NULL, ret, err));
    TRY(json_get_text(ret->json, "serial", &serial, err));
    TRY(json_get_bool(ret->json, "personalised", ret_personalised, err));
    TRY(json_get_object(ret->json, "certificates", &certificates, err));
    TRY(json_get_bool(certificates, "sign", &issued->has_sign, err));
    if (strlen(serial) >= sizeof issued->serial ||
        strspn(serial, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") !=
            strlen(serial))
        return FAIL(err, ERR_REMOTE, "the card gives a malformed serial");
    snprintf(issued->serial, sizeof issued->serial, "%s", serial);
    return 0;
}

int clerk_find_resident(const struct clerk *clerk, const char *serial, char **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *text = NULL;

    TRY(path_format(&path, err, "/v1/cards/%s", serial));
    TRY(clerk_look(clerk, path, &card, err));
    TRY(json_get_text(card.json, "resident", &text, err));
    TRY(fetch_escape(&escaped, text, err));
    TRY(buf_text(&escaped, &text, err));
    return path_format(ret, err, "/v1/residents/%s", text);
}

int clerk_make_id(struct buf *ret, const char **ret_text, struct err *err)
{
    uint8_t random[REQUEST_ID_BYTES];

    TRY(rand_fill(random, sizeof random, err));
    TRY(hex_append(ret, BYTES_ARRAY(random), err));
    return buf_text(ret, ret_text, err);
}
