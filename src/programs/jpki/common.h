/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of jpki have in common: the card, its certificates, output, failures. */
#pragma once

#include "base/bytes.h"
#include "base/cli.h"
#include "base/i18n.h"
#include "base/json.h"
#include "client/cert.h"
#include "client/icc.h"
#include "programs/output.h"
#include "x509/cert.h"

struct card_options {
    const char *reader;
    bool trace, json;
};

/* Rows for a command whose option struct has a member "card" of that type. */
#define JSON_OPTION(type)                                                                          \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(type, card.json), NULL, N_("print one JSON object")        \
    }
#define CARD_OPTIONS(type)                                                                         \
    {'r',      "reader",                                                                           \
     CLI_TEXT, offsetof(type, card.reader),                                                        \
     "TEXT",   N_("use the reader with this text in its name, or direct:PATH")},                   \
    {                                                                                              \
        't', "trace", CLI_FLAG, offsetof(type, card.trace), NULL,                                  \
            N_("show commands to the card on standard error, without PINs")                        \
    }

/* What a kind of card is called, a msgid. */
const char *kind_title(enum icc_kind kind);
/* Open the card that is meant: --reader, else $JPKI_READER, else the only one there is. */
MUST_CHECK int open_card(const struct card_options *options, struct icc **ret, struct err *err);
/* The environment's value of a name, NULL if it is not set or empty. */
const char *environment(const char *name);

/*
 * What a command returns to main: 0 if rc is 0, else the failure is told on stderr (and, with
 * json, on stdout as {"error": {"kind", "text"}, "exit_code"}) and becomes an exit code.
 */
int finish(int rc, bool json, const struct err *err);
/* The same for another program of this name. */
int finish_as(const char *program, int rc, bool json, const struct err *err);
/* "label: value" on stdout; nothing if the value is empty. */
void print_field(const char *label, const char *value);

enum colour { COLOUR_GOOD, COLOUR_DOUBTFUL, COLOUR_BAD };
/* Escape sequences, "" if stdout is no terminal or $NO_COLOR is set. */
const char *colour_on(enum colour colour);
const char *colour_off(void);
