/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/hand.h"

#include "base/file.h"
#include "reader/direct.h"
#include "sandbox/clerk.h"
#include "sandbox/issue.h"
#include "sandbox/state.h"

#include <string.h>

void hand_done(struct hand *hand)
{
    if (hand->keeper != NULL)
        keeper_put_away(hand->keeper, hand->place);
    hand->keeper = NULL;
    free_text(&hand->direct);
    free_text(&hand->control);
}

static bool is_in_reader(const struct layout *layout, const char *name)
{
    CLEANUP(json_freep) struct json *state = NULL;
    const char *plugged = NULL;

    return state_read(layout, &state, NULL) == 0 &&
           json_get_text(state, "plugged", &plugged, NULL) == 0 && strcmp(plugged, name) == 0;
}

static int serve(const struct hand_options *options, const struct persona *persona,
                 struct hand *hand, struct err *err)
{
    const char *dir = options->layout->dir;

    if (options->keeper == NULL)
        return FAIL(err, ERR_REMOTE, "nobody has this card; it is not in the reader");
    TRY(path_format(&hand->direct, err, "%s/phone/%u.direct", dir, options->place));
    TRY(path_format(&hand->control, err, "%s/phone/%u.control", dir, options->place));
    TRY(keeper_take(options->keeper, persona->name, options->place, err));
    hand->keeper = options->keeper;
    hand->place = options->place;
    return 0;
}

int hand_take(const struct hand_options *options, const struct persona *persona, struct hand *ret,
              struct err *err)
{
    struct issued issued = {0};

    if (is_in_reader(options->layout, persona->name)) {
        TRY(layout_path(options->layout, "card/direct.sock", &ret->direct, err));
        TRY(layout_path(options->layout, "card/control.sock", &ret->control, err));
    } else {
        TRY(serve(options, persona, ret, err));
    }
    TRY(issue_own_card(options->layout, ret->control, persona, &issued, err));
    ret->is_new = issued.is_new;
    return 0;
}

int hand_open(const struct hand *hand, struct icc **ret, struct err *err)
{
    struct reader *reader = NULL;

    TRY(direct_connect(hand->direct, &reader, err));
    return icc_open(reader, ret, err);
}

int hand_trouble(const struct hand *hand, const char *name, int64_t value, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, name, value, err));
    return clerk_ask(hand->control, "/v1/trouble", body, NULL, err);
}

int hand_mend(const struct hand *hand, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_bool(body, "inserted", true, err));
    return clerk_ask(hand->control, "/v1/insertion", body, NULL, err);
}
