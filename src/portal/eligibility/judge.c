/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/judge.h"

#include "base/hex.h"
#include "fetch/fetch.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 15000, ANSWER_MAX = 64 * 1024 };

static int ask(const struct portal *portal, const char *path, const struct json *body,
               struct fetch_response *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf bearer = BUF_INIT;
    struct fetch_field fields[] = {{"Authorization", NULL}, {NULL, NULL}};
    struct fetch_request request = {.socket = portal->platform.socket,
                                    .url = path,
                                    .body = body,
                                    .fields = body == NULL ? NULL : fields,
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};

    if (portal->platform.socket == NULL)
        return FAIL(err, ERR_REMOTE, "cards are not taken at this portal");
    TRY(buf_append_format(&bearer, err, "Bearer %s", portal->platform.key));
    TRY(buf_text(&bearer, &fields[0].value, err));
    return fetch(&request, ret, err);
}

int eligibility_keys(const struct portal *portal, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;

    if (ask(portal, "/v1/keys", NULL, &response, NULL) < 0 || response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the platform does not tell its keys; try later");
    *ret = json_steal(&response.json);
    return 0;
}

int eligibility_put_issuers(const struct portal *portal, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *issuers = json_array_new();

    for (size_t i = 0; i < portal->issuers.count; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *hex;

        TRY(hex_append(&text, BYTES_ARRAY(portal->issuers.key_ids[i].value), err));
        TRY(buf_text(&text, &hex, err));
        TRY(json_add_text(issuers, hex, err));
    }
    return json_put(body, "issuers", json_steal(&issuers), err);
}

/* ---- asking ---- */

static int put_message(struct json *body, const struct bound *message, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "origin", message->origin, err));
    TRY(json_put_text(object, "client_id", message->client_id, err));
    TRY(json_put_text(object, "session", message->session, err));
    TRY(json_put_base64(object, "nonce", message->nonce, err));
    TRY(json_put_int(object, "expires_at", message->expires_at, err));
    return json_put(body, "message", json_steal(&object), err);
}

static int make_question(const struct shown_card *card, struct json *body, struct err *err)
{
    TRY(json_put_text(body, "certificate", card->certificate, err));
    if (card->signature == NULL)
        return 0;
    TRY(put_message(body, card->bound, err));
    TRY(json_put_text(body, "signature", card->signature, err));
    return json_put_bool(body, "person_reference", true, err);
}

/* What is the card's fault, or the terminal's, stays so. */
static int translate(const struct err *why, struct err *err)
{
    if (why->kind == ERR_INPUT || why->kind == ERR_UNTRUSTED)
        return FAIL(err, ERR_INPUT, "this is no certificate that the platform can read");
    if (why->kind == ERR_CONFLICT || why->kind == ERR_NOMEM)
        return err_copy(err, why);
    return FAIL(err, ERR_REMOTE, "whether the card counts cannot be found out now; try again");
}

/* ---- the verdict ---- */

/* In the words of whoever stands at the terminal. */
static const struct {
    const char *reason, *sentence;
} sentences[] = {
    {"revoked", "the card's certificate was revoked, or is suspended"},
    {"expired", "the card's certificate has expired"},
    {"not-yet-valid", "the card's certificate is not valid yet"},
    {"challenge-expired", "the card's answer came too late; begin again"},
    {"signature-broken", "the card did not sign this: another clinic, lookup or consent, or "
                         "another card"},
    {"issuer-unknown", "the card is from an authority that is not known here"},
};

static void take_reason(const struct json *answer, struct shown_card *card)
{
    const struct json *reasons;
    const char *text = NULL;

    if (json_get_array(answer, "reasons", &reasons, NULL) == 0 && json_count(reasons) > 0)
        text = json_text(json_at(reasons, 0));
    (void)snprintf(card->why, sizeof card->why, "%s", text == NULL ? "unknown" : text);
}

static int fail_verdict(const struct shown_card *card, struct err *err)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (strcmp(sentences[i].reason, card->why) == 0)
            return FAIL(err, ERR_UNTRUSTED, "%s", sentences[i].sentence);
    }
    return FAIL(err, ERR_UNTRUSTED, "the card's certificate does not count: %s", card->why);
}

static int read_verdict(const struct json *answer, struct shown_card *card, struct buf *ret,
                        struct err *err)
{
    const char *verdict = NULL;
    const char *reference = NULL;

    if (answer == NULL || json_get_text(answer, "verdict", &verdict, NULL) < 0 ||
        strcmp(verdict, "indeterminate") == 0)
        return FAIL(err, ERR_REMOTE, "whether the card counts cannot be found out now; try again");
    if (strcmp(verdict, "valid") != 0) {
        take_reason(answer, card);
        return fail_verdict(card, err);
    }
    if (json_get_text(answer, "person_reference", &reference, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform did not say whose card it is");
    return buf_append_text(ret, reference, err);
}

int eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                      struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct err why = {0};

    card->why[0] = '\0';
    TRY(make_question(card, body, err));
    if (ask(portal, card->signature == NULL ? "/v1/presentations" : "/v1/authentications", body,
            &response, &why) < 0)
        return translate(&why, err);
    return read_verdict(response.json, card, ret, err);
}
