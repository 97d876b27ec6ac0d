/* SPDX-License-Identifier: Apache-2.0 */
/* What jpkictl key ceremony and jpkictl key rotate have in common: a script is held. */
#pragma once

#include "base/cli.h"

struct ceremony_options {
    const char *transcript, *rehearsal;
    bool plan, resume, abort, json;
};

/* Rows for a command whose option struct begins with a struct ceremony_options. */
#define CEREMONY_OPTIONS                                                                           \
    {0,          "transcript",                                                                     \
     CLI_TEXT,   offsetof(struct ceremony_options, transcript),                                    \
     N_("FILE"), N_("where everything is written down")},                                          \
        {0,                                                                                        \
         "rehearsal",                                                                              \
         CLI_TEXT,                                                                                 \
         offsetof(struct ceremony_options, rehearsal),                                             \
         N_("DIRECTORY"),                                                                          \
         N_("hold it with throw-away keys in this directory, and touch nothing else")},            \
        {0,        "plan",                                                                         \
         CLI_FLAG, offsetof(struct ceremony_options, plan),                                        \
         NULL,     N_("read the script, show its steps, and stop")},                               \
        {0,        "resume",                                                                       \
         CLI_FLAG, offsetof(struct ceremony_options, resume),                                      \
         NULL,     N_("go on with a ceremony that was interrupted")},                              \
        {0,        "abort",                                                                        \
         CLI_FLAG, offsetof(struct ceremony_options, abort),                                       \
         NULL,     N_("end a ceremony that was interrupted; nothing that it made is left")},       \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(struct ceremony_options, json), NULL, N_("print JSON")     \
    }

struct script;
/* accepts is asked of the script before anything is begun; NULL: nothing more is asked. */
MUST_CHECK int ceremony_hold(const struct ceremony_options *options, const char *path,
                             int (*accepts)(const struct script *script, const void *context,
                                            struct err *err),
                             const void *context, struct err *err);
