/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/history/history.h"

/* What happened, as a person understands it; the name of the information takes the place of %s. */
static const struct names sentences[LOG_WHATS_] = {
    [LOG_GIVEN] = {"「%s」が提供されました", "\"%s\" was given"},
    [LOG_NOTHING] = {"「%s」の照会がありましたが、該当する情報はありませんでした",
                     "\"%s\" was asked for; there was none"},
    [LOG_REFUSED] = {"「%s」の照会は、法律に定めがないため拒否されました",
                     "\"%s\" was asked for and refused: no law allows it"},
    [LOG_PULLED] = {"あなたの同意により「%s」が取得されました",
                    "\"%s\" was fetched by your consent"},
    [LOG_LOGIN] = {"ログインしました", "You logged in"},
    [LOG_IDENTITY] = {"本人確認が行われました", "It was checked who you are"},
};

/* Codes whose meaning the tables no longer have are told as they are. */
static struct names body_names(const struct tables *tables, const char *code)
{
    const struct body *body = tables_body(tables, code);

    return body == NULL ? (struct names){code, code} : body->names;
}

static struct names info_names(const struct tables *tables, const char *code)
{
    const struct info *info = tables_info(tables, code);

    return info == NULL ? (struct names){code, code} : info->names;
}

static int put_names(struct json *object, const char *ja, const char *en, struct names names,
                     struct err *err)
{
    TRY(json_put_text(object, ja, names.ja, err));
    return json_put_text(object, en, names.en, err);
}

static int put_sentence(struct json *object, const char *key, const char *sentence,
                        const char *name, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *place = strstr(sentence, "%s");

    if (place == NULL)
        return json_put_text(object, key, sentence, err);
    TRY(buf_append(&text, bytes_of(sentence, (size_t)(place - sentence)), err));
    TRY(buf_append_text(&text, name, err));
    TRY(buf_append_text(&text, place + 2, err));
    return json_put_bytes(object, key, buf_bytes(&text), err);
}

/* Why, which the asker's duty says; where there is no duty, the person did it. */
static int put_duty(const struct tables *tables, const struct log_record *record,
                    struct json *object, struct err *err)
{
    const struct duty *duty = tables_duty(tables, record->duty);
    const struct procedure *procedure = tables_procedure(tables, record->procedure);

    if (duty == NULL)
        return 0;
    TRY(json_put_text(object, "duty", duty->code, err));
    TRY(put_names(object, "duty_name", "duty_name_en", duty->names, err));
    TRY(put_names(object, "why", "why_en", duty->plain, err));
    TRY(json_put_text(object, "basis", duty->basis, err));
    if (procedure == NULL)
        return 0;
    TRY(json_put_text(object, "procedure", procedure->code, err));
    return put_names(object, "procedure_name", "procedure_name_en", procedure->names, err);
}

static int tell_record(const struct tables *tables, const struct log_record *r, struct json **ret,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    const struct names info = info_names(tables, r->info);

    TRY(json_put_int(told, "id", r->id, err));
    TRY(json_put_int(told, "at", r->at, err));
    TRY(json_put_text(told, "what", log_whats[r->what], err));
    TRY(put_sentence(told, "action", sentences[r->what].ja, info.ja, err));
    TRY(put_sentence(told, "action_en", sentences[r->what].en, info.en, err));
    TRY(json_put_text(told, "receiver", r->receiver, err));
    TRY(put_names(told, "receiver_name", "receiver_name_en", body_names(tables, r->receiver), err));
    TRY(json_put_text(told, "receiver_system", r->detail, err));
    if (r->giver[0] != '\0') {
        TRY(json_put_text(told, "giver", r->giver, err));
        TRY(put_names(told, "giver_name", "giver_name_en", body_names(tables, r->giver), err));
    }
    if (r->info[0] != '\0')
        TRY(json_put_text(told, "info", r->info, err));
    TRY(put_duty(tables, r, told, err));
    *ret = json_steal(&told);
    return 0;
}

struct telling {
    const struct tables *tables;
    struct json *list;
};

static int take(void *context, const struct log_record *record, struct err *err)
{
    struct telling *telling = context;
    struct json *told;

    TRY(tell_record(telling->tables, record, &told, err));
    return json_add(telling->list, told, err);
}

int history_page(const struct exchange *x, const struct log_query *query, struct json **ret,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct telling telling = {x->tables, list};
    struct log_counts counts;

    TRY(exchange_log_page(x, query, take, &telling, &counts, err));
    if (counts.first_at == 0)
        TRY(json_put_null(body, "first_at", err));
    else
        TRY(json_put_int(body, "first_at", counts.first_at, err));
    TRY(json_put_int(body, "total", counts.shown, err));
    TRY(json_put_int(body, "hidden", counts.hidden, err));
    TRY(json_put_int(body, "offset", query->offset, err));
    TRY(json_put(body, "records", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

int history_proof(const struct exchange *x, int64_t person, int64_t id, struct json **ret,
                  struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *proof = NULL;
    char text[LOG_TEXT_SIZE];
    struct log_record record;
    struct json *told;

    TRY(exchange_log_proof(x, person, id, &record, &proof, err));
    log_record_text(&record, text);
    TRY(tell_record(x->tables, &record, &told, err));
    TRY(json_put(body, "record", told, err));
    TRY(json_put_text(body, "text", text, err));
    TRY(json_put(body, "proof", json_steal(&proof), err));
    *ret = json_steal(&body);
    return 0;
}
