/* SPDX-License-Identifier: Apache-2.0 */
/* What notices can be about, and the words for it. Inside this room only. */
#pragma once

#include "base/json.h"
#include "portal/notice/limits.h"

enum { NOTICE_PARAMETERS_SIZE = 5 }; /* of a topic, with the end */

enum notice_kind {
    NOTICE_NAME,   /* of a thing: characters that can be seen, no address of a page; what is not
                      the portal's own has no markup, and no number that somebody is known by */
    NOTICE_DATE,   /* YYYY-MM-DD */
    NOTICE_NUMBER, /* from 0 */
    NOTICE_STATE,  /* of an application */
};
struct notice_parameter {
    const char *name;
    enum notice_kind kind;
};
/* Japanese, English, and Japanese for everybody. */
enum notice_language { NOTICE_JA, NOTICE_EN, NOTICE_PLAIN, NOTICE_LANGUAGES_ };
extern const char *const notice_languages[]; /* "ja", "en", "plain", NULL */

struct notice_words {
    const char *title, *text; /* "{name}" is the parameter of that name */
};
/* Who tells it. */
enum notice_author {
    NOTICE_BY_PORTAL,
    NOTICE_BY_OFFICE, /* a municipality */
    NOTICE_BY_SENDER, /* a service or a site (letter.h) */
};
struct notice_topic {
    const char *code;
    enum notice_author author;
    int days;                                                   /* for which it is kept */
    struct notice_parameter parameters[NOTICE_PARAMETERS_SIZE]; /* all of them; ended by NULL */
    struct notice_words words[NOTICE_LANGUAGES_];
};
extern const struct notice_topic notice_topics[]; /* ended by one without code */

/* Whether a notice repeats it: 1 to NOTICE_NAME_MAX characters that lead to no other page. */
bool notice_is_name(const char *text);
const struct notice_topic *notice_topic_find(const char *code); /* NULL: there is none */
/* ERR_INPUT unless these are just what it takes; parameters may be NULL. */
MUST_CHECK int notice_topic_check(const struct notice_topic *topic, const struct json *parameters,
                                  struct err *err);
/* A title or text with its parameters, which notice_topic_check took, appended to *ret. */
MUST_CHECK int notice_topic_write(const char *template, enum notice_language language,
                                  const struct notice_topic *topic, const struct json *parameters,
                                  struct buf *ret, struct err *err);
