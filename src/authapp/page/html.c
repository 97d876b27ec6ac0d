/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/html.h"

#include "authapp/page/locale.h"
#include "authapp/routes.h"

#include "base/i18n.h"

#include <string.h>
#include <strings.h>

/* Our own stylesheet and forms to ourselves, in nobody's frame. */
#define POLICY                                                                                     \
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "                  \
    "frame-ancestors 'none'"
static const char policy[] = POLICY;
/* Besides, our own script, and the one port that it may ask. */
static const char agent_policy[] = POLICY "; script-src 'self'; connect-src " PAGE_AGENT_ORIGIN;

void html_done(struct page *page)
{
    buf_done(&page->out);
}

/* English only for whoever puts it before Japanese (RFC 9110, 12.5.4, without weights). */
static const char *language_of_browser(const struct http_call *call)
{
    const char *at = http_header(&call->request, "Accept-Language");

    while (at != NULL && *at != '\0') {
        at += strspn(at, " \t,");
        if (strncasecmp(at, "en", 2) == 0 && strchr("-,; \t", at[2]) != NULL)
            return "en";
        if (strncasecmp(at, "ja", 2) == 0 && strchr("-,; \t", at[2]) != NULL)
            return "ja";
        at += strcspn(at, ",");
    }
    return "ja";
}

/* The language that the login was opened with, if this page is of one: page/locale.h. */
static int language_of(const struct http_call *call, const char **ret, struct err *err)
{
    TRY(locale_of_login(call, ret, err));
    if (*ret == NULL)
        *ret = language_of_browser(call);
    return 0;
}

int html_put(struct page *page, const char *html, struct err *err)
{
    return buf_append_text(&page->out, html, err);
}

int html_put_text(struct page *page, const char *text, struct err *err)
{
    static const struct {
        char letter;
        const char *entity;
    } rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (; *text != '\0'; text++) {
        const char *entity = NULL;

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            entity = rows[i].letter == *text ? rows[i].entity : entity;
        TRY(entity == NULL ? buf_append_byte(&page->out, (uint8_t)*text, err)
                           : buf_append_text(&page->out, entity, err));
    }
    return 0;
}

int html_put_words(struct page *page, const char *msgid, struct err *err)
{
    return html_put_text(page, i18n_text(page->words, msgid), err);
}

static int put_head(struct page *page, const char *title, const char *refresh, struct err *err)
{
    TRY(html_put(page, "<!DOCTYPE html>\n<html lang=\"", err));
    TRY(html_put(page, page->language, err));
    TRY(html_put(page,
                 "\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                 "<meta name=\"robots\" content=\"noindex\">",
                 err));
    if (refresh != NULL) {
        TRY(html_put(page, "<meta http-equiv=\"refresh\" content=\"1;url=", err));
        TRY(html_put_text(page, refresh, err));
        TRY(html_put(page, "\">", err));
    }
    TRY(html_put(page, "<link rel=\"stylesheet\" href=\"" PAGE_STYLE_PATH "\"><title>", err));
    TRY(html_put_words(page, title, err));
    return html_put(page, "</title></head>\n<body>", err);
}

int html_begin(const struct http_call *call, const char *title, const char *refresh,
               struct page *ret, struct err *err)
{
    CLEANUP(html_done) struct page page = {.words = NULL};

    TRY(language_of(call, &page.language, err));
    page.words = i18n_catalogue(page.language);
    TRY(put_head(&page, title, refresh, err));
    TRY(html_put(&page, "<p class=\"test\" role=\"note\">TEST &#8212; ", err));
    TRY(html_put_words(&page, N_("This is a test system. Nothing here counts."), err));
    TRY(html_put(&page, "</p>\n<main><h1>", err));
    TRY(html_put_words(&page, title, err));
    TRY(html_put(&page, "</h1>\n", err));
    *ret = page;
    page.out = (struct buf)BUF_INIT;
    return 0;
}

int html_say(struct page *page, const char *msgid, struct err *err)
{
    TRY(html_put(page, "<p>", err));
    TRY(html_put_words(page, msgid, err));
    return html_put(page, "</p>\n", err);
}

int html_row(struct page *page, const char *msgid, const char *value, struct err *err)
{
    TRY(html_put(page, "<dl><dt>", err));
    TRY(html_put_words(page, msgid, err));
    TRY(html_put(page, "</dt><dd>", err));
    TRY(html_put_text(page, value, err));
    return html_put(page, "</dd></dl>\n", err);
}

