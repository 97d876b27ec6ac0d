/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in the reader's language, from a gettext .mo file that we read and search ourselves:
 * libc's gettext needs installed locales, servers need the language per request.
 *
 * Catalogues are found at ../share/locale/LANGUAGE/LC_MESSAGES/openjpki.mo, seen from the folder
 * of the executable. A missing or unusable one means English. All functions are thread-safe.
 */
#pragma once

struct catalogue;

/* The catalogue of a language ("ja", "en"), loaded once; NULL (English) if there is none. */
const struct catalogue *i18n_catalogue(const char *language);
/* The message in that language; msgid itself if there is no translation. */
const char *i18n_text(const struct catalogue *catalogue, const char *msgid)
    __attribute__((format_arg(2)));
/* "ja" or "en": the first of LC_ALL, LC_MESSAGES and LANG that is set and not empty decides. */
const char *i18n_language(void);
/* The message in the language of the process; xgettext keyword. */
const char *tr(const char *msgid) __attribute__((format_arg(1)));
/* Marks a string for xgettext where it cannot be translated yet (tables). */
#define N_(msgid) msgid
