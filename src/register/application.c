/* SPDX-License-Identifier: Apache-2.0 */
#include "register/application.h"

#include "register/refusal.h"

#include <string.h>

/* By a program, or in a browser. */
static bool is_ours(const struct desk *desk, const char *origin)
{
    return strcmp(origin, desk->origin) == 0 ||
           (desk->door_origin != NULL && strcmp(origin, desk->door_origin) == 0);
}

/* No difference of the two: at is a stranger's number. */
static int check_frame(const struct counter *counter, const struct json *json, struct err *err)
{
    static const char *const keys[] = {"origin", "challenge",        "name", "municipality",
                                       "window", "auth_certificate", "at",   NULL};
    int64_t now = clock_now(counter->clock);
    const char *origin;
    int64_t at;

    TRY(json_only(json, keys, err));
    TRY(json_get_text(json, "origin", &origin, err));
    TRY(json_get_int(json, "at", &at, err));
    if (!is_ours(counter->desk, origin))
        return refuse(err, REFUSED_ORIGIN);
    if (at < now - APPLICATION_SECONDS || at > now + APPLICATION_SECONDS)
        return refuse(err, REFUSED_STALE);
    return 0;
}

static int take_clerk(const struct counter *counter, const struct json *json, struct clerk *ret,
                      struct err *err)
{
    TRY(json_copy_text(json, "name", ret->name, sizeof ret->name, err));
    TRY(json_copy_text(json, "municipality", ret->municipality, sizeof ret->municipality, err));
    TRY(json_copy_text(json, "window", ret->window, sizeof ret->window, err));
    return clerk_check(ret, counter->municipalities, err);
}

int application_read(const struct counter *counter, const struct application_text *from,
                     struct application *ret, struct err *err)
{
    struct prover prover = desk_prover(counter);
    CLEANUP(x509_cert_freep) struct x509_cert *sign = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    struct application application = {.challenge = ""};

    if (from->text.len > APPLICATION_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "the application has more than %d bytes",
                    APPLICATION_BYTES_MAX);
    TRY(err_prefix(err, json_parse(from->text, &json, err), "application"));
    TRY(check_frame(counter, json, err));
    TRY(proof_of_document(&prover, from->text, from->signature, &sign, err));
    TRY(json_copy_text(json, "challenge", application.challenge, sizeof application.challenge,
                       err));
    TRY(take_clerk(counter, json, &application.clerk, err));
    TRY(json_get_base64(json, "auth_certificate", &auth, err));
    TRY(proof_of_certificate(&prover, buf_bytes(&auth), err));
    TRY(clerk_card_of(sign, buf_bytes(&auth), &application.clerk.card, err));
    *ret = application;
    return 0;
}

int register_bootstrap(const struct counter *counter, const struct application_text *from,
                       const struct audit_origin *by, struct clerk *ret, struct err *err)
{
    struct application application;

    TRY(application_read(counter, from, &application, err));
    application.clerk.roles = CLERK_ROLE_BIT(ROLE_ADMINISTRATOR);
    TRY(register_finish_bootstrap(counter->store, application.challenge, &application.clerk, by,
                                  err));
    *ret = application.clerk;
    return 0;
}
