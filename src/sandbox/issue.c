/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/issue.h"

#include "base/file.h"
#include "sandbox/clerk.h"

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
    return clerk_ask(clerk->counter, "/v1/residents", body, ret, err);
}

/* The card's serial becomes known to the register; *ret_path is "/v1/cards/ID". */
static int register_card(const struct clerk *clerk, const struct persona *persona,
                         const char *serial, char **ret_path, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response resident = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    const char *text = NULL;

    TRY(register_resident(clerk, persona, &resident, err));
    TRY(json_get_text(resident.json, "id", &text, err));
    TRY(json_put_text(body, "resident", text, err));
    TRY(json_put_text(body, "serial", serial, err));
    TRY(clerk_ask(clerk->counter, "/v1/cards", body, &card, err));
    TRY(json_get_text(card.json, "id", &text, err));
    TRY(fetch_escape(&escaped, text, err));
    TRY(buf_text(&escaped, &text, err));
    return path_format(ret_path, err, "/v1/cards/%s", text);
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

/* path is the card's at the register. */
static int issue_certificates(const struct clerk *clerk, const struct json *card, const char *path,
                              bool with_sign, struct fetch_response *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *certificates = NULL;
    struct json *requests = json_object_new();

    TRY(json_put(body, "requests", requests, err));
    TRY(request_for(clerk, card, "auth", requests, err));
    if (with_sign)
        TRY(request_for(clerk, card, "sign", requests, err));
    TRY(path_format(&certificates, err, "%s/certificates", path));
    return clerk_ask(clerk->counter, certificates, body, ret, err);
}

/* Cards without a sign certificate carry the sign CA's certificate all the same. */
static int put_sign_ca(const struct clerk *clerk, struct json *certificates, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response ca = FETCH_RESPONSE_INIT;
    const char *text = NULL;

    TRY(clerk_ask(clerk->authority, "/v1/cas/sign", NULL, &ca, err));
    TRY(json_get_text(ca.json, "certificate", &text, err));
    return json_put_text(certificates, "sign_ca", text, err);
}

static int personalise(const struct clerk *clerk, const struct persona *persona,
                       const struct json *issued, bool with_sign, struct err *err)
{
    static const char *const names[] = {"auth", "auth_ca", "sign", "sign_ca"};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *certificates = json_object_new();
    const struct json *given = NULL;
    const char *text = NULL;

    TRY(json_put(body, "certificates", certificates, err));
    TRY(json_get_object(issued, "certificates", &given, err));
    for (size_t i = 0; i < (with_sign ? 4 : 2); i++) {
        TRY(json_get_text(given, names[i], &text, err));
        TRY(json_put_text(certificates, names[i], text, err));
    }
    if (!with_sign)
        TRY(put_sign_ca(clerk, certificates, err));
    struct json *pins = json_object_new();
    TRY(json_put(body, "pins", pins, err));
    TRY(json_put_text(pins, "auth", persona->pin_auth, err));
    if (with_sign)
        TRY(json_put_text(pins, "sign", persona->pin_sign, err));
    return clerk_ask(clerk->card, "/v1/personalisation", body, NULL, err);
}

static int issue_new(const struct clerk *clerk, const struct persona *persona,
                     const struct json *card, struct issued *issued, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(register_card(clerk, persona, issued->serial, &path, err));
    issued->has_sign = true;
    int rc = issue_certificates(clerk, card, path, true, &answer, err);
    /* Who is too young for a sign certificate is the register's to say (403). */
    if (err_kind_of(rc) == ERR_DENIED) {
        issued->has_sign = false;
        rc = issue_certificates(clerk, card, path, false, &answer, err);
    }
    TRY(rc);
    return personalise(clerk, persona, answer.json, issued->has_sign, err);
}

/* Also for a card that was personalised when something interrupted us: it may not be active. */
static int activate(const struct clerk *clerk, const struct issued *issued, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "/v1/cards/%s/activation", issued->serial));
    struct fetch_request request = {.method = "POST", .socket = clerk->counter, .url = path};
    return fetch(&request, &response, err);
}

int issue_card(const struct layout *layout, const struct persona *persona, struct issued *ret,
               struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    struct issued issued = {.is_new = false};
    bool is_personalised = false;

    TRY(clerk_open(layout, &clerk, err));
    TRY(clerk_read_card(&clerk, &card, &issued, &is_personalised, err));
    if (!is_personalised) {
        issued.is_new = true;
        TRY(issue_new(&clerk, persona, card.json, &issued, err));
    }
    TRY(activate(&clerk, &issued, err));
    *ret = issued;
    return 0;
}
