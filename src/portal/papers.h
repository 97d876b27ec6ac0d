/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that people take along: begun and answered with in one way. */
#pragma once

#include "http/route.h"
#include "paper/paper.h"

/* A document of the portal, issued now; *ret by paper_freep. */
MUST_CHECK int papers_begin(const struct http_call *call, const char *title, const char *number,
                            struct paper **ret, struct err *err);
/* "2026年11月26日 14時30分" in Japan's time; "－" for 0. */
enum { PAPERS_TIME_SIZE = 64 };
void papers_time(int64_t at, char ret[PAPERS_TIME_SIZE]);
/* Answer with it, for saving as "NAME-NUMBER.pdf". */
MUST_CHECK int papers_reply(struct http_call *call, struct paper *paper, const char *name,
                            const char *number, struct err *err);
extern const struct http_answer papers_answers[];
