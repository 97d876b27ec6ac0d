/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/member/member.h"

#include "base/random_text.h"
#include "platform/tenant/tenant.h"

#include <stdio.h>
#include <string.h>

const char *const console_states[] = {
    [CONSOLE_WAITING] = "waiting", [CONSOLE_DONE] = "done", [CONSOLE_EXPIRED] = "expired", NULL};

static int read_role(const struct member_inputs *inputs, enum tenant_role *ret, struct err *err)
{
    if (inputs->client_id[0] != '\0')
        return tenant_role_read(inputs->role, ret, err);
    if (strcmp(inputs->role, "operator") != 0)
        return FAIL(err, ERR_INPUT, "the role of an operator's member is operator");
    *ret = ROLE_OWNER;
    return 0;
}

int member_invite(struct platform_store *store, const struct member_inputs *inputs,
                  const struct audit_origin *by, char ret_code[MEMBER_SECRET_SIZE],
                  struct member *ret, struct err *err)
{
    struct member member = {.invited_at = by->at, .ends_at = by->at + INVITATION_SECONDS};
    char code[MEMBER_SECRET_SIZE];
    struct digest hash;

    TRY(tenant_name_check(inputs->name, MEMBER_NAME_MAX, err));
    TRY(read_role(inputs, &member.role, err));
    (void)snprintf(member.client_id, sizeof member.client_id, "%s", inputs->client_id);
    (void)snprintf(member.name, sizeof member.name, "%s", inputs->name);
    TRY(random_text(member.id, sizeof member.id, err));
    TRY(random_text(code, sizeof code, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(code), &hash, err));
    TRY(platform_invite_member(store, &member, &hash, by, err));
    memcpy(ret_code, code, sizeof code);
    *ret = member;
    return 0;
}

int console_open(const struct platform *platform, const char *code, struct opened_login *ret,
                 struct err *err)
{
    struct digest hash;

    if (code == NULL)
        return login_open_console(platform, NULL, ret, err);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(code), &hash, err));
    TRY(platform_check_invitation(platform->store, &hash, clock_now(platform->clock), err));
    return login_open_console(platform, &hash, ret, err);
}

/* Whose login it is; somebody else's browser learns nothing of it, not even that it is over. */
static int check_browser(const struct login *login, const struct digest *secret, struct err *err)
{
    if (!login->is_console ||
        !bytes_equal_secret(digest_bytes(secret), digest_bytes(&login->secret)))
        return FAIL(err, ERR_DENIED, "this browser has not opened that login");
    return 0;
}

static int open_session(const struct platform *platform, const struct console_asking *asking,
                        const struct digest *secret, char ret_token[MEMBER_SECRET_SIZE],
                        struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(platform->clock), "client",
                                                 LOGIN_CONSOLE_CLIENT, asking->trace_id);
    char csrf[MEMBER_SECRET_SIZE];
    char token[MEMBER_SECRET_SIZE];
    struct console_opening opening = {.login = asking->login, .secret = *secret, .csrf = csrf};
    struct digest before;
    struct member member;

    TRY(random_text(token, sizeof token, err));
    TRY(random_text(csrf, sizeof csrf, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(token), &opening.token, err));
    if (asking->before != NULL) {
        TRY(digest_compute(DIGEST_SHA256, bytes_text(asking->before), &before, err));
        opening.ends = &before;
    }
    TRY(platform_open_session(platform->store, &opening, &by, &member, err));
    memcpy(ret_token, token, sizeof token);
    return 0;
}

/* Nobody answered in time, or what became of it was collected. */
static bool is_over(const struct platform *platform, const struct login *login)
{
    return !login->is_answered && clock_now(platform->clock) > login->expires_at;
}

/* *ret is done if the login was answered; ERR_ABSENT if it is not there any more. */
static int look(const struct platform *platform, const struct console_asking *asking,
                const struct digest *secret, enum console_state *ret, struct err *err)
{
    struct login login;

    TRY(platform_get_login(platform->store, asking->login, &login, err));
    TRY(check_browser(&login, secret, err));
    if (is_over(platform, &login))
        return FAIL(err, ERR_ABSENT, "this login is over");
    *ret = login.is_answered ? CONSOLE_DONE : CONSOLE_WAITING;
    return 0;
}

int console_collect(const struct platform *platform, const struct console_asking *asking,
                    enum console_state *ret, char ret_token[MEMBER_SECRET_SIZE], struct err *err)
{
    enum console_state state = CONSOLE_EXPIRED;
    struct digest secret;
    int rc;

    if (asking->secret == NULL)
        return FAIL(err, ERR_DENIED, "this browser has not opened that login");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(asking->secret), &secret, err));
    rc = look(platform, asking, &secret, &state, err);
    if (rc == 0 && state == CONSOLE_DONE)
        rc = open_session(platform, asking, &secret, ret_token, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0 ? state : CONSOLE_EXPIRED;
    return 0;
}
