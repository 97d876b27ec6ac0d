/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/seat.h"

#include "base/file.h"
#include "reader/direct.h"
#include "sandbox/clock_file.h"

const struct seat_row seat_rows[SEATS_] = {
    [SEAT_FIRST] = {"first", "窓口　一葉", "319800401"},
    [SEAT_SECOND] = {"second", "確認　双葉", "319790912"},
};

void seat_done(struct seat *seat)
{
    clerk_session_done(&seat->session);
}

/* The card, for one thing at a time: somebody else may have to use it meanwhile. */
struct card_in_hand {
    struct icc *icc;
    struct secret pin;
    struct clerk_hand hand;
};

static void put_away(struct card_in_hand *card)
{
    icc_freep(&card->icc);
    secret_done(&card->pin);
}

static int take_card(const struct seat *seat, const char *pin, struct card_in_hand *ret,
                     struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    struct reader *reader = NULL;
    int64_t offset = 0;

    TRY(path_format(&path, err, "%s/clerks/%s/direct", seat->layout->dir,
                    seat_rows[seat->which].folder));
    TRY(clock_file_read(seat->layout, &offset, err));
    TRY(secret_copy(bytes_text(pin), &ret->pin, err));
    TRY(direct_connect(path, &reader, err));
    TRY(icc_open(reader, &ret->icc, err));
    ret->hand = (struct clerk_hand){
        .icc = ret->icc, .pin = &ret->pin, .now = clock_now(&clock_system) + offset};
    return 0;
}

int seat_open(struct seat *seat, struct err *err)
{
    CLEANUP(put_away) struct card_in_hand card = {.icc = NULL};
    CLEANUP(free_text) char *socket = NULL;

    if (seat->is_open)
        return 0;
    TRY(layout_path(seat->layout, "register/counter.sock", &socket, err));
    TRY(take_card(seat, SEAT_AUTH_PIN, &card, err));
    TRY(clerk_log_in(socket, SEAT_COUNTER, &card.hand, &seat->session, err));
    seat->is_open = true;
    return 0;
}

int seat_file(struct seat *seat, const char *path, const struct json *body,
              struct clerk_outcome *ret, struct err *err)
{
    CLEANUP(put_away) struct card_in_hand card = {.icc = NULL};
    const struct clerk_order order = {.path = path, .body = body};

    TRY(seat_open(seat, err));
    TRY(take_card(seat, SEAT_SIGN_PIN, &card, err));
    return clerk_file(&seat->session, &card.hand, &order, ret, err);
}

int seat_confirm(struct seat *seat, const struct clerk_outcome *pending, struct clerk_outcome *ret,
                 struct err *err)
{
    CLEANUP(put_away) struct card_in_hand card = {.icc = NULL};

    TRY(seat_open(seat, err));
    TRY(take_card(seat, SEAT_SIGN_PIN, &card, err));
    return clerk_confirm(&seat->session, &card.hand, pending->request_id, pending->digest, ret,
                         err);
}

int seat_apply(const struct seat *seat, const char *challenge, struct json **ret, struct err *err)
{
    CLEANUP(put_away) struct card_in_hand card = {.icc = NULL};
    const struct clerk_wish wish = {
        .origin = "https://register.openjpki.test",
        .challenge = challenge,
        .name = seat_rows[seat->which].name,
        .municipality = SEAT_MUNICIPALITY,
    };

    TRY(take_card(seat, SEAT_SIGN_PIN, &card, err));
    return clerk_apply(&card.hand, &wish, ret, err);
}
