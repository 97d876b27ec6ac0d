/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/history/record.h"

#include "exchange/note.h"

#include <string.h>

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
    [LOG_PREPARED] = {"「%s」の申請書があなたのために作成されました",
                      "An application for %s was prepared for you"},
    [LOG_CONSENT_ENDED] = {"代理人がした「%s」への同意が、代理とともに終わりました",
                           "The consent to \"%s\" that somebody gave for you ended with the "
                           "mandate"},
};

static void write_names(struct http_writer *to, const char *ja, const char *en, struct names names)
{
    http_write_text(to, ja, names.ja);
    http_write_text(to, en, names.en);
}

static void write_unless_empty(struct http_writer *to, const char *name, const char *text)
{
    if (text[0] != '\0')
        http_write_text(to, name, text);
}

/* What something is called. Names of the tables are there as long as the tables are. */
struct called {
    struct names names;
    bool is_of_tables;
};

static void write_called(struct http_writer *to, const char *member, const char *name,
                         bool is_of_tables)
{
    const struct http_part whole = {bytes_text(name), is_of_tables};

    http_write_parts(to, member, &whole, 1);
}

static void write_sentence(struct http_writer *to, const char *member, const char *sentence,
                           const char *name, bool is_of_tables)
{
    const char *place = strstr(sentence, "%s");

    if (place == NULL) {
        write_called(to, member, sentence, true);
        return;
    }
    const struct http_part parts[] = {
        {bytes_of(sentence, (size_t)(place - sentence)), true},
        {bytes_text(name), is_of_tables},
        {bytes_text(place + 2), true},
    };

    http_write_parts(to, member, parts, sizeof parts / sizeof parts[0]);
}

/* Of what: a name of the tables, a code that they no longer have, or what a note says. */
static struct called items_of(const struct tables *tables, const struct log_record *record,
                              const struct note_words *words)
{
    const struct info *info = tables_info(tables, record->info);

    if (info != NULL)
        return (struct called){info->names, true};
    if (record->info[0] != '\0')
        return (struct called){{record->info, record->info}, false};
    return (struct called){words->items, false};
}

static struct called body_called(const struct tables *tables, const char *code)
{
    const struct body *body = tables_body(tables, code);

    return body == NULL ? (struct called){{code, code}, false} : (struct called){body->names, true};
}

/* What a note calls a service, or the tables a body. */
static struct called receiver_of(const struct tables *tables, const struct log_record *record,
                                 const struct note_words *words)
{
    if (words->receiver.ja[0] != '\0')
        return (struct called){words->receiver, false};
    return body_called(tables, record->receiver);
}

/* What a note says in words of its own; a member that says nothing is left out. */
static void write_note(struct http_writer *to, const struct note_words *words)
{
    if (words->channel[0] == '\0')
        return;
    http_write_text(to, "channel", words->channel);
    if (words->why.ja[0] != '\0')
        write_names(to, "why", "why_en", words->why);
    if (words->items.ja[0] != '\0')
        write_names(to, "items", "items_en", words->items);
}

void history_write_record(struct http_writer *to, const char *name, const struct tables *tables,
                          const struct log_record *record)
{
    const struct names *sentence = &sentences[record->what];
    struct note_words words;
    struct called items, receiver;

    note_words_of(record, &words);
    items = items_of(tables, record, &words);
    receiver = receiver_of(tables, record, &words);
    http_write_object(to, name);
    http_write_int(to, "id", record->id);
    http_write_int(to, "at", record->at);
    http_write_text(to, "what", log_whats[record->what]);
    write_sentence(to, "action", sentence->ja, items.names.ja, items.is_of_tables);
    write_sentence(to, "action_en", sentence->en, items.names.en, items.is_of_tables);
    http_write_text(to, "receiver", record->receiver);
    write_called(to, "receiver_name", receiver.names.ja, receiver.is_of_tables);
    write_called(to, "receiver_name_en", receiver.names.en, receiver.is_of_tables);
    http_write_text(to, "receiver_system", record->detail);
    write_note(to, &words);
    write_unless_empty(to, "giver", record->giver);
    write_unless_empty(to, "info", record->info);
    write_unless_empty(to, "duty", record->duty);
    write_unless_empty(to, "procedure", record->procedure);
    http_write_end(to);
}

/* ---- what the codes mean ---- */

static void collect(struct history_codes *codes, const char *code)
{
    size_t i = 0;

    while (i < codes->count && strcmp(codes->code[i], code) != 0)
        i++;
    if (i == codes->count && i < HISTORY_CODES_MAX && code[0] != '\0' && strlen(code) <= CODE_LEN)
        memcpy(codes->code[codes->count++], code, strlen(code) + 1);
}

void history_words_begin(struct history_words *words, const struct tables *tables)
{
    words->tables = tables;
    words->bodies.count = 0;
    words->duties.count = 0;
    words->procedures.count = 0;
}

void history_words_collect(struct history_words *words, const struct log_record *record)
{
    if (tables_body(words->tables, record->receiver) != NULL) /* others say who they are */
        collect(&words->bodies, record->receiver);
    collect(&words->bodies, record->giver);
    collect(&words->duties, record->duty);
    collect(&words->procedures, record->procedure);
}

static void write_bodies(const struct history_words *words, struct http_writer *to)
{
    http_write_array(to, "bodies");
    for (size_t i = 0; i < words->bodies.count; i++) {
        const char *code = words->bodies.code[i];

        http_write_object(to, NULL);
        http_write_text(to, "body", code);
        write_names(to, "name", "name_en", body_called(words->tables, code).names);
        http_write_end(to);
    }
    http_write_end(to);
}

/* Why: the duty in law's words, and in plain ones. */
static void write_duties(const struct history_words *words, struct http_writer *to)
{
    http_write_array(to, "duties");
    for (size_t i = 0; i < words->duties.count; i++) {
        const struct duty *duty = tables_duty(words->tables, words->duties.code[i]);

        if (duty == NULL)
            continue;
        http_write_object(to, NULL);
        http_write_text(to, "duty", duty->code);
        write_names(to, "name", "name_en", duty->names);
        write_names(to, "why", "why_en", duty->plain);
        write_names(to, "basis", "basis_en", duty->basis);
        http_write_end(to);
    }
    http_write_end(to);
}

static void write_procedures(const struct history_words *words, struct http_writer *to)
{
    http_write_array(to, "procedures");
    for (size_t i = 0; i < words->procedures.count; i++) {
        const struct procedure *procedure = tables_procedure(words->tables,
                                                             words->procedures.code[i]);

        if (procedure == NULL)
            continue;
        http_write_object(to, NULL);
        http_write_text(to, "procedure", procedure->code);
        write_names(to, "name", "name_en", procedure->names);
        http_write_end(to);
    }
    http_write_end(to);
}

void history_words_write(const struct history_words *words, struct http_writer *to)
{
    http_write_object(to, "words");
    write_bodies(words, to);
    write_duties(words, to);
    write_procedures(words, to);
    http_write_end(to);
}
