/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/move.h"

#include "base/file.h"
#include "sandbox/clerk.h"
#include "sandbox/new_sign.h"

#include <stdio.h>
#include <string.h>

static int lives_there(const struct clerk *clerk, const char *resident, const struct new_home *home,
                       bool *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    const char *municipality = NULL;
    const char *address = NULL;

    TRY(clerk_look(clerk, resident, &answer, err));
    TRY(json_get_text(answer.json, "address", &address, err));
    TRY(json_get_text(answer.json, "municipality", &municipality, err));
    *ret = strcmp(address, home->address) == 0 && strcmp(municipality, home->municipality) == 0;
    return 0;
}

static int record_move(const struct clerk *clerk, const char *resident, const struct new_home *home,
                       char ret_revocation[MOVED_TEXT_SIZE], struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *text = NULL;

    TRY(clerk_make_id(&id, &text, err));
    TRY(json_put_text(body, "request_id", text, err));
    TRY(json_put_text(body, "address", home->address, err));
    TRY(json_put_text(body, "municipality", home->municipality, err));
    TRY(path_format(&path, err, "%s/moves", resident));
    TRY(clerk_order(clerk, path, body, &answer, err));
    TRY(json_get_text(answer.json, "revocation", &text, err));
    if (strlen(text) >= MOVED_TEXT_SIZE)
        return FAIL(err, ERR_REMOTE, "the register tells of the revocation in a word too long");
    (void)snprintf(ret_revocation, MOVED_TEXT_SIZE, "%s", text);
    return 0;
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
    TRY(clerk_find_resident(&clerk, moved.card.serial, &resident, err));
    TRY(lives_there(&clerk, resident, home, &was_recorded, err));
    if (!was_recorded) {
        if (moved.card.has_sign)
            TRY(new_sign_prepare(&clerk, err));
        TRY(record_move(&clerk, resident, home, moved.revocation, err));
    }
    if (moved.card.has_sign)
        TRY(new_sign_finish(&clerk, moved.card.serial, err));
    *ret = moved;
    return 0;
}
