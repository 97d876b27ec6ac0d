/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new key is made before the move is recorded: so whoever lives at the new address already
 * has a card with a new key waiting in it, and an interrupted move goes on with that one. Another
 * would be refused, because the register may have its request.
 */
#include "sandbox/move.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"
#include "sandbox/clerk.h"

#include <stdio.h>
#include <string.h>

enum { REQUEST_ID_BYTES = 16 };

/* Where the card's holder is registered: "/v1/residents/ID". */
static int find_resident(const struct clerk *clerk, const char *serial, char **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *text = NULL;

    TRY(path_format(&path, err, "/v1/cards/%s", serial));
    TRY(clerk_ask(clerk->counter, path, NULL, &card, err));
    TRY(json_get_text(card.json, "resident", &text, err));
    TRY(fetch_escape(&escaped, text, err));
    TRY(buf_text(&escaped, &text, err));
    return path_format(ret, err, "/v1/residents/%s", text);
}

static int lives_there(const struct clerk *clerk, const char *resident, const struct new_home *home,
                       bool *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    const char *municipality = NULL;
    const char *address = NULL;

    TRY(clerk_ask(clerk->counter, resident, NULL, &answer, err));
    TRY(json_get_text(answer.json, "address", &address, err));
    TRY(json_get_text(answer.json, "municipality", &municipality, err));
    *ret = strcmp(address, home->address) == 0 && strcmp(municipality, home->municipality) == 0;
    return 0;
}

static int make_request_id(struct buf *ret, const char **ret_text, struct err *err)
{
    uint8_t random[REQUEST_ID_BYTES];

    TRY(rand_fill(random, sizeof random, err));
    TRY(hex_append(ret, BYTES_ARRAY(random), err));
    return buf_text(ret, ret_text, err);
}

static int record_move(const struct clerk *clerk, const char *resident, const struct new_home *home,
                       char ret_revocation[MOVED_TEXT_SIZE], struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *text = NULL;

    TRY(make_request_id(&id, &text, err));
    TRY(json_put_text(body, "request_id", text, err));
    TRY(json_put_text(body, "address", home->address, err));
    TRY(json_put_text(body, "municipality", home->municipality, err));
    TRY(path_format(&path, err, "%s/moves", resident));
    TRY(clerk_ask(clerk->counter, path, body, &answer, err));
    TRY(json_get_text(answer.json, "revocation", &text, err));
    if (strlen(text) >= MOVED_TEXT_SIZE)
        return FAIL(err, ERR_REMOTE, "the register tells of the revocation in a word too long");
    (void)snprintf(ret_revocation, MOVED_TEXT_SIZE, "%s", text);
    return 0;
}

static int ask_key(const struct clerk *clerk, const char *path, struct fetch_response *ret,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "key", "sign", err));
    return clerk_ask(clerk->card, path, body, ret, err);
}

/* A certificate for the key that waits in the card, with the new address. */
static int renew(const struct clerk *clerk, const char *serial, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response request = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response issued = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *renewed = json_object_new();
    CLEANUP(free_text) char *path = NULL;
    struct json *requests = json_object_new();
    const struct json *given = NULL;
    const char *text = NULL;

    TRY(json_put(body, "requests", requests, err));
    TRY(ask_key(clerk, "/v1/requests", &request, err));
    TRY(json_get_text(request.json, "request", &text, err));
    TRY(json_put_text(requests, "sign", text, err));
    TRY(path_format(&path, err, "/v1/cards/%s/certificates", serial));
    TRY(clerk_ask(clerk->counter, path, body, &issued, err));
    TRY(json_get_object(issued.json, "certificates", &given, err));
    TRY(json_get_text(given, "sign", &text, err));
    TRY(json_put_text(renewed, "sign", text, err));
    return clerk_ask(clerk->card, "/v1/recertification", renewed, NULL, err);
}

int move_resident(const struct layout *layout, const struct new_home *home, struct moved *ret,
                  struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *resident = NULL;
    struct moved moved = {.revocation = "done"};
    bool is_personalised = false;
    bool was_recorded = false;

    TRY(clerk_open(layout, NULL, &clerk, err));
    TRY(clerk_read_card(&clerk, &card, &moved.card, &is_personalised, err));
    if (!is_personalised)
        return FAIL(err, ERR_ABSENT,
                    "there is no card yet: make one with 'jpki-sandbox persona card'");
    TRY(find_resident(&clerk, moved.card.serial, &resident, err));
    TRY(lives_there(&clerk, resident, home, &was_recorded, err));
    if (!was_recorded) {
        if (moved.card.has_sign)
            TRY(ask_key(&clerk, "/v1/keys", NULL, err));
        TRY(record_move(&clerk, resident, home, moved.revocation, err));
    }
    if (moved.card.has_sign)
        TRY(renew(&clerk, moved.card.serial, err));
    *ret = moved;
    return 0;
}
