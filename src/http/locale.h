/* SPDX-License-Identifier: Apache-2.0 */
/* Which of its languages a server takes for what somebody asks (ui_locales, OpenID Connect
 * Core 1.0, 3.1.2.1). */
#pragma once

/* The first of some language tags (RFC 5646), with blanks between them, that is one of locales, a
 * list ended by NULL; NULL: none is, or tags is NULL. "en" is in "en-GB". */
const char *http_locale_pick(const char *tags, const char *const locales[]);
