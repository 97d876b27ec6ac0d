/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/login/login.h"

#include "base/base64.h"
#include "base/rand.h"
#include "base/random_text.h"
#include "crypto/bound.h"
#include "crypto/mac.h"
#include "platform/acts.h"
#include "platform/holder/store.h"
#include "platform/login/auth.h"
#include "platform/login/holder.h"

#include <stdio.h>
#include <string.h>

/* Shown before the PIN is asked for. */
#define CONSOLE_NAME "OpenJPKI TEST console"

enum { CODES = 1000000 };

_Static_assert(LOGIN_NONCE_SIZE == (int)BOUND_NONCE_SIZE, "a login has the nonce of its message");

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

/* Whom the holder of the card is shown: a tenant, or the platform itself. */
static int provider_of(const struct platform *platform, const struct login *login,
                       struct tenant *ret, struct err *err)
{
    if (!login->is_console)
        return platform_get_tenant(platform->store, login->client_id, ret, err);
    *ret = (struct tenant){.client_id = LOGIN_CONSOLE_CLIENT, .name = CONSOLE_NAME};
    (void)snprintf(ret->origin, sizeof ret->origin, "%s", platform->origin);
    return 0;
}

/* With whom and what comes with it as they are in *opened. */
static int open_login(const struct platform *platform, struct opened_login *opened, struct err *err)
{
    struct login *login = &opened->login;
    int64_t now = clock_now(platform->clock);

    login->expires_at = now + LOGIN_SECONDS;
    TRY(provider_of(platform, login, &opened->tenant, err));
    TRY(random_text(login->session, sizeof login->session, err));
    TRY(random_text(opened->secret, sizeof opened->secret, err));
    TRY(rand_fill(login->nonce, sizeof login->nonce, err));
    TRY(make_code(login->code, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(opened->secret), &login->secret, err));
    return platform_open_login(platform->store, login, now, err);
}

int login_open(const struct platform *platform, const char *client_id, struct opened_login *ret,
               struct err *err)
{
    struct opened_login opened = {.secret = ""};
    struct tenant tenant;

    TRY(platform_get_tenant(platform->store, client_id, &tenant, err));
    memcpy(opened.login.client_id, tenant.client_id, sizeof opened.login.client_id);
    TRY(open_login(platform, &opened, err));
    *ret = opened;
    return 0;
}

int login_open_console(const struct platform *platform, const struct digest *invitation,
                       struct opened_login *ret, struct err *err)
{
    struct opened_login opened = {.login = {.client_id = LOGIN_CONSOLE_CLIENT, .is_console = true}};

    if (invitation != NULL)
        opened.login.invitation = *invitation;
    TRY(open_login(platform, &opened, err));
    *ret = opened;
    return 0;
}

/* A login that can still be answered. */
static int get_open(const struct platform *platform, const char *session, struct login *ret,
                    struct err *err)
{
    struct login login;

    TRY(platform_get_login(platform->store, session, &login, err));
    if (clock_now(platform->clock) > login.expires_at)
        return FAIL(err, ERR_ABSENT, "the %d seconds of this login are over; open a new one",
                    LOGIN_SECONDS);
    if (login.is_answered)
        return FAIL(err, ERR_CONFLICT, "this login was answered already");
    *ret = login;
    return 0;
}

int login_get(const struct platform *platform, const char *session, struct opened_login *ret,
              struct err *err)
{
    struct opened_login found = {.secret = ""};

    TRY(get_open(platform, session, &found.login, err));
    TRY(provider_of(platform, &found.login, &found.tenant, err));
    found.login.code[0] = '\0';
    *ret = found;
    return 0;
}

/* Whoever opened a login, or answers it: by the client it is for, which nobody had to prove. */
static struct audit_origin visitor(const struct platform *platform, const struct login *login,
                                   const char *trace_id)
{
    return audit_by_role(clock_now(platform->clock), "client", login->client_id, trace_id);
}

/*
 * An address that was passed on proves nothing: whoever opened a login could collect the answer of
 * somebody else. So an answer comes from the opener, or from somebody who saw the opener's screen.
 */
static int check_opener(const struct platform *platform, const struct login *login,
                        const struct login_answer *answer, struct err *err)
{
    const struct audit_origin by = visitor(platform, login, answer->trace_id);
    struct digest secret;

    if (answer->secret == NULL && answer->code == NULL)
        return FAIL(err, ERR_DENIED,
                    "this login was opened by somebody else: give the code that is shown there, "
                    "and only if you opened it yourself");
    if (answer->secret == NULL)
        return platform_check_code(platform->store, login->session, answer->code, &by, err);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(answer->secret), &secret, err));
    if (!bytes_equal_secret(digest_bytes(&secret), digest_bytes(&login->secret)))
        return FAIL(err, ERR_DENIED, "this is not the secret of whoever opened the login");
    return 0;
}

