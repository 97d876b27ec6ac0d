/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/login.h"

#include "authapp/client/store.h"
#include "authapp/login/platform.h"
#include "authapp/scope.h"
#include "base/rand.h"
#include "base/random_text.h"
#include "crypto/seal.h"

#include <stdio.h>
#include <string.h>

enum { CODES = 1000000 };

void found_login_done(struct found_login *found)
{
    login_done(&found->login);
    client_done(&found->client);
    json_freep(&found->json);
}

/* Six digits, each code as likely as the next. */
static int make_code(char ret[LOGIN_CODE_SIZE], struct err *err)
{
    const uint32_t fair = UINT32_MAX - UINT32_MAX % CODES;
    uint32_t random;

    do {
        TRY(rand_fill(&random, sizeof random, err));
    } while (random >= fair);
    (void)snprintf(ret, LOGIN_CODE_SIZE, "%06u", (unsigned)(random % CODES));
    return 0;
}

int oidc_login_open(const struct authapp *authapp, const struct client *client,
                    const struct auth_request *request, char ret_session[AUTHAPP_ID_SIZE],
                    char ret_cookie[AUTHAPP_SECRET_SIZE], struct err *err)
{
    CLEANUP(login_done) struct login login = {.request = BUF_INIT};
    char cookie[AUTHAPP_SECRET_SIZE];
    int64_t now = clock_now(authapp->clock);

    memcpy(login.client_id, client->id, sizeof login.client_id);
    login.expires_at = now + AUTHAPP_LOGIN_SECONDS;
    TRY(random_text(login.session, sizeof login.session, err));
    TRY(random_text(cookie, sizeof cookie, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &login.browser, err));
    TRY(rand_fill(login.nonce, sizeof login.nonce, err));
    TRY(make_code(login.code, err));
    TRY(auth_request_write(request, &login.request, err));
    TRY(authapp_open_login(authapp->store, &login, now, err));
    memcpy(ret_session, login.session, sizeof login.session);
    memcpy(ret_cookie, cookie, sizeof cookie);
    return 0;
}

int oidc_login_find(const struct authapp *authapp, const char *session, struct found_login *ret,
                    struct err *err)
{
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};

    TRY(authapp_get_login(authapp->store, session, &found.login, err));
    TRY(authapp_get_client(authapp->store, found.login.client_id, &found.client, err));
    TRY(json_parse(buf_bytes(&found.login.request), &found.json, err));
    TRY(auth_request_restore(found.json, &found.request, err));
    *ret = found;
    found = (struct found_login){.json = NULL};
    return 0;
}

int oidc_login_check_browser(const struct found_login *found, const char *cookie, struct err *err)
{
    struct digest hash;

    if (cookie == NULL)
        return FAIL(err, ERR_DENIED, "this login was opened in another browser");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &hash, err));
    if (!bytes_equal_secret(digest_bytes(&hash), digest_bytes(&found->login.browser)))
        return FAIL(err, ERR_DENIED, "this login was opened in another browser");
    return 0;
}

bool oidc_login_is_late(const struct authapp *authapp, const struct found_login *found)
{
    return found->login.outcome == LOGIN_OPEN &&
           clock_now(authapp->clock) > found->login.expires_at;
}

static struct audit_origin visitor(const struct authapp *authapp, const struct found_login *found,
                                   const char *trace_id)
{
    return audit_by_role(clock_now(authapp->clock), "client", found->client.id, trace_id);
}

/* ---- what the platform said ---- */

/* Why not, for the holder; a reason that is not here is told by its name. */
static const struct {
    const char *reason, *text;
} sentences[] = {
    {"revoked", "the card's certificate was revoked; the municipality's counter knows more"},
    {"signature-broken", "the card did not sign this login: another origin, client, session or "
                         "moment, or another card"},
    {"expired", "the card's certificate has expired"},
    {"not-yet-valid", "the card's certificate is not valid yet"},
    {"issuer-unknown", "the card's certificate is not from a CA that is listed here"},
    {"holders-differ", "the two certificates are not one person's"},
    {"challenge-expired", "the time of this login is over; begin again"},
};

static const char *first_reason(const struct json *found)
{
    const struct json *reasons = NULL;
    const char *text = NULL;

    if (json_get_array(found, "reasons", &reasons, NULL) == 0)
        text = json_text(json_at(reasons, 0));
    return text == NULL ? "" : text;
}

static int refuse(const char *reason, struct err *err)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].reason, reason) == 0)
            return FAIL(err, ERR_UNTRUSTED, "%s", err_message(sentences[i].text));
    return FAIL(err, ERR_UNTRUSTED, "the card's certificate does not count: %.40s", reason);
}

/* What is kept until the browser comes: who it is, and what was asked for. */
static int seal_holder(const struct authapp *authapp, const struct found_login *found,
                       const struct json *verdict, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *kept = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *attributes = NULL;
    const char *reference = NULL;
    const char *holder = NULL;
    struct json *copy = NULL;

    TRY(json_get_text(verdict, "holder", &holder, err));
    TRY(json_put_text(kept, "holder", holder, err));
    if ((found->request.scopes & SCOPE_ATTRIBUTES) != 0) {
        TRY(json_get_object(verdict, "attributes", &attributes, err));
        TRY(json_duplicate(attributes, &copy, err));
        TRY(json_put(kept, "attributes", copy, err));
    }
    if ((found->request.scopes & SCOPE_PERSON_REFERENCE) != 0) {
        TRY(json_get_text(verdict, "person_reference", &reference, err));
        TRY(json_put_text(kept, "person_reference", reference, err));
    }
    TRY(json_write(kept, &text, err));
    return seal_close(&authapp->kept->login_key, bytes_text(found->login.session), buf_bytes(&text),
                      ret, err);
}

