/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/inquiries.h"

#include "exchange/limits.h"
#include "portal/account/codes.h"
#include "portal/municipality/connected.h"
#include "portal/portal.h"

#include <stdio.h>
#include <string.h>

enum { PSID_TEXT_AT = 5 }; /* behind the municipality, in digits, stands the text */

static const char owner_prefix[] = "account:";

/* ---- what may be asked ---- */

/* The code of the text of all that it was applied by; ERR_ABSENT for a municipality's own. */
static int find_text(struct db *db, const struct application *application,
                     char ret[PROCEDURE_CODE_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT code FROM procedure_text WHERE id = CAST(? AS INTEGER) AND owner = ''",
                     DB_WITH(DB_TEXT(application->psid + PSID_TEXT_AT)), &rows, err));
    return db_text(&rows, 0, ret, PROCEDURE_CODE_SIZE, err);
}

/* What the portal knows the owner's account by; ERR_ABSENT: nobody's, or the register knew none. */
static int find_code(const struct portal *portal, const struct application *application,
                     struct person_code *ret, struct err *err)
{
    const size_t len = strlen(owner_prefix);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    if (strncmp(application->owner, owner_prefix, len) != 0)
        return FAIL(err, ERR_ABSENT, "nobody had logged in");
    TRY(db_begin_read(portal_store_db(portal->store), &txn, err));
    TRY(db_query_one(&txn, "SELECT code FROM account WHERE id = ? AND code IS NOT NULL",
                     DB_WITH(DB_TEXT(application->owner + len)), &rows, err));
    TRY(db_blob(&rows, 0, &octets, err));
    if (octets.len != sizeof ret->value)
        return FAIL(err, ERR_SYSTEM, "an account has a code of another length");
    memcpy(ret->value, octets.ptr, sizeof ret->value);
    return 0;
}

