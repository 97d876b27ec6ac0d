/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages for browsers: plain HTML that needs no script, in Japanese, or in English for whoever
 * prefers that. All text that is not ours is escaped, and no page may be put into a frame.
 */
#pragma once

#include "http/route.h"

#define PAGE_TYPE       "text/html; charset=utf-8"
#define PAGE_STYLE_PATH "/api/realms/main/page.css"
/* Where jpki agent listens (jpki-agent(1)). */
#define PAGE_AGENT_ORIGIN "http://127.0.0.1:25754"

/* What a page is made of. */
struct page {
    const struct catalogue *words; /* of the reader's language */
    const char *language;          /* "ja", "en" */
    struct buf out;
    bool asks_agent; /* has page/agent.h's part: may run our script and ask that port */
};
void html_done(struct page *page);

/*
 * Begin a page; title is a msgid. refresh: where the browser goes by itself (behind a second, if
 * it is our own to be waited for), NULL: nowhere.
 */
MUST_CHECK int html_begin(const struct http_call *call, const char *title, const char *refresh,
                          struct page *ret, struct err *err);
/* "<p>" of one of our own msgids. */
MUST_CHECK int html_say(struct page *page, const char *msgid, struct err *err);
/* A row: a msgid, and text from elsewhere. */
MUST_CHECK int html_row(struct page *page, const char *msgid, const char *value, struct err *err);
/* A link with a msgid. */
MUST_CHECK int html_link(struct page *page, const char *address, const char *msgid,
                         struct err *err);
/* HTML of ours as it is. */
MUST_CHECK int html_put(struct page *page, const char *html, struct err *err);
/* Text from elsewhere, where text or a quoted attribute stands. */
MUST_CHECK int html_put_text(struct page *page, const char *text, struct err *err);
/* A msgid in the reader's language, as such a text. */
MUST_CHECK int html_put_words(struct page *page, const char *msgid, struct err *err);
/* End it, and answer with it and with what keeps browsers strict. */
MUST_CHECK int html_reply(struct http_call *call, unsigned status, struct page *page,
                          struct err *err);
/* A page that only says something. */
MUST_CHECK int html_message(struct http_call *call, unsigned status, const char *title,
                            const char *msgid, struct err *err);
