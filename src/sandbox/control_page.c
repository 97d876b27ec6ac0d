/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page with forms for what is set, which needs no script. Forms are taken from this page's own
 * origin alone, which browsers say of every form (Fetch, 3.2.5); so it must not hide it, and its
 * Referrer-Policy is another than the start page's. All texts on it are our own.
 */
#include "base/i18n.h"
#include "http/syntax.h"
#include "sandbox/clock_file.h"
#include "sandbox/control_handlers.h"
#include "sandbox/page.h"
#include "sandbox/page_host.h"
#include "sandbox/powers_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOUR = 3600 };

static const char policy[] = "default-src 'none'; style-src 'self'; form-action 'self'; "
                             "base-uri 'none'; frame-ancestors 'none'";

struct writer {
    const struct catalogue *words;
    struct buf out;
};

static void writer_done(struct writer *writer)
{
    buf_done(&writer->out);
}

static int say(struct writer *writer, const char *msgid, struct err *err)
{
    return buf_append_text(&writer->out, i18n_text(writer->words, msgid), err);
}

static int put(struct writer *writer, const char *html, struct err *err)
{
    return buf_append_text(&writer->out, html, err);
}

/* A form with one hidden word, what stands in it, and its button. */
static int put_form(struct writer *writer, const char *action, const char *inside,
                    const char *button, struct err *err)
{
    TRY(buf_append_format(&writer->out, err,
                          "<form method=\"post\" action=\"/set\"><input type=\"hidden\" "
                          "name=\"do\" value=\"%s\">%s <button type=\"submit\">",
                          action, inside));
    TRY(say(writer, button, err));
    return put(writer, "</button></form>\n", err);
}

static int put_fault(struct writer *writer, const struct powers_page *page, enum named_fault fault,
                     struct err *err)
{
    const struct named_fault_row *row = &named_faults[fault];
    const struct powers_slot slot = powers_get(page, fault);
    CLEANUP(buf_done) struct buf inside = BUF_INIT;
    const char *text;

    TRY(buf_append_format(&writer->out, err, "<tr><th scope=\"row\">%s</th><td>", row->name));
    TRY(say(writer, row->text, err));
    TRY(put(writer, "</td><td>", err));
    if (row->way == NAMED_BY_ACT)
        return put(writer, "</td></tr>\n", err);
    TRY(buf_append_format(&inside, err, "<input type=\"hidden\" name=\"fault\" value=\"%s\">",
                          row->name));
    if (slot.left == 0)
        TRY(buf_append_format(&inside, err,
                              "<input type=\"number\" name=\"times\" min=\"0\" value=\"1\" "
                              "aria-label=\"%s\">",
                              i18n_text(writer->words, N_("times, 0: until it is cleared"))));
    TRY(buf_text(&inside, &text, err));
    TRY(put_form(writer, slot.left == 0 ? "set" : "clear", text,
                 slot.left == 0 ? N_("Set") : N_("Clear"), err));
    return put(writer, "</td></tr>\n", err);
}

static int put_settings(struct writer *writer, const struct powers_page *page, struct err *err)
{
    char name[SANDBOX_PERSONA_NAME_MAX + 1];
    CLEANUP(buf_done) struct buf inside = BUF_INIT;
    const char *text;

    powers_get_name(page, name);
    TRY(buf_append_format(
        &inside, err, "<label>%s <input name=\"persona\" value=\"%s\"></label>",
        i18n_text(writer->words, N_("Who logs in without being asked (empty: nobody)")), name));
    TRY(buf_text(&inside, &text, err));
    TRY(put_form(writer, "persona", text, N_("Set"), err));
    buf_clear(&inside);
    TRY(buf_append_format(&inside, err,
                          "<label>%s <input type=\"number\" name=\"hours\" min=\"0\" "
                          "value=\"24\"></label>",
                          i18n_text(writer->words, N_("Move the clock forward, hours"))));
    TRY(buf_text(&inside, &text, err));
    TRY(put_form(writer, "clock", text, N_("Move"), err));
    TRY(put_form(writer, "rotate", "", N_("Have other keys sign tokens"), err));
    return put_form(writer, "reset", "", N_("Clear everything that is set"), err);
}

