/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/selfinfo/selfinfo.h"

#include "base/random_text.h"
#include "exchange/limits.h"
#include "portal/account/codes.h"
#include "portal/portal.h"

#include <stdio.h>

enum { AREA_LEN = 5, PREFECTURE_LEN = 2, YEAR_FIRST = 1950, YEAR_LAST = 2100 };

/* By which duty a person is shown what is held (data/exchange/duties.tsv, procedures.tsv). */
static const char duty[] = "JM99000000000001";
static const char procedure[] = "JT99000000000001";

int selfinfo_exchange(const struct portal *portal, const struct exchange **ret, struct err *err)
{
    if (portal->exchange == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no exchange");
    *ret = portal->exchange;
    return 0;
}

int selfinfo_person(const struct portal *portal, const struct session *own,
                    const struct audit_origin *by, int64_t *ret, struct err *err)
{
    struct exchange_link link = {.body = PORTAL_BODY};
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    if (!own->account.has_code)
        return FAIL(err, ERR_CONFLICT,
                    "the register did not say whose login this is; log in again");
    memcpy(link.portal.value, own->account.code, sizeof link.portal.value);
    link.code = link.portal;
    return exchange_link(x, &link, by, ret, err);
}

/* ---- who has it ---- */

/* Municipalities and prefectures by the area, others are the one of their kind. */
static const struct body *find_provider(const struct tables *tables, const struct info *info,
                                        const char *area)
{
    for (size_t i = 0; i < tables->body_count; i++) {
        const struct body *body = &tables->bodies[i];
        size_t len = info->provider == BODY_PREFECTURE ? PREFECTURE_LEN : AREA_LEN;

        if (body->kind == info->provider &&
            (body->area == NULL || strncmp(body->area, area, len) == 0))
            return body;
    }
    return NULL;
}

/* A municipality that the tables do not name is one that is not connected. */
static void put_provider(const struct tables *tables, const struct info *info, const char *area,
                         struct selfinfo_item *ret)
{
    const struct body *body = find_provider(tables, info, area);

    if (body != NULL)
        (void)snprintf(ret->provider, sizeof ret->provider, "%s", body->code);
    else if (info->provider == BODY_PREFECTURE)
        (void)snprintf(ret->provider, sizeof ret->provider, "P%.*s", PREFECTURE_LEN, area);
    else
        (void)snprintf(ret->provider, sizeof ret->provider, "M%.*s", AREA_LEN, area);
}

static bool has_info(const struct selfinfo_request *request, const char *code)
{
    for (unsigned i = 0; i < request->count; i++) {
        if (strcmp(request->items[i].info, code) == 0)
            return true;
    }
    return false;
}

static int add_item(const struct tables *tables, const char *code, const char *area,
                    struct selfinfo_request *request, struct err *err)
{
    struct selfinfo_item *item = &request->items[request->count];
    const struct info *info = code == NULL ? NULL : tables_info(tables, code);

    if (info == NULL)
        return FAIL(err, ERR_INPUT, "there is no information of this name");
    if (has_info(request, code))
        return FAIL(err, ERR_INPUT, "%s is asked for twice", info->code);
    *item = (struct selfinfo_item){.number = request->count};
    (void)snprintf(item->info, sizeof item->info, "%s", info->code);
    put_provider(tables, info, area, item);
    request->count++;
    return 0;
}

int selfinfo_read_wish(const struct tables *tables, const struct selfinfo_wish *wish,
                       struct selfinfo_request *request, struct err *err)
{
    size_t count = json_count(wish->infos);

    if (strlen(wish->area) != AREA_LEN || strspn(wish->area, "0123456789") != AREA_LEN)
        return FAIL(err, ERR_INPUT, "a municipality is five digits");
    if (count == 0 || count > PORTAL_SELFINFO_ITEMS_MAX)
        return FAIL(err, ERR_INPUT, "a request is for 1 to %d names", PORTAL_SELFINFO_ITEMS_MAX);
    if (wish->year != 0 && (wish->year < YEAR_FIRST || wish->year > YEAR_LAST))
        return FAIL(err, ERR_INPUT, "a year is %d to %d", YEAR_FIRST, YEAR_LAST);
    request->year = (int)wish->year;
    for (size_t i = 0; i < count; i++)
        TRY(add_item(tables, json_text(json_at(wish->infos, i)), wish->area, request, err));
    return 0;
}

/* ---- codes ---- */

struct missing {
    const char *bodies[PORTAL_SELFINFO_ITEMS_MAX];
    size_t count;
};

/* Connected bodies that know this person by a code that is not known here. */
static int find_missing(const struct exchange *x, const struct selfinfo_request *request,
                        struct missing *ret, struct err *err)
{
    ret->count = 0;
    for (unsigned i = 0; i < request->count; i++) {
        const struct body *body = tables_body(x->tables, request->items[i].provider);
        struct person_code code;
        size_t known = 0;
        int rc;

        if (body == NULL || !body->is_connected)
            continue;
        while (known < ret->count && ret->bodies[known] != body->code)
            known++;
        if (known < ret->count)
            continue;
        rc = exchange_find_code(x, request->person, body->code, &code, err);
        if (rc == -ERR_ABSENT)
            ret->bodies[ret->count++] = body->code;
        else
            TRY(rc);
    }
    return 0;
}

static int link_codes(const struct exchange *x, const struct session *own,
                      const struct missing *missing, uint8_t (*codes)[PORTAL_CODE_SIZE],
                      const struct audit_origin *by, struct err *err)
{
    struct exchange_link link;
    int64_t person;

    memcpy(link.portal.value, own->account.code, sizeof link.portal.value);
    for (size_t i = 0; i < missing->count; i++) {
        link.body = missing->bodies[i];
        memcpy(link.code.value, codes[i], sizeof link.code.value);
        TRY(exchange_link(x, &link, by, &person, err));
    }
    return 0;
}

int selfinfo_learn_codes(const struct portal *portal, const struct session *own,
                         const struct selfinfo_request *request, const struct audit_origin *by,
                         struct err *err)
{
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    uint8_t codes[PORTAL_SELFINFO_ITEMS_MAX][PORTAL_CODE_SIZE];
    struct missing missing;
    const char *text;
    int rc;

    TRY(find_missing(portal->exchange, request, &missing, err));
    if (missing.count == 0)
        return 0;
    if (portal->register_socket == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no register to ask");
    rc = portal_get_person_reference(portal->store, own, &reference, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this login is not enough for that; log in again");
    TRY(rc);
    TRY(buf_text(&reference, &text, err));
    rc = codes_ask(portal, text, missing.bodies, missing.count, codes, err);
    if (rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_CONFLICT, "the register no longer takes this login; log in again");
    TRY(rc);
    return link_codes(portal->exchange, own, &missing, codes, by, err);
}

/* ---- asking ---- */

static void put_condition(const struct selfinfo_request *request, struct exchange_question *ret)
{
    if (request->year == 0)
        return;
    ret->condition = INQUIRY_YEAR;
    ret->year = INQUIRY_CALENDAR_YEAR;
    ret->first = (struct caldate){request->year, 1, 1};
    ret->last = (struct caldate){request->year, 12, 31};
}

int selfinfo_ask_item(const struct portal *portal, const struct selfinfo_request *request,
                      struct selfinfo_item *item, const char *user, const struct audit_origin *by,
                      struct err *err)
{
    struct exchange_question question = {
        .person = request->person,
        .asker = PORTAL_BODY,
        .provider = item->provider,
        .duty = duty,
        .procedure = procedure,
        .info = item->info,
        .department = "portal",
        .user = user,
    };
    struct exchange_standing standing;
    char key[EXCHANGE_KEY_MAX + 1];

    if (item->question != 0 || tables_body(portal->exchange->tables, item->provider) == NULL)
        return 0;
    (void)snprintf(key, sizeof key, "%s.%u", request->id, item->number);
    question.key = key;
    put_condition(request, &question);
    TRY(exchange_ask(portal->exchange, &question, by, &standing, err));
    item->question = standing.id; /* 0: too many at once, asked when somebody looks again */
    return 0;
}

int selfinfo_continue(const struct portal *portal, struct selfinfo_request *request,
                      const struct audit_origin *by, struct err *err)
{
    for (unsigned i = 0; i < request->count; i++) {
        struct selfinfo_item *item = &request->items[i];
        const bool was_asked = item->question != 0;

        TRY(selfinfo_ask_item(portal, request, item, "person", by, err));
        if (!was_asked && item->question != 0)
            TRY(selfinfo_note_question(portal->store, request->id, item, err));
    }
    return 0;
}

int selfinfo_request(const struct portal *portal, const struct session *own,
                     const struct selfinfo_wish *wish, const struct audit_origin *by,
                     struct selfinfo_request *ret, struct err *err)
{
    struct selfinfo_request request = {.made_at = clock_now(portal->clock)};
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(selfinfo_read_wish(x->tables, wish, &request, err));
    TRY(selfinfo_person(portal, own, by, &request.person, err));
    TRY(selfinfo_learn_codes(portal, own, &request, by, err));
    TRY(random_text(request.id, sizeof request.id, err));
    TRY(selfinfo_add(portal->store, own->account.id, &request, by, err));
    TRY(selfinfo_continue(portal, &request, by, err));
    *ret = request;
    return 0;
}
