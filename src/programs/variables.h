/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of base/settings.h for variables of the environment that several programs read. */
#pragma once

#include "base/settings.h"

#define VARIABLE_TRACE                                                                             \
    {                                                                                              \
        "JPKI_TRACE", "",                                                                          \
            "on test systems: the file to which steps are appended, a line of JSON each, without " \
            "anything about a person or a card"                                                    \
    }
/* base/i18n.h */
#define VARIABLES_LANGUAGE                                                                         \
    {"LC_ALL", "", "ja...: messages are Japanese; set to anything else: English"},                 \
        {"LC_MESSAGES", "", "the same where LC_ALL is not set"},                                   \
    {                                                                                              \
        "LANG", "", "the same where LC_MESSAGES is not set either"                                 \
    }
/* base/log.c */
#define VARIABLE_JOURNAL                                                                           \
    {                                                                                              \
        "JOURNAL_STREAM", "", "set by systemd: the log goes to the journal, with its fields"       \
    }
#define VARIABLES_END                                                                              \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }
/* Of a daemon. */
#define VARIABLES_DAEMON VARIABLE_TRACE, VARIABLE_JOURNAL, VARIABLES_LANGUAGE, VARIABLES_END
