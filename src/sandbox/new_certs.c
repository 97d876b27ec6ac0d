/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/new_certs.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

static const struct {
    unsigned bit;
    const char *name, *ca;
} kinds_of[CERTS_KINDS] = {{CERTS_SIGN, "sign", "sign_ca"}, {CERTS_AUTH, "auth", "auth_ca"}};

/* Kinds by which a member of the card's answer is true. */
static int read_flags(const struct json *card, const char *key, unsigned *ret, struct err *err)
{
    const struct json *flags = NULL;

    TRY(json_get_object(card, key, &flags, err));
    for (int i = 0; i < CERTS_KINDS; i++) {
        bool is_set = false;

        TRY(json_get_bool(flags, kinds_of[i].name, &is_set, err));
        *ret |= is_set ? kinds_of[i].bit : 0;
    }
    return 0;
}

static int read_known(const struct json *card, struct certs_view *view, struct err *err)
{
    const struct {
        const char *word;
        unsigned *bits;
    } rows[] = {
        {"none", &view->none},
        {"asked", &view->asked},
        {"due", &view->due},
        {"renewing", &view->renewing},
    };
    const struct json *certificates = NULL;
    const char *text = NULL;

    TRY(json_get_text(card, "state", &text, err));
    if (strlen(text) >= sizeof view->state)
        return FAIL(err, ERR_REMOTE, "the register says the state in a word too long");
    (void)snprintf(view->state, sizeof view->state, "%s", text);
    TRY(json_get_object(card, "certificates", &certificates, err));
    for (int i = 0; i < CERTS_KINDS; i++) {
        TRY(json_get_text(certificates, kinds_of[i].name, &text, err));
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            if (strcmp(rows[k].word, text) == 0)
                *rows[k].bits |= kinds_of[i].bit & view->there;
        }
    }
    return 0;
}

int certs_look(const struct clerk *clerk, const char *serial, struct certs_view *ret,
               struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response card = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response known = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct certs_view view = {.state = ""};

    TRY(clerk_ask(clerk->card, "/v1/card", NULL, &card, err));
    TRY(read_flags(card.json, "certificates", &view.there, err));
    TRY(read_flags(card.json, "new_keys", &view.waiting, err));
    TRY(path_format(&path, err, "/v1/cards/%s", serial));
    TRY(clerk_look(clerk, path, &known, err));
    TRY(read_known(known.json, &view, err));
    *ret = view;
    return 0;
}

static int ask_key(const struct clerk *clerk, const char *path, const char *kind,
                   struct fetch_response *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "key", kind, err));
    return clerk_ask(clerk->card, path, body, ret, err);
}

int certs_make_keys(const struct clerk *clerk, unsigned kinds, struct err *err)
{
    for (int i = 0; i < CERTS_KINDS; i++) {
        if ((kinds & kinds_of[i].bit) != 0)
            TRY(ask_key(clerk, "/v1/keys", kinds_of[i].name, NULL, err));
    }
    return 0;
}

static int put_requests(const struct clerk *clerk, unsigned kinds, struct json *body,
                        struct err *err)
{
    struct json *requests = json_object_new();

    TRY(json_put(body, "requests", requests, err));
    for (int i = 0; i < CERTS_KINDS; i++) {
        CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
        const char *text = NULL;

        if ((kinds & kinds_of[i].bit) == 0)
            continue;
        TRY(ask_key(clerk, "/v1/requests", kinds_of[i].name, &answer, err));
        TRY(json_get_text(answer.json, "request", &text, err));
        TRY(json_put_text(requests, kinds_of[i].name, text, err));
    }
    return 0;
}

/* Each with its CA's: that may be another than the one on the card. */
static int put_certificates(const struct json *issued, unsigned kinds, struct json *body,
                            struct err *err)
{
    const struct json *given = NULL;

    TRY(json_get_object(issued, "certificates", &given, err));
    for (int i = 0; i < CERTS_KINDS; i++) {
        const char *text = NULL;

        if ((kinds & kinds_of[i].bit) == 0)
            continue;
        TRY(json_get_text(given, kinds_of[i].name, &text, err));
        TRY(json_put_text(body, kinds_of[i].name, text, err));
        TRY(json_get_text(given, kinds_of[i].ca, &text, err));
        TRY(json_put_text(body, kinds_of[i].ca, text, err));
    }
    return 0;
}

int certs_put(const struct clerk *clerk, const char *serial, unsigned kinds, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response issued = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *requests = json_object_new();
    CLEANUP(json_freep) struct json *certificates = json_object_new();
    CLEANUP(free_text) char *path = NULL;

    if (kinds == 0)
        return 0;
    TRY(put_requests(clerk, kinds, requests, err));
    TRY(path_format(&path, err, "/v1/cards/%s/certificates", serial));
    TRY(clerk_order(clerk, path, requests, &issued, err));
    TRY(put_certificates(issued.json, kinds, certificates, err));
    return clerk_ask(clerk->card, "/v1/recertification", certificates, NULL, err);
}
