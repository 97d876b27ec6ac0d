/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerks of the register. Their cards come from elsewhere, as a first clerk's does: the authority
 * certifies the keys at the sandbox's word, before there is a register. The first one is then made
 * by bootstrap and adds the second, who gives the first one the roles for the counter.
 */
#include "sandbox/setup.h"

#include "base/caltime.h"
#include "base/file.h"
#include "sandbox/clerk.h"
#include "sandbox/clock_file.h"
#include "sandbox/seat.h"
#include "sandbox/setup_parts.h"

#include <unistd.h>

enum { CARD_DAYS = 5 * 365 - 30, CHALLENGE_FILE_MAX = 256 };

static int make_card(struct roster *roster, enum seat_of which, struct err *err)
{
    static const enum identity identities[SEATS_] = {
        [SEAT_FIRST] = IDENTITY_FIRST_CLERK, [SEAT_SECOND] = IDENTITY_SECOND_CLERK};
    CLEANUP(free_text) char *card = NULL;

    TRY(path_format(&card, err, "%s/clerks/%s/card", roster->layout->dir, seat_rows[which].folder));
    if (setup_exists(card))
        return 0;
    struct tool make = {.program = "jpki-softcard",
                        .words = {"make", "--output", card},
                        .identity = identities[which]};
    return setup_run(roster, &make, err);
}

int setup_first_clerk(struct roster *roster, struct err *err)
{
    return make_card(roster, SEAT_FIRST, err);
}

int setup_second_clerk(struct roster *roster, struct err *err)
{
    return make_card(roster, SEAT_SECOND, err);
}

/* A card on its way to be a clerk's. */
struct making {
    const struct roster *roster;
    enum seat_of which;
    char *control, *authority; /* sockets */
    int64_t not_after;
    struct json *certificates; /* members of its personalisation */
};

static void making_done(struct making *making)
{
    free_text(&making->control);
    free_text(&making->authority);
    json_freep(&making->certificates);
}

/* The end of a day in Japan, a month short of five years from now. */
static int last_second(const struct layout *layout, int64_t *ret, struct err *err)
{
    struct caltime end;
    int64_t offset = 0;

    TRY(clock_file_read(layout, &offset, err));
    end = caltime_at(clock_now(&clock_system) + offset + CARD_DAYS * (int64_t)86400,
                     JST_OFFSET_SECONDS);
    end.hour = 23;
    end.minute = 59;
    end.second = 59;
    *ret = caltime_utc(end, JST_OFFSET_SECONDS);
    return 0;
}

static int put_holder(struct json *body, const struct seat_row *row, struct err *err)
{
    const struct {
        const char *name, *value;
    } texts[] = {
        {"name", row->name},
        {"birth", row->birth},
        {"sex", "3"},
        {"address", "東京都千代田区見本町九丁目１番"},
        {"name_substitutes", "00000"},
        {"address_substitutes", "000000000000000"},
    };
    CLEANUP(json_freep) struct json *holder = json_object_new();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(json_put_text(holder, texts[i].name, texts[i].value, err));
    TRY(json_put_text(body, "municipality", "Chiyoda-ku", err));
    return json_put(body, "holder", json_steal(&holder), err);
}

/* The same request_id each time: what was cut off goes on with the certificate of then. */
static int put_question(const struct making *making, const char *kind, const char *request,
                        struct json *body, struct err *err)
{
    const struct seat_row *row = &seat_rows[making->which];
    CLEANUP(free_text) char *id = NULL;

    TRY(path_format(&id, err, "clerk-%s-%s", row->folder, kind));
    TRY(json_put_text(body, "request_id", id, err));
    TRY(json_put_text(body, "kind", kind, err));
    TRY(json_put_text(body, "request", request, err));
    TRY(json_put_int(body, "not_after", making->not_after, err));
    TRY(json_put_text(body, "prefecture", "Tokyo-to", err));
    TRY(json_put_text(body, "window_id", "131010001", err));
    return kind[0] == 's' ? put_holder(body, row, err) : 0;
}

/* A key that was made before is kept: the authority may know its request already. */
static int request_for(const struct making *making, const struct json *card, const char *kind,
                       struct fetch_response *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct json *keys = NULL;
    bool is_made = false;

    TRY(json_put_text(body, "key", kind, err));
    TRY(json_get_object(card, "keys", &keys, err));
    TRY(json_get_bool(keys, kind, &is_made, err));
    if (!is_made)
        TRY(clerk_ask(making->control, "/v1/keys", body, NULL, err));
    return clerk_ask(making->control, "/v1/requests", body, ret, err);
}

static int certify(struct making *making, const struct json *card, const char *kind,
                   struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response request = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response issued = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *ca = NULL;
    const char *text = NULL;

    TRY(request_for(making, card, kind, &request, err));
    TRY(json_get_text(request.json, "request", &text, err));
    TRY(put_question(making, kind, text, body, err));
    TRY(clerk_ask(making->authority, "/v1/certificates", body, &issued, err));
    TRY(path_format(&ca, err, "%s_ca", kind));
    TRY(json_get_text(issued.json, "certificate", &text, err));
    TRY(json_put_text(making->certificates, kind, text, err));
    TRY(json_get_text(issued.json, "ca_certificate", &text, err));
    return json_put_text(making->certificates, ca, text, err);
}

