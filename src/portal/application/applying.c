/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/applying.h"

#include "portal/application/document.h"
#include "portal/application/prepared.h"
#include "portal/portal.h"

void applying_done(struct applying *asked)
{
    application_done(&asked->application);
}

int applying_find(struct http_call *call, struct applying *ret, struct err *err)
{
    const struct portal *portal = call->context;

    ret->db = portal_store_db(portal->store);
    TRY(applicant_find(call, &ret->applicant, err));
    TRY(application_prepared_open(ret->db, http_param(&call->request, "id"), ret->applicant.owner,
                                  ret->applicant.by.at, err));
    return application_get(ret->db, http_param(&call->request, "id"), ret->applicant.owner,
                           &ret->application, err);
}

int applying_check_open(const struct applying *asked, struct err *err)
{
    const enum application_state state = asked->application.state;

    return state == APPLICATION_DRAFT || state == APPLICATION_RETURNED
               ? 0
               : FAIL(err, ERR_CONFLICT, "an application that is %s is not to be submitted",
                      application_states[state]);
}

int applying_check_complete(const struct applying *asked, struct err *err)
{
    CLEANUP(json_freep) struct json *problems = NULL;
    const char *field, *problem;

    TRY(application_problems(asked->db, &asked->application, &asked->applicant.proxy, &problems,
                             err));
    if (json_count(problems) == 0)
        return 0;
    TRY(json_get_text(json_at(problems, 0), "field", &field, err));
    TRY(json_get_text(json_at(problems, 0), "problem", &problem, err));
    return FAIL(err, ERR_INPUT, "the application is not complete: %s (%s)", field, problem);
}

int applying_signs(const struct applying *asked, bool *ret, struct err *err)
{
    return json_get_bool(asked->application.form, "needs_signature", ret, err);
}