/* A verdict as an end of the login, or none: what cannot be found out now may be later. */
static int settle(const struct authapp *authapp, const struct found_login *found,
                  const struct json *verdict, const struct audit_origin *by, struct err *err)
{
    CLEANUP(buf_done) struct buf holder = BUF_INIT;
    const char *word = NULL;
    struct login_end end = {LOGIN_REFUSED, {NULL, 0}, first_reason(verdict)};

    if (json_get_text(verdict, "verdict", &word, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform gave no verdict; try again");
    if (strcmp(word, "invalid") == 0) {
        TRY(authapp_end_login(authapp->store, found->login.session, &end, by, err));
        http_bell_ring(authapp->bell);
        return refuse(end.why, err);
    }
    if (strcmp(word, "valid") != 0)
        return strcmp(end.why, "issuer-unknown") == 0
                   ? refuse(end.why, err)
                   : FAIL(err, ERR_REMOTE,
                          "whether the card's certificate is in force cannot be found out now; try "
                          "later");
    if (seal_holder(authapp, found, verdict, &holder, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform did not say who it is; try again");
    end = (struct login_end){LOGIN_ANSWERED, buf_bytes(&holder), NULL};
    TRY(authapp_end_login(authapp->store, found->login.session, &end, by, err));
    http_bell_ring(authapp->bell);
    return 0;
}

/* ---- the card's answer ---- */

/* What the card must have signed. */
static struct bound message_of(const struct authapp *authapp, const struct found_login *found)
{
    return (struct bound){.origin = authapp->origin,
                          .client_id = found->client.id,
                          .redirect_uri = found->request.redirect_uri,
                          .session = found->login.session,
                          .nonce = BYTES_ARRAY(found->login.nonce),
                          .expires_at = found->login.expires_at};
}

static int check_form(const struct found_login *found, const struct login_answer *answer,
                      struct err *err)
{
    bool has_attributes = (found->request.scopes & SCOPE_ATTRIBUTES) != 0;

    if (answer->certificate == NULL || answer->signature == NULL)
        return FAIL(err, ERR_INPUT, "an answer has certificate and signature, or denied");
    if (has_attributes != (answer->sign != NULL))
        return FAIL(err, ERR_INPUT,
                    has_attributes ? "this login asks for attributes, so the sign key answers, too"
                                   : "this login asks for no attributes: the sign key stays out");
    return 0;
}

static int check_open(const struct authapp *authapp, const struct found_login *found,
                      struct err *err)
{
    if (found->login.outcome != LOGIN_OPEN)
        return FAIL(err, ERR_CONFLICT, "this login was answered already");
    if (oidc_login_is_late(authapp, found))
        return FAIL(err, ERR_ABSENT, "the %d seconds of this login are over; begin again",
                    AUTHAPP_LOGIN_SECONDS);
    return 0;
}

static int cancel(const struct authapp *authapp, const struct found_login *found, const char *why,
                  const struct audit_origin *by, struct err *err)
{
    const struct login_end end = {LOGIN_CANCELLED, {NULL, 0}, why};

    TRY(authapp_end_login(authapp->store, found->login.session, &end, by, err));
    http_bell_ring(authapp->bell);
    return 0;
}

int oidc_login_answer(const struct authapp *authapp, const struct login_answer *answer,
                      struct err *err)
{
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    CLEANUP(json_freep) struct json *verdict = NULL;
    struct card_proof proof = {answer->certificate, answer->signature, answer->sign, false};
    struct audit_origin by;
    struct bound message;

    TRY(oidc_login_find(authapp, answer->session, &found, err));
    TRY(check_open(authapp, &found, err));
    by = visitor(authapp, &found, answer->trace_id);
    if (answer->code == NULL)
        return FAIL(err, ERR_DENIED,
                    "this login was opened by somebody else: give the code that is shown there, "
                    "and only if you opened it yourself");
    TRY(authapp_check_code(authapp->store, found.login.session, answer->code, &by, err));
    if (answer->is_denied)
        return cancel(authapp, &found, "by-holder", &by, err);
    TRY(check_form(&found, answer, err));
    message = message_of(authapp, &found);
    proof.wants_reference = (found.request.scopes & SCOPE_PERSON_REFERENCE) != 0;
    TRY(platform_judge(authapp, &message, &proof, &verdict, err));
    return settle(authapp, &found, verdict, &by, err);
}

int oidc_login_cancel(const struct authapp *authapp, const struct found_login *found,
                      const char *trace_id, struct err *err)
{
    const struct audit_origin by = visitor(authapp, found, trace_id);

    TRY(check_open(authapp, found, err));
    return cancel(authapp, found, "in-browser", &by, err);
}

int oidc_login_holder(const struct authapp *authapp, const struct found_login *found,
                      struct json **ret, struct err *err)
{
    CLEANUP(secret_done) struct secret text = SECRET_INIT;

    if (seal_open(&authapp->kept->login_key, bytes_text(found->login.session),
                  buf_bytes(&found->login.holder), &text, NULL) < 0)
        return FAIL(err, ERR_ABSENT, "this login was answered before a restart; begin again");
    return json_parse(secret_bytes(&text), ret, err);
}