static int personalise_card(struct making *making, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *pins = json_object_new();

    TRY(json_put_text(pins, "auth", SEAT_AUTH_PIN, err));
    TRY(json_put_text(pins, "sign", SEAT_SIGN_PIN, err));
    TRY(json_put_text(body, "kind", "plastic", err));
    TRY(json_put(body, "certificates", json_steal(&making->certificates), err));
    TRY(json_put(body, "pins", json_steal(&pins), err));
    return clerk_ask(making->control, "/v1/personalisation", body, NULL, err);
}

static int issue_to(const struct roster *roster, enum seat_of which, struct err *err)
{
    CLEANUP(making_done)
    struct making making = {.roster = roster, .which = which, .certificates = json_object_new()};
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    const char *dir = roster->layout->dir;
    bool is_personalised = false;

    TRY(path_format(&making.control, err, "%s/clerks/%s/control", dir, seat_rows[which].folder));
    TRY(path_format(&making.authority, err, "%s/authority/authority.sock", dir));
    TRY(clerk_ask(making.control, "/v1/card", NULL, &card, err));
    TRY(json_get_bool(card.json, "personalised", &is_personalised, err));
    if (is_personalised)
        return 0;
    TRY(last_second(roster->layout, &making.not_after, err));
    TRY(certify(&making, card.json, "auth", err));
    TRY(certify(&making, card.json, "sign", err));
    return personalise_card(&making, err);
}

static int read_challenge(const char *path, struct buf *ret, const char **ret_text, struct err *err)
{
    TRY(file_read(path, CHALLENGE_FILE_MAX, ret, err));
    while (ret->len > 0 && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    return buf_text(ret, ret_text, err);
}

static int write_application(const struct roster *roster, const char *challenge, char **ret_path,
                             struct err *err)
{
    const struct seat seat = {.layout = roster->layout, .which = SEAT_FIRST};
    CLEANUP(json_freep) struct json *application = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(seat_apply(&seat, challenge, &application, err));
    TRY(json_write(application, &text, err));
    return setup_write_conf(roster, "clerk-application.json", &text, ret_path, err);
}

/*
 * A register that has had its first clerk gives no challenge, also if its answer was lost. Whether
 * that is so shows at once, when the first clerk logs in (setup_enrol).
 */
static int make_first_clerk(const struct roster *roster, const char *conf, struct err *err)
{
    const struct tool ask = {.program = "jpki-registerd",
                             .words = {"bootstrap", "--config", conf},
                             .identity = IDENTITY_REGISTER};
    struct tool take = {.program = "jpki-registerd", .identity = IDENTITY_REGISTER};
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *application = NULL;
    CLEANUP(buf_done) struct buf challenge = BUF_INIT;
    const char *text = NULL;

    TRY(layout_path(roster->layout, "clerks/challenge", &path, err));
    (void)unlink(path);
    if (setup_keep(roster, &ask, "clerks/challenge", 0600, NULL) < 0)
        return 0;
    TRY(read_challenge(path, &challenge, &text, err));
    TRY(write_application(roster, text, &application, err));
    const char *const words[] = {"bootstrap", "--config", conf, "--application", application};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        take.words[i] = words[i];
    return setup_keep(roster, &take, "clerks/first-id", 0600, err);
}

int setup_clerks(const struct roster *roster, const char *conf, struct err *err)
{
    CLEANUP(free_text) char *done = NULL;

    for (unsigned which = 0; which < SEATS_; which++)
        TRY(issue_to(roster, (enum seat_of)which, err));
    TRY(layout_path(roster->layout, "clerks/first-id", &done, err));
    return setup_exists(done) ? 0 : make_first_clerk(roster, conf, err);
}

static int put_roles(struct json *body, const char *const roles[], struct err *err)
{
    CLEANUP(json_freep) struct json *names = json_array_new();

    for (; *roles != NULL; roles++)
        TRY(json_add_text(names, *roles, err));
    return json_put(body, "roles", json_steal(&names), err);
}

static int add_second(struct seat *first, const struct seat *second, struct err *err)
{
    static const char *const roles[] = {"administrator", "approver", NULL};
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(json_freep) struct json *body = NULL;

    TRY(seat_apply(second, NULL, &body, err));
    TRY(put_roles(body, roles, err));
    return seat_file(first, "/v1/clerks", body, &outcome, err);
}

/* Nobody gives himself roles: the second clerk gives the first one those for the counter. */
static int give_roles(struct seat *first, struct seat *second, struct err *err)
{
    static const char *const roles[] = {"administrator", "registrar", "issuer", NULL};
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *path = NULL;

    TRY(seat_open(first, err));
    TRY(put_roles(body, roles, err));
    TRY(path_format(&path, err, "/v1/clerks/%s/roles", first->session.clerk));
    return seat_file(second, path, body, &outcome, err);
}

int setup_enrol(struct roster *roster, struct err *err)
{
    CLEANUP(seat_done) struct seat first = {.layout = roster->layout, .which = SEAT_FIRST};
    CLEANUP(seat_done) struct seat second = {.layout = roster->layout, .which = SEAT_SECOND};
    CLEANUP(free_text) char *done = NULL;

    TRY(layout_path(roster->layout, "clerks/enrolled", &done, err));
    if (setup_exists(done))
        return 0;
    /* Who is a clerk already can log in. */
    if (seat_open(&second, NULL) < 0)
        TRY(add_second(&first, &second, err));
    TRY(give_roles(&first, &second, err));
    return file_replace(done, 0600, bytes_text("1\n"), err);
}
