/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/eligibility.h"

#include "holder/answer.h"

#include <stdio.h>
#include <string.h>

#define LOOKUPS "/v1/eligibility/lookups"
enum { PATH_SIZE = sizeof LOOKUPS "//readings" + CHALLENGE_SESSION_MAX };

const char *const eligibility_kinds[] = {[ELIGIBILITY_MEDICINE] = "medicine",
                                         [ELIGIBILITY_CHECKUP] = "check-up",
                                         [ELIGIBILITY_COST] = "cost",
                                         [ELIGIBILITY_KINDS_] = NULL};
const char *const eligibility_states[] = {
    [ELIGIBILITY_ASKING] = "asking",       [ELIGIBILITY_INSURED] = "insured",
    [ELIGIBILITY_EXPIRED] = "expired",     [ELIGIBILITY_NOT_INSURED] = "not-insured",
    [ELIGIBILITY_NO_ANSWER] = "no-answer", [ELIGIBILITY_STATES_] = NULL};
const char *const eligibility_texts[] = {
    [ELIGIBILITY_INSURER] = "insurer",       [ELIGIBILITY_INSURER_NUMBER] = "insurer_number",
    [ELIGIBILITY_SYMBOL] = "symbol",         [ELIGIBILITY_NUMBER] = "number",
    [ELIGIBILITY_BRANCH] = "branch",         [ELIGIBILITY_CATEGORY] = "category",
    [ELIGIBILITY_VALID_FROM] = "valid_from", [ELIGIBILITY_VALID_UNTIL] = "valid_until",
    [ELIGIBILITY_LIMIT] = "limit_category",  [ELIGIBILITY_TEXTS_] = NULL};

