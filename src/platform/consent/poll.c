/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority tells nobody of a withdrawal: it is asked, by an id that it gave to each provider
 * (pki.md 5). A provider there is a tenant here if it has the same name.
 */
#include "platform/consent/consent.h"
#include "platform/door.h"

#include <stdlib.h>
#include <string.h>

static int ask(const struct platform *platform, struct signer *signer,
               const struct door_question *question, struct door_answer *ret, struct err *err)
{
    TRY(door_ask(platform, signer, question, ret, err));
    return ret->json == NULL
               ? FAIL(err, ERR_REMOTE, "the authority's answer to act %s is empty", question->act)
               : 0;
}

static int take_service(const struct platform *platform, const struct json *row, struct err *err)
{
    const char *provider;
    const char *polling_id;

    TRY(json_get_text(row, "provider", &provider, err));
    TRY(json_get_text(row, "polling_id", &polling_id, err));
    if (strlen(polling_id) >= POLLING_ID_SIZE)
        return FAIL(err, ERR_INPUT, "polling_id is too long");
    return platform_set_polling(platform->store, provider, polling_id, err);
}

static int learn_providers(const struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    const struct door_question question = {
        .act = "services", .path = "/v1/verifier/services", .members = json_object_new()};
    const struct json *services;

    TRY(ask(platform, signer, &question, &answer, err));
    TRY(json_get_array(answer.json, "services", &services, err));
    for (size_t i = 0; i < json_count(services); i++)
        TRY(take_service(platform, json_at(services, i), err));
    return 0;
}

static int read_change(const struct json *row, struct consent_change *ret, struct err *err)
{
    const char *id;
    const char *state;

    TRY(json_get_text(row, "consent", &id, err));
    TRY(json_get_text(row, "state", &state, err));
    TRY(json_get_int(row, "at", &ret->at, err));
    if (strlen(id) >= sizeof ret->id)
        return FAIL(err, ERR_INPUT, "consent is too long");
    memcpy(ret->id, id, strlen(id) + 1);
    ret->is_withdrawn = strcmp(state, "withdrawn") == 0;
    return 0;
}

static void changes_freep(struct consent_change **changes)
{
    free(*changes);
}

static int take_page(const struct platform *platform, const struct consent_poll *poll,
                     const struct json *json, int64_t *ret_last, bool *ret_more, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(platform->clock));
    CLEANUP(changes_freep) struct consent_change *changes = NULL;
    struct consent_page page = {.since = *ret_last};
    const struct json *rows;
    size_t count;

    TRY(json_get_array(json, "changes", &rows, err));
    TRY(json_get_int(json, "last", ret_last, err));
    TRY(json_get_bool(json, "more", ret_more, err));
    count = json_count(rows);
    changes = calloc(count + 1, sizeof *changes);
    if (changes == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < count; i++)
        TRY(read_change(json_at(rows, i), &changes[i], err));
    page.changes = changes;
    page.count = count;
    page.last = *ret_last;
    return count == 0 ? 0 : platform_take_changes(platform->store, poll, &page, &by, err);
}

static int poll_one(const struct platform *platform, struct signer *signer,
                    const struct consent_poll *poll, struct err *err)
{
    int64_t since = poll->since;
    bool more = true;

    while (more) {
        CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
        CLEANUP(json_freep) struct json *members = json_object_new();
        struct door_question question = {.act = "consent-changes",
                                         .path = "/v1/verifier/consent-changes"};

        TRY(json_put_text(members, "polling_id", poll->polling_id, err));
        TRY(json_put_int(members, "since", since, err));
        question.members = json_steal(&members);
        TRY(ask(platform, signer, &question, &answer, err));
        TRY(take_page(platform, poll, answer.json, &since, &more, err));
    }
    return 0;
}

int consent_poll_all(const struct platform *platform, struct signer *signer, struct err *err)
{
    struct consent_poll poll = {.client_id = ""};
    int rc;

    TRY(learn_providers(platform, signer, err));
    while ((rc = platform_polling_behind(platform->store, poll.client_id, &poll, err)) == 0)
        TRY(poll_one(platform, signer, &poll, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}
