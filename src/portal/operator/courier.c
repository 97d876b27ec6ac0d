/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/courier.h"

#include "base/chore.h"
#include "fetch/fetch.h"
#include "portal/operator/waiting.h"

#include <stdlib.h>
#include <string.h>

enum { WAKE_MS = 500, LOOK_SECONDS = 2, TIMEOUT_MS = 5000, ANSWER_MAX = 4096 };

/* When to try again after so many failures, in seconds; then never. */
static const int64_t pauses[] = {5, 60, 600, 3600, 21600, 57600};
enum { PAUSES = sizeof pauses / sizeof pauses[0] };

static int tell(const struct portal *portal, const char *address, const char *process,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.url = address,
                                          .body = body,
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = ANSWER_MAX,
                                          .is_public = portal_is_public(portal)};

    TRY(json_put_text(body, "process_id", process, err));
    return fetch(&request, &answer, err);
}

/* A process nobody may fetch any more is nothing to tell. */
static bool is_gone(const struct portal *portal, const struct operator_due *due,
                    const struct operator_client *client)
{
    return client->state != OPERATOR_APPROVED || operator_text(client, "callback_uri")[0] == '\0' ||
           !operator_consent_counts(&due->consent, clock_now(portal->clock));
}

static int look(const struct portal *portal, const struct operator_due *due, bool *ret,
                struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(portal->clock), "operator", due->client,
                                                 NULL);
    struct selfinfo_request request;

    TRY(operator_process_get(portal_store_db(portal->store), &due->consent, due->process, &request,
                             err));
    TRY(operator_process_continue(portal, due->client, &request, &by, err));
    return operator_process_is_over(portal, &request, ret, err);
}

/* After a pause, or never. */
static int try_again(struct db *db, const struct operator_due *due, int64_t now, struct err *err)
{
    return due->tries == PAUSES
               ? operator_process_again(db, due, 0, due->tries, err)
               : operator_process_again(db, due, now + pauses[due->tries], due->tries + 1, err);
}

int courier_step(const struct portal *portal, struct err *err)
{
    struct db *db = portal_store_db(portal->store);
    const int64_t now = clock_now(portal->clock);
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    struct operator_due due;
    struct err why = {0};
    bool is_over = false;
    int rc;

    TRY(operator_waiting_sweep(db, now, err));
    TRY(operator_process_due(db, now, &due, err));
    TRY(operator_get(db, due.client, &client, err));
    if (is_gone(portal, &due, &client))
        return operator_process_again(db, &due, 0, due.tries, err);
    rc = look(portal, &due, &is_over, &why);
    if (rc < 0) { /* one that the exchange does not take holds up nobody else's */
        TRY(try_again(db, &due, now, err));
        return rc == -ERR_ABSENT ? FAIL(err, ERR_REMOTE, "%s", why.text) : err_copy(err, &why);
    }
    if (!is_over)
        return operator_process_again(db, &due, now + LOOK_SECONDS, due.tries, err);
    return tell(portal, operator_text(&client, "callback_uri"), due.process, err) == 0
               ? operator_process_again(db, &due, 0, due.tries, err)
               : try_again(db, &due, now, err);
}

/* ---- the thread ---- */

struct courier {
    const struct portal *portal;
    void (*observe)(const struct err *failure);
    struct chore chore;
};

static void *run(void *argument)
{
    struct courier *courier = argument;

    do {
        struct err failure = {0};
        int rc;

        while ((rc = courier_step(courier->portal, &failure)) == 0 &&
               chore_rest(&courier->chore, 0))
            ;
        if (rc < 0 && rc != -ERR_ABSENT && courier->observe != NULL)
            courier->observe(&failure);
    } while (chore_rest(&courier->chore, WAKE_MS));
    return NULL;
}

int courier_start(const struct portal *portal, void (*observe)(const struct err *failure),
                  struct courier **ret, struct err *err)
{
    struct courier *courier = calloc(1, sizeof *courier);
    int rc;

    if (courier == NULL)
        return FAIL_NOMEM(err);
    courier->portal = portal;
    courier->observe = observe;
    rc = chore_start(&courier->chore, run, courier, err);
    if (rc < 0) {
        free(courier);
        return rc;
    }
    *ret = courier;
    return 0;
}

void courier_stopp(struct courier **courier)
{
    if (*courier == NULL)
        return;
    chore_stop(&(*courier)->chore);
    free(*courier);
    *courier = NULL;
}
