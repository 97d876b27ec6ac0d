/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a provider becomes one that may be verified for (S243, S248, S252, S253): it applies, is
 * certified, and notice of it is given to the authority. A provider that entrusts all of it to the
 * platform is certified as the platform is, which the authority is asked for; one that is certified
 * itself has the minister's reference, and is a verifier (verification/verifier.h) until it ends.
 * That notice was given is believed of the authority alone.
 *
 * Each step is kept with its time, and nothing of them is ever changed.
 */
#pragma once

#include "base/json.h"
#include "platform/limits.h"
#include "platform/platform.h"

enum onboarding_step { STEP_APPLY, STEP_CERTIFY, STEP_NOTIFY, STEP_END, STEPS_ };
extern const char *const onboarding_steps[]; /* "apply", "certify", "notify", "end", NULL */
/* After the last step; of a tenant without one the first. */
extern const char *const onboarding_states[]; /* "registered", "applied", "certified", ... NULL */

struct onboarding_act {
    const char *client_id;
    enum onboarding_step step;
    const char *reference; /* of the paper that it is about; NULL: none */
};
/*
 * Take a step. ERR_ABSENT if there is no such client; ERR_CONFLICT where it stands that cannot be
 * done, or the authority does not know of it; ERR_INPUT for a reference that cannot be kept;
 * ERR_REMOTE if the authority cannot be asked.
 */
MUST_CHECK int onboarding_take(const struct platform *platform, struct signer *signer,
                               const struct onboarding_act *act, const struct audit_origin *by,
                               struct err *err);

/* Where a tenant stands: a place in onboarding_states. */
MUST_CHECK int platform_onboarding(struct platform_store *store, const char *client_id,
                                   unsigned *ret, struct err *err);
/* One step more, if state is still where it stands; ERR_CONFLICT. */
MUST_CHECK int platform_take_step(struct platform_store *store, const struct onboarding_act *act,
                                  unsigned state, const struct audit_origin *by, struct err *err);
/* The steps of a tenant in their order, as objects of an array: step, at, reference. */
MUST_CHECK int platform_list_steps(struct platform_store *store, const char *client_id,
                                   struct json **ret, struct err *err);
