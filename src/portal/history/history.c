/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/history/history.h"

#include "audit/tree.h"

#include <stdio.h>

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
    [LOG_ELIGIBILITY] = {"健康保険の資格が確認されました", "Your health insurance was checked"},
    [LOG_PRINTED] = {"「%s」が交付されました", "\"%s\" was printed for you"},
    [LOG_ASSERTED] = {"外部サイトとの連携：%s", "Another site: %s"},
    [LOG_ACTED] = {"代理人があなたの代わりに操作しました", "Somebody acted for you"},
    [LOG_NOTIFIED] = {"%sがありました", "%s"},
    [LOG_MANDATED] = {"市区町村が「%s」を記録しました", "A municipality recorded %s"},
};

/* Codes whose meaning the tables no longer have are told as they are. */
static struct names body_names(const struct tables *tables, const char *code)
{
    const struct body *body = tables_body(tables, code);

    return body == NULL ? (struct names){code, code} : body->names;
}

static int put_names(struct json *object, const char *ja, const char *en, struct names names,
                     struct err *err)
{
    TRY(json_put_text(object, ja, names.ja, err));
    return json_put_text(object, en, names.en, err);
}

/* ---- what records of a page have in common ---- */

enum { WORDS_MAX = 64 }; /* of a kind in a page; further ones are told as their codes */

/* Codes of one kind, each once. */
struct codes {
    char code[WORDS_MAX][CODE_SIZE];
    size_t count;
};

static void collect(struct codes *codes, const char *code)
{
    size_t i = 0;

    while (i < codes->count && strcmp(codes->code[i], code) != 0)
        i++;
    if (i == codes->count && i < WORDS_MAX && code[0] != '\0' && strlen(code) <= CODE_LEN)
        memcpy(codes->code[codes->count++], code, strlen(code) + 1);
}

/* A text that records have in common, made once: a sentence, with a name in it. Both are ours, so
 * they are known by where they stand. */
struct common {
    const char *sentence, *name;
    struct json *text;
};

struct telling {
    const struct tables *tables;
    struct json *list;
    struct codes bodies, duties, procedures;
    struct common common[WORDS_MAX];
    size_t common_count;
};

static void telling_done(struct telling *telling)
{
    while (telling->common_count > 0)
        json_freep(&telling->common[--telling->common_count].text);
}

/* ---- one record ---- */

static int make_sentence(const char *sentence, const char *name, struct buf *ret, struct err *err)
{
    const char *place = strstr(sentence, "%s");

    if (place == NULL)
        return buf_append_text(ret, sentence, err);
    TRY(buf_append(ret, bytes_of(sentence, (size_t)(place - sentence)), err));
    TRY(buf_append_text(ret, name, err));
    return buf_append_text(ret, place + 2, err);
}

static int put_sentence(struct json *object, const char *key, const char *sentence,
                        const char *name, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(make_sentence(sentence, name, &text, err));
    return json_put_bytes(object, key, buf_bytes(&text), err);
}

static struct json *find_common(const struct telling *telling, const char *sentence,
                                const char *name)
{
    for (size_t i = 0; i < telling->common_count; i++)
        if (telling->common[i].sentence == sentence && telling->common[i].name == name)
            return telling->common[i].text;
    return NULL;
}

/* As put_sentence, for a name that the tables have. */
static int put_common(struct telling *telling, struct json *object, const char *key,
                      const char *sentence, const char *name, struct err *err)
{
    struct json *text = find_common(telling, sentence, name);
    CLEANUP(buf_done) struct buf made = BUF_INIT;

    if (text != NULL)
        return json_put(object, key, json_share(text), err);
    if (telling->common_count == WORDS_MAX)
        return put_sentence(object, key, sentence, name, err);
    TRY(make_sentence(sentence, name, &made, err));
    text = json_text_new(buf_bytes(&made));
    if (text == NULL)
        return FAIL(err, ERR_SYSTEM, "a name of the tables is not UTF-8, or there is no memory");
    telling->common[telling->common_count++] = (struct common){sentence, name, text};
    return json_put(object, key, json_share(text), err);
}

static const char just_the_name[] = "%s";

/* What a note says in words of its own; a member that says nothing is left out. */
static int put_note(struct json *told, const struct note_words *words, struct err *err)
{
    if (words->channel[0] == '\0')
        return 0;
    TRY(json_put_text(told, "channel", words->channel, err));
    if (words->why.ja[0] != '\0')
        TRY(put_names(told, "why", "why_en", words->why, err));
    if (words->items.ja[0] != '\0')
        TRY(put_names(told, "items", "items_en", words->items, err));
    return 0;
}

/* Who received: what the tables call a body, what a note calls a service, or else the code. */
static int put_receiver(struct telling *telling, struct json *told, const struct log_record *r,
                        const struct note_words *words, struct err *err)
{
    const struct body *body = tables_body(telling->tables, r->receiver);

    TRY(json_put_text(told, "receiver", r->receiver, err));
    if (words->receiver.ja[0] != '\0' || body == NULL) {
        const struct names names = words->receiver.ja[0] != '\0'
                                       ? words->receiver
                                       : (struct names){r->receiver, r->receiver};

        TRY(put_names(told, "receiver_name", "receiver_name_en", names, err));
    } else {
        TRY(put_common(telling, told, "receiver_name", just_the_name, body->names.ja, err));
        TRY(put_common(telling, told, "receiver_name_en", just_the_name, body->names.en, err));
    }
    return json_put_text(told, "receiver_system", r->detail, err);
}

