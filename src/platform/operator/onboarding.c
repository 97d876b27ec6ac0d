/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/operator/onboarding.h"

#include "platform/door.h"
#include "platform/tenant/tenant.h"
#include "platform/verification/verifier.h"

#include <string.h>

const char *const onboarding_steps[] = {[STEP_APPLY] = "apply",
                                        [STEP_CERTIFY] = "certify",
                                        [STEP_NOTIFY] = "notify",
                                        [STEP_END] = "end",
                                        [STEPS_] = NULL};
const char *const onboarding_states[] = {"registered",
                                         [1 + STEP_APPLY] = "applied",
                                         [1 + STEP_CERTIFY] = "certified",
                                         [1 + STEP_NOTIFY] = "notified",
                                         [1 + STEP_END] = "ended",
                                         [1 + STEPS_] = NULL};

/* From which states (bits) each step can be taken; notice is given for each further service. */
static const unsigned may_come_from[STEPS_] = {
    [STEP_APPLY] = 1U | 1U << (1 + STEP_END),
    [STEP_CERTIFY] = 1U << (1 + STEP_APPLY),
    [STEP_NOTIFY] = 1U << (1 + STEP_CERTIFY) | 1U << (1 + STEP_NOTIFY),
    [STEP_END] = 1U << (1 + STEP_APPLY) | 1U << (1 + STEP_CERTIFY) | 1U << (1 + STEP_NOTIFY),
};

/* The platform's own certification, which is active or the authority answers nothing at all. */
static int ask_standing(const struct platform *platform, struct signer *signer, struct err *err)
{
    struct standing standing;

    if (!door_is_there(platform))
        return FAIL(err, ERR_CONFLICT,
                    "this platform is not known to the authority; a provider that is certified "
                    "itself has a reference");
    return door_standing(platform, signer, &standing, err);
}

static bool is_notice_of(const struct json *service, const char *client_id)
{
    const char *provider;

    return json_get_text(service, "provider", &provider, NULL) == 0 &&
           strcmp(provider, client_id) == 0 && json_is_null_member(service, "ended_at");
}

static int ask_notice(const struct platform *platform, struct signer *signer, const char *client_id,
                      struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    struct door_question question = {.act = "services", .path = "/v1/verifier/services"};
    const struct json *services;

    if (!door_is_there(platform))
        return FAIL(err, ERR_CONFLICT, "this platform is not known to the authority");
    question.members = json_object_new();
    TRY(door_ask(platform, signer, &question, &answer, err));
    if (answer.json == NULL || json_get_array(answer.json, "services", &services, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer about services cannot be read");
    for (size_t i = 0; i < json_count(services); i++)
        if (is_notice_of(json_at(services, i), client_id))
            return 0;
    return FAIL(err, ERR_CONFLICT, "the authority has no notice that this platform verifies for %s",
                client_id);
}

static int look(const struct platform *platform, struct signer *signer,
                const struct onboarding_act *act, struct err *err)
{
    if (act->step == STEP_CERTIFY && act->reference == NULL)
        return ask_standing(platform, signer, err);
    if (act->step == STEP_NOTIFY)
        return ask_notice(platform, signer, act->client_id, err);
    return 0;
}

int onboarding_take(const struct platform *platform, struct signer *signer,
                    const struct onboarding_act *act, const struct audit_origin *by,
                    struct err *err)
{
    struct tenant tenant;
    unsigned state;

    if (act->reference != NULL)
        TRY(tenant_name_check(act->reference, STEP_REFERENCE_MAX, err));
    TRY(platform_get_tenant(platform->store, act->client_id, &tenant, err));
    TRY(platform_onboarding(platform->store, act->client_id, &state, err));
    if ((may_come_from[act->step] & 1U << state) == 0)
        return FAIL(err, ERR_CONFLICT, "%s is %s: that step cannot be taken", act->client_id,
                    onboarding_states[state]);
    TRY(look(platform, signer, act, err));
    /* Nobody is a verifier any more before that is noted, and nobody is one before. */
    if (act->step == STEP_END)
        TRY(platform_set_verifier(platform->store, act->client_id, false, by, err));
    TRY(platform_take_step(platform->store, act, state, by, err));
    if (act->step == STEP_CERTIFY && act->reference != NULL)
        return platform_set_verifier(platform->store, act->client_id, true, by, err);
    return 0;
}
