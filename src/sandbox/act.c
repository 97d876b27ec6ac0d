/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/act.h"

#include "base/file.h"
#include "sandbox/clerk.h"
#include "sandbox/new_certs.h"
#include "sandbox/rewrite.h"

#include <stdio.h>
#include <string.h>

/* Which certificates the card gets with an act. */
enum renewal {
    KEEPS,       /* none */
    NEW_SIGN,    /* what the sign certificate says has changed */
    NEW_ONES,    /* for all it carries */
    WHAT_IS_DUE, /* before the old ones end */
    WHAT_IT_LACKS,
};

/* The register decides what an act means; what is needed here is what to do with the card. */
static const struct row {
    const char *name;
    const char *route; /* NULL: nothing is recorded beside the certificates themselves */
    bool is_of_card;
    enum renewal renewal;
    bool is_printed; /* what it changes is written on the card */
} rows[] = {
    {"move", "moves", false, NEW_SIGN, true},
    {"move-out", "acts", false, KEEPS, false},
    {"move-in", "acts", false, NEW_SIGN, true},
    {"name", "acts", false, NEW_SIGN, true},
    {"sex", "acts", false, NEW_SIGN, true},
    {"birth", "acts", false, NEW_SIGN, true},
    {"naturalisation", "acts", false, NEW_SIGN, true},
    {"stay", "acts", false, KEEPS, true},
    {"abroad", "acts", false, KEEPS, false},
    {"death", "acts", false, KEEPS, false},
    {"keep", "acts", true, KEEPS, false},
    {"loss", "acts", true, KEEPS, false},
    {"found", "acts", true, NEW_ONES, false},
    {"reissue", "acts", true, KEEPS, false},
    {"return", "acts", true, KEEPS, false},
    {"destroy", "acts", true, KEEPS, false},
    {"renew", "acts", true, WHAT_IS_DUE, false},
    {"revoke-sign", "acts", true, KEEPS, false},
    {"revoke", "acts", true, KEEPS, false},
    {"leak", "acts", true, KEEPS, false},
    {"pin-reset", "acts", true, KEEPS, false},
    {"issue", NULL, true, WHAT_IT_LACKS, false},
};

/* What is told under the names of the register. */
struct member {
    const char *name, *value;
    bool is_attribute; /* the resident has it afterwards */
};

enum { MEMBERS = 8 };

static void list_members(const struct act_told *told, struct member ret[MEMBERS])
{
    const struct member members[MEMBERS] = {
        {"name", told->name, true},
        {"address", told->address, true},
        {"municipality", told->municipality, true},
        {"sex", told->sex, true},
        {"birth_date", told->birth_date, true},
        {"date", told->date, false},
        {"stay_until", told->stay_until, false},
        {"pin", told->pin, false},
    };

    memcpy(ret, members, sizeof members);
}

static int find_row(const char *name, const struct row **ret, struct err *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *ret = &rows[i];
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "%s is no act; jpki-sandbox(1) lists them", name);
}

static int copy_text(const struct json *from, const char *key, char ret[ACT_TEXT_SIZE],
                     struct err *err)
{
    const char *text = NULL;

    TRY(json_get_text(from, key, &text, err));
    if (strlen(text) >= ACT_TEXT_SIZE)
        return FAIL(err, ERR_REMOTE, "the register says %s in a word too long", key);
    (void)snprintf(ret, ACT_TEXT_SIZE, "%s", text);
    return 0;
}

/* Whether the resident is as told, and lives here: then the act was recorded before. */
static int is_recorded(const struct clerk *clerk, const char *resident, const struct act_told *told,
                       bool *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    struct member members[MEMBERS];
    const char *text = NULL;
    bool is_told = false;
    bool is_same;

    TRY(clerk_look(clerk, resident, &answer, err));
    TRY(json_get_text(answer.json, "standing", &text, err));
    is_same = strcmp(text, "here") == 0;
    list_members(told, members);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!members[i].is_attribute || members[i].value == NULL)
            continue;
        TRY(json_get_text(answer.json, members[i].name, &text, err));
        is_told = true;
        is_same = is_same && strcmp(text, members[i].value) == 0;
    }
    *ret = is_told && is_same;
    return 0;
}

/* An act on its way. */
struct acting {
    const struct clerk *clerk;
    const struct row *row;
    const struct act_told *told;
    struct acted *acted;
    struct certs_view view; /* before the act */
    char *subject;          /* what it happens to, at the register */
    unsigned wanted;        /* certificates the card gets */
};

static void acting_done(struct acting *acting)
{
    free_text(&acting->subject);
}

static int find_subject(struct acting *acting, struct err *err)
{
    const char *serial = acting->acted->card.serial;

    if (acting->row->is_of_card)
        return path_format(&acting->subject, err, "/v1/cards/%s", serial);
    return clerk_find_resident(acting->clerk, serial, &acting->subject, err);
}

static int record(const struct acting *acting, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct member members[MEMBERS];
    const char *text = NULL;

    if (acting->row->route == NULL)
        return 0; /* that certificates are issued is recorded with them */
    TRY(path_format(&path, err, "%s/%s", acting->subject, acting->row->route));
    TRY(clerk_make_id(&id, &text, err));
    TRY(json_put_text(body, "request_id", text, err));
    if (strcmp(acting->row->route, "acts") == 0)
        TRY(json_put_text(body, "act", acting->told->act, err));
    list_members(acting->told, members);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].value != NULL)
            TRY(json_put_text(body, members[i].name, members[i].value, err));
    }
    TRY(clerk_order(acting->clerk, path, body, &answer, err));
    return copy_text(answer.json, "revocation", acting->acted->revocation, err);
}