static int put_action(struct telling *telling, struct json *told, const struct log_record *r,
                      const struct note_words *words, struct err *err)
{
    const struct names *sentence = &sentences[r->what];
    const struct info *info = tables_info(telling->tables, r->info);
    struct names name = words->items;

    if (info != NULL) {
        TRY(put_common(telling, told, "action", sentence->ja, info->names.ja, err));
        return put_common(telling, told, "action_en", sentence->en, info->names.en, err);
    }
    if (r->info[0] != '\0')
        name = (struct names){r->info, r->info};
    TRY(put_sentence(told, "action", sentence->ja, name.ja, err));
    return put_sentence(told, "action_en", sentence->en, name.en, err);
}

static int tell_record(struct telling *telling, const struct log_record *r, struct json **ret,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    struct note_words words;

    note_words_of(r, &words);
    TRY(json_put_int(told, "id", r->id, err));
    TRY(json_put_int(told, "at", r->at, err));
    TRY(put_common(telling, told, "what", just_the_name, log_whats[r->what], err));
    TRY(put_action(telling, told, r, &words, err));
    TRY(put_receiver(telling, told, r, &words, err));
    TRY(put_note(told, &words, err));
    if (r->giver[0] != '\0')
        TRY(json_put_text(told, "giver", r->giver, err));
    if (r->info[0] != '\0')
        TRY(json_put_text(told, "info", r->info, err));
    if (r->duty[0] != '\0')
        TRY(json_put_text(told, "duty", r->duty, err));
    if (r->procedure[0] != '\0')
        TRY(json_put_text(told, "procedure", r->procedure, err));
    *ret = json_steal(&told);
    return 0;
}

/* ---- the words that records of a page have in common ---- */

static void collect_all(struct telling *telling, const struct log_record *record)
{
    if (tables_body(telling->tables, record->receiver) != NULL) /* others say who they are */
        collect(&telling->bodies, record->receiver);
    collect(&telling->bodies, record->giver);
    collect(&telling->duties, record->duty);
    collect(&telling->procedures, record->procedure);
}

static int put_bodies(const struct telling *telling, struct json *words, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < telling->bodies.count; i++) {
        const char *code = telling->bodies.code[i];
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(json_put_text(one, "body", code, err));
        TRY(put_names(one, "name", "name_en", body_names(telling->tables, code), err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(words, "bodies", json_steal(&list), err);
}

/* Why: the duty in law's words, and in plain ones. */
static int put_duties(const struct telling *telling, struct json *words, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < telling->duties.count; i++) {
        const struct duty *duty = tables_duty(telling->tables, telling->duties.code[i]);
        CLEANUP(json_freep) struct json *one = json_object_new();

        if (duty == NULL)
            continue;
        TRY(json_put_text(one, "duty", duty->code, err));
        TRY(put_names(one, "name", "name_en", duty->names, err));
        TRY(put_names(one, "why", "why_en", duty->plain, err));
        TRY(put_names(one, "basis", "basis_en", duty->basis, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(words, "duties", json_steal(&list), err);
}

static int put_procedures(const struct telling *telling, struct json *words, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < telling->procedures.count; i++) {
        const struct procedure *procedure = tables_procedure(telling->tables,
                                                             telling->procedures.code[i]);
        CLEANUP(json_freep) struct json *one = json_object_new();

        if (procedure == NULL)
            continue;
        TRY(json_put_text(one, "procedure", procedure->code, err));
        TRY(put_names(one, "name", "name_en", procedure->names, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(words, "procedures", json_steal(&list), err);
}

static int put_words(const struct telling *telling, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *words = json_object_new();

    TRY(put_bodies(telling, words, err));
    TRY(put_duties(telling, words, err));
    TRY(put_procedures(telling, words, err));
    return json_put(body, "words", json_steal(&words), err);
}

static int take(void *context, const struct log_record *record, struct err *err)
{
    struct telling *telling = context;
    struct json *told;

    collect_all(telling, record);
    TRY(tell_record(telling, record, &told, err));
    return json_add(telling->list, told, err);
}

int history_page(const struct exchange *x, const struct log_query *query, struct json **ret,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(telling_done) struct telling telling = {.tables = x->tables, .list = list};
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
    TRY(put_words(&telling, body, err));
    *ret = json_steal(&body);
    return 0;
}

/* The proof leads to what is signed, instead of to the log as it is at the moment. */
static int put_checkpoint(const struct exchange *x, struct audit_keeper *keeper, int64_t seq,
                          struct json *proof, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    char record[24], records[24];
    const struct audit_tree_query query = {.size = records, .record = record};
    int64_t size;

    if (keeper == NULL)
        return 0;
    TRY(audit_keeper_make(keeper, &note, &size, err));
    (void)snprintf(record, sizeof record, "%lld", (long long)seq);
    (void)snprintf(records, sizeof records, "%lld", (long long)size);
    TRY(audit_tree(x->db, &query, &tree, err));
    TRY(json_put(proof, "tree", json_steal(&tree), err));
    return json_put_bytes(proof, "checkpoint", buf_bytes(&note), err);
}

int history_proof(const struct exchange *x, struct audit_keeper *keeper, int64_t person, int64_t id,
                  struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *proof = NULL;
    char text[LOG_TEXT_SIZE];
    CLEANUP(telling_done) struct telling telling = {.tables = x->tables};
    struct log_record record;
    struct json *told;

    TRY(exchange_log_proof(x, person, id, &record, &proof, err));
    TRY(put_checkpoint(x, keeper, record.audit, proof, err));
    collect_all(&telling, &record);
    log_record_text(&record, text);
    TRY(tell_record(&telling, &record, &told, err));
    TRY(json_put(body, "record", told, err));
    TRY(put_words(&telling, body, err));
    TRY(json_put_text(body, "text", text, err));
    TRY(json_put(body, "proof", json_steal(&proof), err));
    *ret = json_steal(&body);
    return 0;
}
