/* SPDX-License-Identifier: Apache-2.0 */
/* What jpkictl's commands about verifiers share: asking the authority, and telling of a party. */
#pragma once

#include "base/cli.h"
#include "base/i18n.h"
#include "base/json.h"

/* Options that all of them have: where the authority is, and whether its answer is shown as it is.
 */
struct authority_options {
    const char *socket;
    bool json;
};

#define AUTHORITY_OPTIONS(type, member)                                                            \
    {'s',        "socket",                                                                         \
     CLI_TEXT,   offsetof(type, member.socket),                                                    \
     N_("FILE"), N_("the Unix socket of jpki-authorityd")},                                        \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(type, member.json), NULL, N_("print JSON")                 \
    }

/* What is asked: path is a start of a path, name (NULL: none) one segment, rest what follows. */
struct authority_question {
    const char *path, *name, *rest;
    const struct json *body; /* NULL means GET */
    const char *method;      /* NULL: GET, or POST with a body */
};

/* *ret becomes the answer. */
MUST_CHECK int authority_ask_about(const struct authority_options *options,
                                   const struct authority_question *question, struct json **ret,
                                   struct err *err);

/* Show a party as the authority tells it: as JSON, or a line with where it stands. */
MUST_CHECK int party_show(const struct authority_options *options, const struct json *party,
                          struct err *err);