static int write_page(struct writer *writer, const struct powers_page *page, struct err *err)
{
    TRY(put(writer,
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<link rel=\"stylesheet\" href=\"/start.css\"><title>OpenJPKI TEST</title></head>\n"
            "<body><main><h1>TEST: ",
            err));
    TRY(say(writer, N_("What is set in this sandbox"), err));
    TRY(put(writer, "</h1>\n", err));
    TRY(put_settings(writer, page, err));
    TRY(put(writer, "<table>\n", err));
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        TRY(put_fault(writer, page, (enum named_fault)i, err));
    return put(writer, "</table></main></body></html>\n", err);
}

static int add_fields(struct http_response *response, struct err *err)
{
    TRY(http_reply_field(response, "Content-Security-Policy", policy, err));
    TRY(http_reply_field(response, "X-Content-Type-Options", "nosniff", err));
    return http_reply_field(response, "Referrer-Policy", "same-origin", err);
}

int control_get_page(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    const char *language = http_header(&call->request, "Accept-Language");
    CLEANUP(writer_done) struct writer writer = {.out = BUF_INIT};

    writer.words = i18n_catalogue(language != NULL && strncasecmp(language, "en", 2) == 0 ? "en"
                                                                                          : "ja");
    TRY(write_page(&writer, page->powers, err));
    http_reply_buf(&call->response, 200, CONTROL_PAGE_TYPE, &writer.out);
    return add_fields(&call->response, err);
}

static const char *value(const struct http_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->at[i].name, name) == 0)
            return fields->at[i].value;
    return "";
}

/* ---- what the forms do ---- */

static int set_fault(const struct page *page, const struct http_fields *fields, struct err *err)
{
    enum named_fault fault;

    TRY(named_fault_find(value(fields, "fault"), &fault, err));
    return powers_arm(page->powers, fault, strtoll(value(fields, "times"), NULL, 10), err);
}

static int clear_fault(const struct page *page, const struct http_fields *fields, struct err *err)
{
    enum named_fault fault;

    TRY(named_fault_find(value(fields, "fault"), &fault, err));
    powers_set(page->powers, fault, 0);
    return 0;
}

static int set_persona(const struct page *page, const struct http_fields *fields, struct err *err)
{
    const char *name = value(fields, "persona");

    if (name[0] != '\0')
        TRY(control_check_persona(page->layout, name, err));
    powers_set_name(page->powers, name);
    return 0;
}

static int move_clock(const struct page *page, const struct http_fields *fields, struct err *err)
{
    long long hours = strtoll(value(fields, "hours"), NULL, 10);
    const struct clock_move move = {.is_shift = true, .by_or_to = (int64_t)hours * HOUR};
    int64_t offset;

    if (hours < 0 || hours > SANDBOX_CLOCK_LATEST_MAX / HOUR)
        return FAIL(err, ERR_INPUT, "the clock only goes forward, to the end of 2099");
    return clock_file_move(page->layout, &clock_system, &move, &offset, err);
}

static int rotate(const struct page *page, const struct http_fields *fields, struct err *err)
{
    CLEANUP(json_freep) struct json *told = NULL;

    (void)fields;
    return control_rotate(page, &told, err);
}

static int reset(const struct page *page, const struct http_fields *fields, struct err *err)
{
    (void)fields;
    (void)err;
    powers_clear(page->powers);
    return 0;
}

/* A program has no business here: it has the routes for JSON. */
int control_post_page(struct http_call *call, struct err *err)
{
    static const struct {
        const char *name;
        int (*act)(const struct page *page, const struct http_fields *fields, struct err *err);
    } rows[] = {{"set", set_fault},    {"clear", clear_fault}, {"persona", set_persona},
                {"clock", move_clock}, {"rotate", rotate},     {"reset", reset}};
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    struct http_fields fields = {NULL, 0};

    if (http_header(&call->request, "Origin") == NULL)
        return FAIL(err, ERR_DENIED, "a form comes from a browser, which says from where");
    TRY(http_query_decode(call->request.arena, call->request.body, &fields, err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, value(&fields, "do")) != 0)
            continue;
        TRY(rows[i].act(call->context, &fields, err));
        TRY(buf_append_text(&address, "/set", err));
        return http_reply_redirect(&call->response, 303, &address, err);
    }
    return FAIL(err, ERR_INPUT, "the form says nothing that could be done");
}
