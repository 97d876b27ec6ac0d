/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that people take along: begun and answered with in one way. */
#pragma once

#include "http/route.h"
#include "paper/paper.h"

/* The language in which a document is asked for: Japanese where nothing is said. */
extern const struct http_member papers_query[];
MUST_CHECK int papers_language(const struct http_call *call, enum paper_language *ret,
                               struct err *err);

/* What a document says itself, by its language. */
struct papers_words {
    const char *in[PAPER_ENGLISH + 1];
};

/* A document of the portal, issued now; *ret by paper_freep. */
MUST_CHECK int papers_begin(const struct http_call *call, enum paper_language language,
                            const struct papers_words *title, const char *number,
                            struct paper **ret, struct err *err);
/* "2026年11月26日 14時30分", "26 November 2026, 14:30 JST": Japan's time; "－" for 0. */
enum { PAPERS_TIME_SIZE = PAPER_DAY_SIZE + 32 };
void papers_time(int64_t at, enum paper_language language, char ret[PAPERS_TIME_SIZE]);
/* Answer with it, for saving as "NAME-NUMBER.pdf". */
MUST_CHECK int papers_reply(struct http_call *call, struct paper *paper, const char *name,
                            const char *number, struct err *err);
extern const struct http_answer papers_answers[];