static int choose_certificates(struct acting *acting, struct err *err)
{
    const struct certs_view *view = &acting->view;
    const unsigned wanted[] = {
        [KEEPS] = 0,
        [NEW_SIGN] = view->there & CERTS_SIGN,
        [NEW_ONES] = view->there,
        [WHAT_IS_DUE] = view->due | view->renewing,
        [WHAT_IT_LACKS] = view->none | view->asked,
    };

    acting->wanted = wanted[acting->row->renewal];
    if (acting->row->renewal != WHAT_IT_LACKS)
        return 0;
    if (strcmp(view->state, "active") != 0)
        return FAIL(err, ERR_CONFLICT, "the card is %s; it gets no certificates", view->state);
    if (acting->wanted == 0)
        return FAIL(err, ERR_CONFLICT, "the card has all its certificates");
    return 0;
}

/* Whether it was recorded before something interrupted us: keys wait for what it ended. */
static int find_recorded(const struct acting *acting, bool *ret, struct err *err)
{
    const struct certs_view *view = &acting->view;

    if (!acting->row->is_of_card)
        return acting->row->is_printed
                   ? is_recorded(acting->clerk, acting->subject, acting->told, ret, err)
                   : 0;
    *ret = acting->row->renewal == NEW_ONES && strcmp(view->state, "active") == 0 &&
           (acting->wanted & view->waiting) != 0;
    return 0;
}

/* The new ones are on the card when the old ones end: nobody is without. */
static int renew(struct acting *acting, struct err *err)
{
    const struct certs_view *view = &acting->view;
    unsigned put = view->due | (view->renewing & view->waiting);

    TRY(certs_make_keys(acting->clerk, view->due, err));
    TRY(certs_put(acting->clerk, acting->acted->card.serial, put, err));
    acting->acted->new_certs = acting->wanted;
    return record(acting, err);
}

/* Keys whose requests the register may have are kept. */
static int prepare(struct acting *acting, struct err *err)
{
    unsigned kept = acting->row->route == NULL ? acting->view.asked & acting->view.waiting : 0;

    return certs_make_keys(acting->clerk, acting->wanted & ~kept, err);
}

static int record_once(struct acting *acting, struct err *err)
{
    bool was_recorded = false;

    (void)snprintf(acting->acted->revocation, ACT_TEXT_SIZE, "none");
    TRY(find_recorded(acting, &was_recorded, err));
    if (was_recorded) {
        acting->wanted &= acting->view.waiting;
        return 0;
    }
    TRY(prepare(acting, err));
    return record(acting, err);
}

/* What the card in the reader needs now. */
static int finish_card(const struct acting *acting, struct err *err)
{
    struct acted *acted = acting->acted;

    if (strcmp(acted->state, "active") != 0)
        return 0;
    if (acting->row->is_printed) {
        TRY(rewrite_card(acting->clerk, acted->card.serial, err));
        acted->is_rewritten = true;
    }
    TRY(certs_put(acting->clerk, acted->card.serial, acting->wanted, err));
    acted->new_certs = acting->wanted;
    return 0;
}

static int read_state(const struct clerk *clerk, struct acted *acted, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "/v1/cards/%s", acted->card.serial));
    TRY(clerk_look(clerk, path, &answer, err));
    return copy_text(answer.json, "state", acted->state, err);
}

static int act(struct acting *acting, struct err *err)
{
    TRY(find_subject(acting, err));
    TRY(certs_look(acting->clerk, acting->acted->card.serial, &acting->view, err));
    TRY(choose_certificates(acting, err));
    if (acting->told->leaves_card) {
        TRY(record(acting, err));
        return read_state(acting->clerk, acting->acted, err);
    }
    if (acting->row->renewal == WHAT_IS_DUE) {
        TRY(renew(acting, err));
        return read_state(acting->clerk, acting->acted, err);
    }
    TRY(record_once(acting, err));
    TRY(read_state(acting->clerk, acting->acted, err));
    return finish_card(acting, err);
}

/* The value that is published for the person. */
static int reset_pin(const struct clerk *clerk, const struct persona *persona, const char *pin,
                     struct err *err)
{
    const struct {
        const char *name, *value;
    } pins[] = {
        {"auth", persona->pin_auth},
        {"sign", persona->pin_sign},
        {"text", persona->pin_text != NULL ? persona->pin_text : persona->pin_auth},
        {"juki", persona->pin_juki != NULL ? persona->pin_juki : persona->pin_auth},
    };
    CLEANUP(json_freep) struct json *body = json_object_new();

    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (strcmp(pins[i].name, pin) == 0)
            TRY(json_put_text(body, "value", pins[i].value, err));
    }
    TRY(json_put_text(body, "pin", pin, err));
    return clerk_ask(clerk->card, "/v1/pin-reset", body, NULL, err);
}

int act_on_persona(const struct layout *layout, const struct persona *persona,
                   const struct act_told *told, struct acted *ret, struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    struct acted acted = {.revocation = ""};
    CLEANUP(acting_done)
    struct acting acting = {.clerk = &clerk, .told = told, .acted = &acted, .subject = NULL};
    bool is_personalised = false;

    TRY(find_row(told->act, &acting.row, err));
    TRY(clerk_open(layout, told->control, &clerk, err));
    TRY(clerk_read_card(&clerk, &card, &acted.card, &is_personalised, err));
    if (!is_personalised)
        return FAIL(err, ERR_ABSENT,
                    "there is no card yet: make one with 'jpki-sandbox persona card'");
    TRY(act(&acting, err));
    if (told->pin != NULL)
        TRY(reset_pin(&clerk, persona, told->pin, err));
    *ret = acted;
    return 0;
}