/* Its number in the exchange; 0: there is none. */
static int find_person(const struct portal *portal, const struct application *application,
                       int64_t *ret, struct err *err)
{
    struct person_code code;
    int rc = find_code(portal, application, &code, err);

    *ret = 0;
    if (rc == 0)
        rc = exchange_find_person(portal->exchange, PORTAL_BODY, &code, ret, err);
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Names that bodies of other kinds hold: what a municipality has, it does not ask itself for. */
static int permitted_names(const struct inquiries *q, struct caldate day, struct json *ret,
                           struct err *err)
{
    const struct tables *t = q->x->tables;

    for (size_t i = 0; i < t->permission_count; i++) {
        const struct permission *row = &t->permissions[i];
        const struct info *info = tables_info(t, row->info);

        if (row->asker != BODY_MUNICIPALITY || strcmp(row->procedure, q->procedure->code) != 0 ||
            info == NULL || info->provider == BODY_MUNICIPALITY ||
            caldate_compare(day, row->from) < 0 ||
            (row->until.year != 0 && caldate_compare(row->until, day) < 0))
            continue;
        TRY(json_add_text(ret, info->code, err));
    }
    return 0;
}

int inquiries_find(const struct portal *portal, const struct application *application,
                   struct inquiries *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *infos = json_array_new();
    const struct selfinfo_wish wish = {.infos = infos, .area = application->municipality};
    struct inquiries q = {.permitted.count = 0};
    char text[PROCEDURE_CODE_SIZE];
    int rc;

    TRY(selfinfo_exchange(portal, &q.x, err));
    TRY(find_person(portal, application, &q.permitted.person, err));
    q.body = municipality_body(q.x->tables, application->municipality);
    rc = find_text(portal_store_db(portal->store), application, text, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    q.procedure = rc == 0 && q.body != NULL ? tables_procedure_of_text(q.x->tables, text) : NULL;
    if (q.procedure != NULL)
        TRY(permitted_names(&q, caltime_at(clock_now(portal->clock), JST_OFFSET_SECONDS).date,
                            infos, err));
    if (json_count(infos) > 0)
        TRY(selfinfo_read_wish(q.x->tables, &wish, &q.permitted, err));
    *ret = q;
    return 0;
}

/* ---- learning ---- */

int inquiries_learn(const struct portal *portal, const struct session *session,
                    const struct application *application, const struct audit_origin *by,
                    struct err *err)
{
    struct inquiries q;

    if (portal->exchange == NULL)
        return 0;
    TRY(inquiries_find(portal, application, &q, err));
    if (q.permitted.count == 0)
        return 0;
    TRY(selfinfo_person(portal, session, by, &q.permitted.person, err));
    return selfinfo_learn_codes(portal, session, &q.permitted, by, err);
}

/* ---- asking ---- */

/* "13101-20261126-000001.": all keys of an application's questions begin with it. */
static void key_prefix(const struct application *application,
                       char ret[APPLICATION_RECEIPT_SIZE + 1])
{
    (void)snprintf(ret, APPLICATION_RECEIPT_SIZE + 1, "%s.", application->receipt);
}

/* The questions that there are, as items of a request: the newest, if there are too many. */
struct asked_before {
    struct selfinfo_request *request;
    const char *info; /* NULL: nobody counts */
    int64_t of_info;  /* how often this was asked */
};

static int take_asked(void *context, const struct exchange_asked *asked, struct err *err)
{
    struct asked_before *before = context;
    struct selfinfo_request *r = before->request;
    struct selfinfo_item item = {.question = asked->id};

    (void)err;
    if (before->info != NULL && strcmp(before->info, asked->info) == 0)
        before->of_info++;
    r->person = asked->person;
    (void)snprintf(item.provider, sizeof item.provider, "%s", asked->provider);
    (void)snprintf(item.info, sizeof item.info, "%s", asked->info);
    if (r->count == PORTAL_SELFINFO_ITEMS_MAX)
        memmove(r->items, r->items + 1, --r->count * sizeof r->items[0]);
    item.number = r->count;
    r->items[r->count++] = item;
    return 0;
}

static int find_asked(const struct inquiries *q, const struct application *application,
                      struct asked_before *ret, struct err *err)
{
    char prefix[APPLICATION_RECEIPT_SIZE + 1];

    ret->of_info = 0;
    ret->request->count = 0;
    key_prefix(application, prefix);
    return exchange_list_asked(q->x, q->body, prefix, &(struct exchange_taking){take_asked, ret},
                               err);
}

static int check_asking(const struct inquiries *q, const struct application *application,
                        struct err *err)
{
    if (application->state != APPLICATION_RECEIVED)
        return FAIL(err, ERR_CONFLICT, "take the application first: it is not being worked on");
    if (q->procedure == NULL)
        return FAIL(err, ERR_CONFLICT, "no body is asked for an application of this kind");
    if (q->permitted.person == 0)
        return FAIL(err, ERR_CONFLICT, "other bodies cannot know who applied: there was no login");
    return 0;
}

/* Who holds it. */
static int find_provider(const struct inquiries *q, const struct application *application,
                         const char *info, struct selfinfo_item *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *infos = json_array_new();
    const struct selfinfo_wish wish = {.infos = infos, .area = application->municipality};
    struct selfinfo_request request = {.count = 0};

    TRY(json_add_text(infos, info, err));
    TRY(selfinfo_read_wish(q->x->tables, &wish, &request, err));
    if (strcmp(request.items[0].provider, q->body) == 0)
        return FAIL(err, ERR_INPUT, "the municipality itself holds this");
    *ret = request.items[0];
    return 0;
}

/* A question that is open is not asked twice: then it is what another application was asked for. */
static int check_own(const struct inquiries *q, const struct application *application, int64_t id,
                     struct err *err)
{
    struct selfinfo_request request = {.count = 0};
    struct asked_before before = {.request = &request};

    TRY(find_asked(q, application, &before, err));
    for (unsigned i = 0; i < request.count; i++)
        if (request.items[i].question == id)
            return 0;
    return FAIL(err, ERR_CONFLICT, "this is being asked for another application of the person");
}

int inquiries_ask(const struct portal *portal, const struct application *application,
                  const char *info, const struct audit_origin *by, enum exchange_state *ret,
                  struct err *err)
{
    struct selfinfo_request request = {.count = 0};
    struct asked_before before = {.request = &request, .info = info};
    struct exchange_question question = {.department = "applications", .user = "clerk"};
    struct exchange_standing standing;
    struct selfinfo_item item;
    struct inquiries q;
    char key[EXCHANGE_KEY_MAX + 1];
    int rc;

    TRY(inquiries_find(portal, application, &q, err));
    TRY(check_asking(&q, application, err));
    TRY(find_provider(&q, application, info, &item, err));
    TRY(find_asked(&q, application, &before, err));
    /* By the name as well: who asks for something else at the same time has another key. */
    (void)snprintf(key, sizeof key, "%s.%s.%lld", application->receipt, item.info,
                   (long long)before.of_info);
    question.person = q.permitted.person;
    question.asker = q.body;
    question.provider = item.provider;
    question.duty = q.procedure->duty;
    question.procedure = q.procedure->code;
    question.info = item.info;
    question.key = key;
    rc = exchange_ask(q.x, &question, by, &standing, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT,
                    "the body does not know who applied; it was not told when"
                    " the application was submitted");
    TRY(rc);
    if (standing.id == 0)
        return FAIL(err, ERR_CONFLICT, "this person is asked about too often now; try again later");
    *ret = standing.state;
    return check_own(&q, application, standing.id, err);
}

/* ---- telling ---- */

static int put_names(struct json *object, const struct names *names, struct err *err)
{
    TRY(json_put_text(object, "name", names->ja, err));
    return json_put_text(object, "name_en", names->en, err);
}

static int put_procedure(const struct inquiries *q, struct json *body, struct err *err)
{
    const struct duty *duty;
    CLEANUP(json_freep) struct json *object = json_object_new();

    if (q->procedure == NULL)
        return json_put_null(body, "procedure", err);
    duty = tables_duty(q->x->tables, q->procedure->duty);
    TRY(json_put_text(object, "code", q->procedure->code, err));
    TRY(put_names(object, &q->procedure->names, err));
    TRY(json_put_text(object, "duty", duty->names.ja, err));
    TRY(json_put_text(object, "duty_en", duty->names.en, err));
    return json_put(body, "procedure", json_steal(&object), err);
}

/* Bodies that the tables name and that are connected. */
static int put_permitted(const struct inquiries *q, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; i < q->permitted.count; i++) {
        const struct selfinfo_item *item = &q->permitted.items[i];
        const struct body *provider = tables_body(q->x->tables, item->provider);
        CLEANUP(json_freep) struct json *one = json_object_new();

        if (provider == NULL || !provider->is_connected)
            continue;
        TRY(json_put_text(one, "info", item->info, err));
        TRY(put_names(one, &tables_info(q->x->tables, item->info)->names, err));
        TRY(json_put_text(one, "provider", provider->code, err));
        TRY(json_put_text(one, "provider_name", provider->names.ja, err));
        TRY(json_put_text(one, "provider_name_en", provider->names.en, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(body, "may_ask", json_steal(&list), err);
}

int inquiries_tell(const struct portal *portal, const struct application *application,
                   struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *asked = NULL;
    struct selfinfo_request request = {.count = 0};
    struct asked_before before = {.request = &request};
    const struct json *items;
    struct json *copy;
    struct inquiries q;

    TRY(inquiries_find(portal, application, &q, err));
    if (q.body != NULL)
        TRY(find_asked(&q, application, &before, err));
    TRY(selfinfo_tell(portal, &request, true, &asked, err));
    TRY(json_get_array(asked, "items", &items, err));
    TRY(json_duplicate(items, &copy, err));
    TRY(json_put(body, "inquiries", copy, err));
    TRY(json_put_bool(body, "is_known", q.permitted.person != 0, err));
    TRY(put_procedure(&q, body, err));
    TRY(put_permitted(&q, body, err));
    *ret = json_steal(&body);
    return 0;
}
