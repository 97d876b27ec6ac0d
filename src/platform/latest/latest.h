/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The latest attributes of a holder for a tenant (design 5, F5, steps 5 to 9): the platform asks
 * the authority by the certificate that the tenant knows him by, and passes on what that says,
 * once. Nothing of it is kept here but that it was told.
 */
#pragma once

#include "http/problem.h"
#include "platform/latest/store.h"
#include "platform/platform.h"

/* Why nothing was told, each by its name. */
extern const struct http_problem latest_refusals[];

struct latest_answer {
    char id[DOOR_ID_SIZE];
    struct json *attributes; /* to be told; release with json_free */
};

/*
 * Ask. Failures with a name are of latest_refusals; ERR_ABSENT without one for a holder that the
 * tenant was not shown; ERR_REMOTE if the authority cannot be asked: then the same again costs
 * nothing more.
 */
MUST_CHECK int latest_ask(const struct platform *platform, struct signer *signer,
                          const struct latest_wish *wish, const char *trace_id,
                          struct latest_answer *ret, struct err *err);

/*
 * Find out what came of questions whose answer was lost, SETTLE_SECONDS after they were asked; what
 * the authority tells is dropped.
 */
MUST_CHECK int latest_settle(const struct platform *platform, struct signer *signer,
                             struct err *err);
