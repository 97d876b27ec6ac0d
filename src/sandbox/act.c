/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/act.h"

#include "base/file.h"
#include "sandbox/clerk.h"
#include "sandbox/new_sign.h"

#include <stdio.h>
#include <string.h>

/* The register decides what an act means; what is needed here is where to send it. */
static const struct row {
    const char *name;
    bool is_of_card;
    bool changes_sign; /* what the sign certificate says: there is another one at once */
} rows[] = {
    {"move-out", false, false}, {"move-in", false, true},     {"name", false, true},
    {"sex", false, true},       {"stay", false, false},       {"abroad", false, false},
    {"death", false, false},    {"keep", true, false},        {"loss", true, false},
    {"found", true, false},     {"reissue", true, false},     {"return", true, false},
    {"renew", true, false},     {"revoke-sign", true, false}, {"revoke", true, false},
    {"leak", true, false},      {"pin-reset", true, false},
};

/* What is told under the names of the register. */
struct member {
    const char *name, *value;
    bool is_attribute; /* the resident has it afterwards */
};

enum { MEMBERS = 7 };

static void list_members(const struct act_told *told, struct member ret[MEMBERS])
{
    const struct member members[MEMBERS] = {
        {"name", told->name, true},
        {"address", told->address, true},
        {"municipality", told->municipality, true},
        {"sex", told->sex, true},
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

static int record(const struct clerk *clerk, const char *path, const struct act_told *told,
                  struct acted *acted, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct member members[MEMBERS];
    const char *text = NULL;

    TRY(clerk_make_id(&id, &text, err));
    TRY(json_put_text(body, "request_id", text, err));
    TRY(json_put_text(body, "act", told->act, err));
    list_members(told, members);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].value != NULL)
            TRY(json_put_text(body, members[i].name, members[i].value, err));
    }
    TRY(clerk_order(clerk, path, body, &answer, err));
    return copy_text(answer.json, "revocation", acted->revocation, err);
}

static int act_on_card(const struct clerk *clerk, const struct act_told *told, struct acted *acted,
                       struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "/v1/cards/%s/acts", acted->card.serial));
    return record(clerk, path, told, acted, err);
}

static int act_on_resident(const struct clerk *clerk, const struct row *row,
                           const struct act_told *told, struct acted *acted, struct err *err)
{
    CLEANUP(free_text) char *resident = NULL;
    CLEANUP(free_text) char *path = NULL;
    bool needs_sign = row->changes_sign && acted->card.has_sign;
    bool was_recorded = false;

    TRY(clerk_find_resident(clerk, acted->card.serial, &resident, err));
    TRY(path_format(&path, err, "%s/acts", resident));
    if (row->changes_sign)
        TRY(is_recorded(clerk, resident, told, &was_recorded, err));
    if (!was_recorded) {
        if (needs_sign)
            TRY(new_sign_prepare(clerk, err));
        TRY(record(clerk, path, told, acted, err));
    }
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

/* What the card in the reader needs now. */
static int finish_card(const struct clerk *clerk, const struct persona *persona,
                       const struct row *row, const struct act_told *told, struct acted *acted,
                       struct err *err)
{
    bool is_active = strcmp(acted->state, "active") == 0;

    acted->has_new_sign = row->changes_sign && acted->card.has_sign && is_active;
    if (acted->has_new_sign)
        TRY(new_sign_finish(clerk, acted->card.serial, err));
    return told->pin == NULL ? 0 : reset_pin(clerk, persona, told->pin, err);
}

int act_on_persona(const struct layout *layout, const struct persona *persona,
                   const struct act_told *told, struct acted *ret, struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    struct acted acted = {.revocation = "done"};
    const struct row *row;
    bool is_personalised = false;

    TRY(find_row(told->act, &row, err));
    TRY(clerk_open(layout, NULL, &clerk, err));
    TRY(clerk_read_card(&clerk, &card, &acted.card, &is_personalised, err));
    if (!is_personalised)
        return FAIL(err, ERR_ABSENT,
                    "there is no card yet: make one with 'jpki-sandbox persona card'");
    TRY(row->is_of_card ? act_on_card(&clerk, told, &acted, err)
                        : act_on_resident(&clerk, row, told, &acted, err));
    TRY(read_state(&clerk, &acted, err));
    TRY(finish_card(&clerk, persona, row, told, &acted, err));
    *ret = acted;
    return 0;
}
