/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/issue.h"

#include "base/file.h"
#include "sandbox/act.h"
#include "sandbox/clerk.h"
#include "sandbox/personalise.h"
#include "sandbox/records.h"

#include <stdio.h>
#include <string.h>

static int register_resident(const struct clerk *clerk, const struct persona *persona,
                             struct fetch_response *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "name", persona->full_name, err));
    TRY(json_put_text(body, "address", persona->address, err));
    TRY(json_put_text(body, "birth_date", persona->birth_date, err));
    TRY(json_put_text(body, "sex", persona->sex, err));
    TRY(json_put_text(body, "municipality", persona->municipality, err));
    TRY(json_put_text(body, "mynumber", persona->mynumber, err));
    return clerk_order(clerk, "/v1/residents", body, ret, err);
}

/* "2026-11-23T09:00:00+09:00": the day, in Japan. */
static int read_day(const struct json *card, const char *key, struct caldate *ret, struct err *err)
{
    char day[sizeof "2026-11-23"] = "";
    const char *text = NULL;

    TRY(json_get_text(card, key, &text, err));
    (void)snprintf(day, sizeof day, "%s", text);
    return caldate_parse_iso(day, ret, err);
}

/* The card's serial becomes known to the register. */
static int register_card(struct issuing *issuing, const struct issued *issued, struct err *err)
{
    const struct clerk *clerk = issuing->clerk;
    CLEANUP(fetch_response_done) struct fetch_response resident = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    const char *text = NULL;

    TRY(register_resident(clerk, issuing->persona, &resident, err));
    TRY(json_get_text(resident.json, "id", &text, err));
    TRY(json_put_text(body, "resident", text, err));
    TRY(json_put_text(body, "serial", issued->serial, err));
    if (issued->is_further)
        TRY(json_put_bool(body, "further", true, err));
    TRY(clerk_order(clerk, "/v1/cards", body, &card, err));
    TRY(read_day(card.json, "issued_at", &issuing->issued_on, err));
    TRY(json_get_text(card.json, "id", &text, err));
    TRY(fetch_escape(&escaped, text, err));
    TRY(buf_text(&escaped, &text, err));
    return path_format(&issuing->path, err, "/v1/cards/%s", text);
}

/* A key that an interrupted issue had made is kept: the register may know its request already. */
static int request_for(const struct clerk *clerk, const struct json *card, const char *key,
                       struct json *requests, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct json *keys = NULL;
    const char *text = NULL;
    bool is_made = false;

    TRY(json_put_text(body, "key", key, err));
    TRY(json_get_object(card, "keys", &keys, err));
    TRY(json_get_bool(keys, key, &is_made, err));
    if (!is_made)
        TRY(clerk_ask(clerk->card, "/v1/keys", body, NULL, err));
    TRY(clerk_ask(clerk->card, "/v1/requests", body, &answer, err));
    TRY(json_get_text(answer.json, "request", &text, err));
    return json_put_text(requests, key, text, err);
}

static int issue_certificates(struct issuing *issuing, const struct json *card, struct err *err)
{
    const struct clerk *clerk = issuing->clerk;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *certificates = NULL;
    struct json *requests = json_object_new();

    TRY(json_put(body, "requests", requests, err));
    TRY(request_for(clerk, card, "auth", requests, err));
    if (issuing->has_sign)
        TRY(request_for(clerk, card, "sign", requests, err));
    TRY(path_format(&certificates, err, "%s/certificates", issuing->path));
    return clerk_order(clerk, certificates, body, &issuing->certificates, err);
}

static int have_certificates(struct issuing *issuing, const struct json *card, struct err *err)
{
    issuing->has_sign = !issuing_is_of_face(issuing);
    int rc = issue_certificates(issuing, card, err);
    /* Who is too young for a sign certificate is the register's to say (403). */
    if (err_kind_of(rc) == ERR_DENIED && issuing->has_sign) {
        issuing->has_sign = false;
        rc = issue_certificates(issuing, card, err);
    }
    return rc;
}

static void issuing_done(struct issuing *issuing)
{
    free_text(&issuing->path);
    fetch_response_done(&issuing->certificates);
}

static int issue_new(const struct clerk *clerk, const struct persona *persona,
                     const struct json *card, struct issued *issued, struct err *err)
{
    CLEANUP(issuing_done)
    struct issuing issuing = {
        .clerk = clerk, .persona = persona, .certificates = FETCH_RESPONSE_INIT};

    TRY(register_card(&issuing, issued, err));
    TRY(have_certificates(&issuing, card, err));
    issued->has_sign = issuing.has_sign;
    return personalise(&issuing, err);
}

/*
 * Also for a card that was personalised when something interrupted us: it may not be active. One
 * that was reported lost, or is over, stays so, and goes into the reader all the same.
 */
static int activate(const struct clerk *clerk, const struct issued *issued, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *known = NULL;
    CLEANUP(free_text) char *path = NULL;
    const char *state = NULL;

    TRY(path_format(&known, err, "/v1/cards/%s", issued->serial));
    TRY(clerk_look(clerk, known, &card, err));
    TRY(json_get_text(card.json, "state", &state, err));
    if (strcmp(state, "issued") != 0)
        return 0;
    TRY(path_format(&path, err, "%s/activation", known));
    return clerk_order(clerk, path, NULL, NULL, err);
}

/* As at the counter; who has moved has not been there with the card. */
static int live_on(const struct layout *layout, const char *control, const struct persona *persona,
                   struct err *err)
{
    const struct act_told told = {.act = persona->since.act,
                                  .name = persona->since.name,
                                  .address = persona->since.address,
                                  .municipality = persona->since.municipality,
                                  .control = control,
                                  .leaves_card = strcmp(persona->since.act, "move") == 0};
    struct acted acted = {.revocation = ""};

    return act_on_persona(layout, persona, &told, &acted, err);
}

static int issue(const struct layout *layout, const char *control, const struct persona *persona,
                 struct issued *issued, struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    bool is_personalised = false;

    TRY(clerk_open(layout, control, &clerk, err));
    TRY(clerk_read_card(&clerk, &card, issued, &is_personalised, err));
    if (!is_personalised) {
        issued->is_new = true;
        TRY(issue_new(&clerk, persona, card.json, issued, err));
    }
    TRY(activate(&clerk, issued, err));
    if (!issued->is_new)
        return 0;
    /* Without the portal nobody holds anything about the holder; the card is one all the same. */
    (void)!records_fill(layout, &clerk, persona, issued->serial, NULL);
    return persona->since.act != NULL ? live_on(layout, control, persona, err) : 0;
}

int issue_card(const struct layout *layout, const char *control, const struct persona *persona,
               struct issued *ret, struct err *err)
{
    struct issued issued = {.is_further = control != NULL};

    TRY(issue(layout, control, persona, &issued, err));
    *ret = issued;
    return 0;
}

int issue_own_card(const struct layout *layout, const char *control, const struct persona *persona,
                   struct issued *ret, struct err *err)
{
    struct issued issued = {.is_further = false};

    TRY(issue(layout, control, persona, &issued, err));
    *ret = issued;
    return 0;
}
