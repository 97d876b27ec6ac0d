/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/provider/relocations.h"

#include "base/chore.h"
#include "base/series.h"
#include "base/utf8.h"
#include "exchange/relocation.h"
#include "exchange/tsv.h"
#include "fetch/fetch.h"

#include <stdlib.h>
#include <string.h>

enum { WAKE_MS = 1000, TIMEOUT_MS = 10000, ANSWER_MAX = 256 * 1024 };

static int read_side(const struct json *json, const char *key, struct relocation_side *ret,
                     struct err *err)
{
    const struct json *side;
    const char *code;

    TRY(json_get_object(json, key, &side, err));
    TRY(json_copy_text(side, "body", ret->body, sizeof ret->body, err));
    TRY(json_get_text(side, "code", &code, err));
    return person_code_parse(code, &ret->code, err);
}

static int read_one(const struct json *json, struct relocation *ret, struct err *err)
{
    const char *since, *address, *standing;
    unsigned kind;
    size_t count;

    TRY(json_get_int(json, "number", &ret->number, err));
    TRY(json_get_text(json, "standing", &standing, err));
    TRY(tsv_word(standing, relocation_kinds, "standing", &kind, err));
    ret->kind = (enum relocation_kind)kind;
    TRY(read_side(json, "from", &ret->from, err));
    if (ret->kind == RELOCATION_HERE)
        TRY(read_side(json, "to", &ret->to, err));
    TRY(json_get_text(json, "since", &since, err));
    TRY(caldate_parse_iso(since, &ret->since, err));
    TRY(json_get_text(json, "former_address", &address, err));
    count = utf8_count(bytes_text(address));
    ret->former_address[0] = '\0';
    return count > CIVIL_PLACE_MAX || !utf8_is_shown(bytes_text(address))
               ? 0
               : json_copy_text(json, "former_address", ret->former_address,
                                sizeof ret->former_address, err);
}

static int ask(const struct portal *portal, int64_t after, struct fetch_response *ret,
               struct err *err)
{
    CLEANUP(json_freep) struct json *question = json_object_new();
    const struct fetch_request request = {.socket = portal->register_socket,
                                          .url = "/v1/relocations",
                                          .body = question,
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = ANSWER_MAX};
    struct err why = {0};

    TRY(json_put_int(question, "after", after, err));
    if (fetch(&request, ret, &why) == 0 && ret->json != NULL)
        return 0;
    return why.kind == ERR_NOMEM ? err_copy(err, &why)
                                 : FAIL(err, ERR_REMOTE, "the register cannot be asked who moved");
}

/* Also those of whom the register has told before that day. */
static int let_leave(const struct portal *portal, const struct audit_origin *by, struct err *err)
{
    const struct caldate today = caltime_at(by->at, JST_OFFSET_SECONDS).date;
    int rc;

    do
        rc = relocation_leave(portal->holdings, today, by, err);
    while (rc == 0);
    return rc == -ERR_ABSENT ? 0 : rc;
}

int relocations_step(const struct portal *portal, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(portal->clock));
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct json *list;
    int64_t last;

    TRY(let_leave(portal, &by, err));
    TRY(relocation_last(portal->holdings, &last, err));
    TRY(ask(portal, last, &response, err));
    if (json_get_array(response.json, "relocations", &list, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the register does not say who moved");
    for (size_t i = 0; i < json_count(list); i++) {
        struct relocation relocation = {.number = 0};

        if (read_one(json_at(list, i), &relocation, NULL) < 0)
            return FAIL(err, ERR_REMOTE, "the register tells a move that cannot be");
        TRY(relocation_follow(portal->holdings, &relocation, &by, err));
    }
    TRY(let_leave(portal, &by, err));
    return json_count(list) > 0 ? 0 : FAIL(err, ERR_ABSENT, "nobody moved");
}

/* ---- the thread ---- */

struct relocations {
    const struct portal *portal;
    void (*observe)(const struct err *failure);
    struct series series;
    struct chore chore;
};

static void *run(void *argument)
{
    struct relocations *relocations = argument;

    do {
        struct err failure = {0};
        int rc;

        while ((rc = relocations_step(relocations->portal, &failure)) == 0 &&
               chore_rest(&relocations->chore, 0))
            ;
        if (series_note(&relocations->series, rc < 0 && rc != -ERR_ABSENT ? &failure : NULL) &&
            relocations->observe != NULL)
            relocations->observe(&failure);
    } while (chore_rest(&relocations->chore, WAKE_MS));
    return NULL;
}

int relocations_start(const struct portal *portal, void (*observe)(const struct err *failure),
                      struct relocations **ret, struct err *err)
{
    struct relocations *relocations = calloc(1, sizeof *relocations);
    int rc;

    if (relocations == NULL)
        return FAIL_NOMEM(err);
    relocations->portal = portal;
    relocations->observe = observe;
    rc = chore_start(&relocations->chore, run, relocations, err);
    if (rc < 0) {
        free(relocations);
        return rc;
    }
    *ret = relocations;
    return 0;
}

void relocations_stopp(struct relocations **relocations)
{
    if (*relocations == NULL)
        return;
    chore_stop(&(*relocations)->chore);
    free(*relocations);
    *relocations = NULL;
}