/* What the card must have signed. */
static struct bound message_of(const struct platform *platform, const struct login *login)
{
    return (struct bound){.origin = platform->origin,
                          .client_id = login->client_id,
                          .session = login->session,
                          .nonce = BYTES_ARRAY(login->nonce),
                          .expires_at = login->expires_at};
}

/* What is found about the card's answer; a verdict of "no" is in the audit log. */
static int judge_card(const struct platform *platform, struct signer *signer,
                      const struct login *login, const struct login_answer *answer,
                      struct signature_report *ret, struct err *err)
{
    const struct audit_origin by = visitor(platform, login, answer->trace_id);
    const struct bound message = message_of(platform, login);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct auth_claim claim = {.tenant = login->is_console ? NULL : login->client_id,
                               .bound = &message,
                               .signature = answer->signature};
    struct platform_outcome outcome;
    struct err refusal = {0};

    TRY(platform_open_certificate(platform, signer, answer->certificate, &der, err));
    claim.certificate = buf_bytes(&der);
    TRY(auth_find(platform, signer, &claim, ret, err));
    if (auth_judge(&ret->report, &refusal) == 0)
        return 0;
    if (refusal.kind == ERR_UNTRUSTED) {
        TRY(platform_outcome(ret, &outcome, err));
        TRY(platform_note_refusal(platform->store, login->session, outcome.text, &by, err));
    }
    return err_copy(err, &refusal);
}

int login_answer(const struct platform *platform, struct signer *signer,
                 const struct login_answer *answer, struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report found = SIGNATURE_REPORT_INIT;
    struct platform_outcome outcome;
    struct audit_origin by;
    struct holder_key who;
    struct login login;

    TRY(get_open(platform, answer->session, &login, err));
    TRY(check_opener(platform, &login, answer, err));
    TRY(judge_card(platform, signer, &login, answer, &found, err));
    TRY(platform_outcome(&found, &outcome, err));
    who = (struct holder_key){x509_cert_tbs(found.signer)->authority_key_id,
                              x509_cert_tbs(found.signer)->serial};
    by = visitor(platform, &login, answer->trace_id);
    TRY(holder_recognise(platform, signer, &who, login.session, &by, err));
    return platform_answer_login(platform->store, login.session, &who, outcome.text, &by, err);
}

/*
 * HMAC of a random id, by a key of the provider's own: no two providers can compare their users,
 * and nothing in a certificate leads here.
 */
int login_subject(const struct platform *platform, const char *client_id,
                  const uint8_t holder[HOLDER_ID_SIZE], char ret[LOGIN_SUBJECT_SIZE],
                  struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct bytes client[] = {
        BYTES_LITERAL("OpenJPKI pseudonym v1"), bytes_text(client_id), {NULL, 0}};
    const struct bytes person[] = {bytes_of(holder, HOLDER_ID_SIZE), {NULL, 0}};
    struct digest mac;

    TRY(mac_derive(&platform->pseudonym_key, client, &key, err));
    TRY(mac_compute(&key, person, &mac, err));
    TRY(base64_append(&text, BASE64_URL, digest_bytes(&mac), err));
    _Static_assert(LOGIN_SUBJECT_SIZE == 44, "32 octets in base64url and a NUL");
    memcpy(ret, text.ptr, LOGIN_SUBJECT_SIZE - 1);
    ret[LOGIN_SUBJECT_SIZE - 1] = '\0';
    return 0;
}

int login_redeem(const struct platform *platform, const char *session, const char *secret,
                 const char *trace_id, char ret_subject[LOGIN_SUBJECT_SIZE], struct err *err)
{
    struct audit_origin by;
    uint8_t holder[HOLDER_ID_SIZE];
    char subject[LOGIN_SUBJECT_SIZE];
    struct digest hash;
    struct login login;
    const struct holder_shown shown = {login.client_id, subject, holder, NULL};

    TRY(digest_compute(DIGEST_SHA256, bytes_text(secret), &hash, err));
    TRY(platform_get_login(platform->store, session, &login, err));
    by = visitor(platform, &login, trace_id);
    TRY(platform_redeem_login(platform->store, session, &hash, &by, holder, err));
    TRY(login_subject(platform, login.client_id, holder, subject, err));
    TRY(platform_show_holder(platform->store, &shown, &by, err));
    memcpy(ret_subject, subject, sizeof subject);
    return 0;
}