/* -1 if it is none of the words. */
static int place_of(const char *word, const char *const *words)
{
    for (int i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

int eligibility_kind_of(const char *word, enum eligibility_kind *ret, struct err *err)
{
    int place = place_of(word, eligibility_kinds);

    if (place < 0)
        return FAIL(err, ERR_USAGE, "what can be read is medicine, check-up or cost");
    *ret = (enum eligibility_kind)place;
    return 0;
}

/* ---- answers ---- */

/* A text that may be missing or null, and then is "". */
static int take_text(const struct json *json, const char *key, char *ret, size_t size,
                     struct err *err)
{
    ret[0] = '\0';
    if (!json_has(json, key) || json_is_null_member(json, key))
        return 0;
    return json_copy_text(json, key, ret, size, err);
}

static int take_insurance(const struct json *json, struct eligibility_answer *ret, struct err *err)
{
    const struct json *insurance;

    if (!json_has(json, "insurance"))
        return 0;
    TRY(json_get_object(json, "insurance", &insurance, err));
    for (unsigned i = 0; i < ELIGIBILITY_TEXTS_; i++)
        TRY(take_text(insurance, eligibility_texts[i], ret->texts[i], sizeof ret->texts[i], err));
    TRY(json_get_int(insurance, "share_percent", &ret->share, err));
    if (ret->share < 0 || ret->share > 100)
        return FAIL(err, ERR_INPUT, "the share somebody pays is no percentage");
    ret->has_insurance = true;
    return 0;
}

static int take_consents(const struct json *json, struct eligibility_answer *ret, struct err *err)
{
    const struct json *list;

    TRY(json_get_array(json, "consents", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *item = json_at(list, i);
        const char *kind;
        int place;

        TRY(json_get_text(item, "kind", &kind, err));
        TRY(json_get_int(item, "expires_at", &ret->consented_until, err));
        place = place_of(kind, eligibility_kinds);
        if (place < 0)
            return FAIL(err, ERR_INPUT, "a consent is for something that is unknown here");
        ret->consents |= 1U << place;
    }
    return 0;
}

static int take_state(const struct json *json, struct eligibility_answer *ret, struct err *err)
{
    const char *state;
    const char *method;
    int place;

    TRY(json_get_text(json, "state", &state, err));
    TRY(json_get_text(json, "method", &method, err));
    place = place_of(state, eligibility_states);
    ret->is_photo = strcmp(method, "photo") == 0;
    if (place < 0 || (!ret->is_photo && strcmp(method, "pin") != 0))
        return FAIL(err, ERR_INPUT, "a state or method that is unknown here");
    ret->state = (enum eligibility_state)place;
    if (json_has(json, "is_changed"))
        TRY(json_get_bool(json, "is_changed", &ret->is_changed, err));
    TRY(take_text(json, "because", ret->because, sizeof ret->because, err));
    return take_text(json, "operator", ret->operator, sizeof ret->operator, err);
}

int eligibility_parse(const struct json *json, struct eligibility_answer *ret, struct err *err)
{
    struct eligibility_answer answer = {.consents = 0};

    TRY(answer_take_name(json, "lookup", answer.lookup, sizeof answer.lookup, err));
    TRY(json_get_int(json, "checked_at", &answer.checked_at, err));
    TRY(take_state(json, &answer, err));
    TRY(take_insurance(json, &answer, err));
    TRY(take_consents(json, &answer, err));
    if (answer.state == ELIGIBILITY_INSURED && !answer.has_insurance)
        return FAIL(err, ERR_INPUT, "somebody is insured, and not with what");
    *ret = answer;
    return 0;
}

static int take_answer(const struct remote *remote, const struct json *json,
                       struct eligibility_answer *ret, struct err *err)
{
    if (json == NULL || eligibility_parse(json, ret, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}

/* ---- lookups ---- */

int eligibility_open(const struct remote *remote, struct challenge *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(remote_ask(remote, LOOKUPS, body, &answer, err));
    if (answer == NULL || challenge_parse(answer, ret, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}

int eligibility_choose(const struct challenge *challenge, unsigned consents, struct challenge *ret,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf session = BUF_INIT;
    struct challenge chosen = *challenge;

    TRY(bound_choices(challenge->session, eligibility_kinds, consents, &session, err));
    if (session.len >= sizeof chosen.session)
        return FAIL(err, ERR_REMOTE, "the portal's name for this lookup is too long");
    memcpy(chosen.session, session.ptr, session.len);
    chosen.session[session.len] = '\0';
    *ret = chosen;
    return 0;
}

static int put_consents(struct json *body, unsigned consents, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; i < ELIGIBILITY_KINDS_; i++)
        if ((consents & 1U << i) != 0)
            TRY(json_add_text(list, eligibility_kinds[i], err));
    return json_put(body, "consents", json_steal(&list), err);
}

int eligibility_show(struct remote *remote, const struct challenge *challenge,
                     const struct eligibility_card *card, struct eligibility_answer *ret,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];

    TRY(remote_put_certificate(remote, body, card->cert, err));
    if (card->operator_key == NULL)
        TRY(json_put_base64(body, "signature", card->signature, err));
    else
        TRY(json_put_bytes(body, "operator_key", secret_bytes(card->operator_key), err));
    TRY(put_consents(body, card->consents, err));
    (void)snprintf(path, sizeof path, LOOKUPS "/%s/card", challenge->session);
    TRY(remote_ask(remote, path, body, &answer, err));
    return take_answer(remote, answer, ret, err);
}

int eligibility_get(const struct remote *remote, const char *lookup, struct eligibility_answer *ret,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];

    if (!remote_is_name(lookup, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no name of a lookup");
    (void)snprintf(path, sizeof path, LOOKUPS "/%s", lookup);
    TRY(remote_ask(remote, path, NULL, &answer, err));
    return take_answer(remote, answer, ret, err);
}

/* ---- readings ---- */

void eligibility_reading_done(struct eligibility_reading *reading)
{
    json_freep(&reading->json);
}

static int take_item(const struct json *json, const char *day, struct eligibility_item *ret,
                     struct err *err)
{
    int64_t level;

    ret->day = day;
    TRY(json_get_text(json, "name", &ret->name, err));
    TRY(json_get_text(json, "name_en", &ret->name_en, err));
    TRY(json_get_text(json, "content", &ret->content, err));
    TRY(json_get_int(json, "level", &level, err));
    ret->is_detail = level != 0;
    return 0;
}

/* take may be NULL: then it is only seen that all of them are items. */
static int walk_record(const struct json *record,
                       int (*take)(void *context, const struct eligibility_item *item,
                                   struct err *err),
                       void *context, struct err *err)
{
    const struct json *items;
    struct caldate date;
    const char *day;

    TRY(json_get_text(record, "day", &day, err));
    TRY(caldate_parse_iso(day, &date, err));
    TRY(json_get_array(record, "items", &items, err));
    if (json_count(items) > ELIGIBILITY_ITEMS_MAX)
        return FAIL(err, ERR_INPUT, "a record has more than %d items", ELIGIBILITY_ITEMS_MAX);
    for (size_t i = 0; i < json_count(items); i++) {
        struct eligibility_item item;

        TRY(take_item(json_at(items, i), day, &item, err));
        if (take != NULL)
            TRY(take(context, &item, err));
    }
    return 0;
}

int eligibility_each_item(const struct eligibility_reading *reading,
                          int (*take)(void *context, const struct eligibility_item *item,
                                      struct err *err),
                          void *context, struct err *err)
{
    const struct json *records;

    if (!json_has(reading->json, "records"))
        return 0;
    TRY(json_get_array(reading->json, "records", &records, err));
    if (json_count(records) > ELIGIBILITY_RECORDS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d records", ELIGIBILITY_RECORDS_MAX);
    for (size_t i = 0; i < json_count(records); i++)
        TRY(walk_record(json_at(records, i), take, context, err));
    return 0;
}

int eligibility_parse_reading(struct json *json, struct eligibility_reading *ret, struct err *err)
{
    CLEANUP(eligibility_reading_done) struct eligibility_reading reading = {.json = json};

    TRY(answer_take_name(json, "reading", reading.id, sizeof reading.id, err));
    TRY(answer_take_text(json, "state", reading.state, sizeof reading.state, err));
    TRY(eligibility_each_item(&reading, NULL, NULL, err));
    reading.is_waiting = strcmp(reading.state, "requested") == 0 ||
                         strcmp(reading.state, "waiting") == 0;
    *ret = reading;
    reading.json = NULL;
    return 0;
}

static int take_reading(const struct remote *remote, struct json **json,
                        struct eligibility_reading *ret, struct err *err)
{
    if (*json == NULL || eligibility_parse_reading(json_steal(json), ret, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}

int eligibility_read(const struct remote *remote, const char *lookup, enum eligibility_kind kind,
                     struct eligibility_reading *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];

    if (!remote_is_name(lookup, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no name of a lookup");
    TRY(json_put_text(body, "kind", eligibility_kinds[kind], err));
    (void)snprintf(path, sizeof path, LOOKUPS "/%s/readings", lookup);
    TRY(remote_ask(remote, path, body, &answer, err));
    return take_reading(remote, &answer, ret, err);
}

int eligibility_read_on(const struct remote *remote, const char *id,
                        struct eligibility_reading *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "/v1/eligibility/readings/%s", id);
    TRY(remote_ask(remote, path, NULL, &answer, err));
    return take_reading(remote, &answer, ret, err);
}
