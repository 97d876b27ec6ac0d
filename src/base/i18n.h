/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in the reader's language, from a gettext .mo file that we map and search ourselves:
 * libc's gettext needs installed locales, servers need the language per request (style 8.12).
 */
#pragma once

struct catalogue;

/* The catalogue of a language ("ja", "en"), loaded once; NULL (English) if there is none. */
const struct catalogue *i18n_catalogue(const char *language);
/* The message in that language; msgid itself if there is no translation. */
const char *i18n_text(const struct catalogue *catalogue, const char *msgid);
/* "ja" or "en" by LC_ALL, LC_MESSAGES, LANG, in that order. */
const char *i18n_language(void);
/* The message in the language of the process; xgettext keyword. */
const char *tr(const char *msgid);
/* Marks a string for xgettext where it cannot be translated yet (tables). */
#define N_(msgid) msgid