int html_link(struct page *page, const char *address, const char *msgid, struct err *err)
{
    TRY(html_put(page, "<p><a href=\"", err));
    TRY(html_put_text(page, address, err));
    TRY(html_put(page, "\">", err));
    TRY(html_put_words(page, msgid, err));
    return html_put(page, "</a></p>\n", err);
}

int html_reply(struct http_call *call, unsigned status, struct page *page, struct err *err)
{
    const struct {
        const char *name, *value;
    } fields[] = {
        {"Content-Security-Policy", page->asks_agent ? agent_policy : policy},
        {"X-Frame-Options", "DENY"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };

    TRY(html_put(page, "</main></body></html>\n", err));
    http_reply_buf(&call->response, status, PAGE_TYPE, &page->out);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        TRY(http_reply_field(&call->response, fields[i].name, fields[i].value, err));
    return 0;
}

int html_message(struct http_call *call, unsigned status, const char *title, const char *msgid,
                 struct err *err)
{
    CLEANUP(html_done) struct page page = {.words = NULL};

    TRY(html_begin(call, title, NULL, &page, err));
    TRY(html_say(&page, msgid, err));
    return html_reply(call, status, &page, err);
}

/* ---- the stylesheet ---- */

static const char style[] =
    ":root{color-scheme:light;--paper:#f7f4ee;--sheet:#fffdf9;--ink:#26252d;--soft:#5e5b66;"
    "--edge:#8a8478;--tint:#efeae0;--plum:#6a3657;--tape:#e0a526;--tape-ink:#26200c}"
    "@media screen and (prefers-color-scheme:dark){"
    ":root{color-scheme:dark;--paper:#1b1a20;--sheet:#25242b;--ink:#ece8e1;--soft:#aca7b3;"
    "--edge:#85808e;--tint:#312f39;--plum:#d9a3c5;--tape:#c8901a;--tape-ink:#17130a}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.65 system-ui,\"Noto Sans JP\",\"Noto Sans CJK JP\",sans-serif;"
    "overflow-wrap:anywhere}"
    "main{max-width:36rem;margin:0 auto;padding:1rem}"
    ".test{margin:0;padding:.55rem max(1rem,calc(50% - 17rem));background:var(--tape);"
    "color:var(--tape-ink);font-weight:bold;border-bottom:.5rem solid;border-image:"
    "repeating-linear-gradient(-45deg,var(--tape-ink) 0 .7rem,var(--tape) .7rem 1.4rem) 8}"
    "h1{font-size:1.4rem;line-height:1.3}"
    "a{color:var(--plum)}"
    ":focus-visible{outline:3px solid var(--plum);outline-offset:2px;border-radius:3px}"
    "dl{margin:.75rem 0}"
    "dt{font-size:.9rem;color:var(--soft)}"
    "dd{margin:0;font-weight:bold;white-space:pre-line}"
    "code{display:block;font-weight:normal;padding:.6rem "
    ".8rem;background:var(--tint);border-radius:.4rem}"
    ".code{font-size:2.5rem;letter-spacing:.3rem;font-variant-numeric:tabular-nums}"
    ".qr{display:block;width:14rem;height:14rem;background:#fff;color:#000;padding:.5rem}"
    "button,select{font:inherit;color:inherit;background:var(--sheet);max-width:100%;"
    "min-height:2.75rem;padding:.3rem 1rem;border:1px solid var(--edge);border-radius:.4rem}";

static int get_style(struct http_call *call, struct err *err)
{
    TRY(http_reply_bytes(&call->response, 200, "text/css; charset=utf-8", BYTES_LITERAL(style),
                         err));
    TRY(http_reply_field(&call->response, "X-Content-Type-Options", "nosniff", err));
    return http_reply_field(&call->response, "Cache-Control", "max-age=3600", err);
}

static const struct http_answer style_answers[] = {
    {200, "the stylesheet", .type = "text/css; charset=utf-8"}, {0}};

const struct route authapp_page_routes[] = {
    {.method = HTTP_GET,
     .path = PAGE_STYLE_PATH,
     .access = &http_anyone,
     .handle = get_style,
     .operation = "getStyle",
     .summary = "Read the stylesheet of the pages",
     .answers = style_answers},
    {.path = NULL},
};
