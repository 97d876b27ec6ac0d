/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of jpki-clinic have in common: the portal, as one terminal of a clinic. */
#pragma once

#include "holder/eligibility.h"
#include "programs/jpki/common.h"

struct desk_options {
    const char *portal, *key_file;
    int64_t wait; /* seconds */
};

enum { DESK_WAIT_DEFAULT = 20, DESK_WAIT_MAX = 600 };

/* Rows for a command whose option struct has a member "desk" of that type. */
#define DESK_OPTIONS(type)                                                                         \
    {'p',      "portal",                                                                           \
     CLI_TEXT, offsetof(type, desk.portal),                                                        \
     "URL",    N_("the portal that looks it up")},                                                 \
        {'k',    "terminal-key-file",           CLI_TEXT, offsetof(type, desk.key_file),           \
         "FILE", N_("the key of this terminal")},                                                  \
    {                                                                                              \
        0, "wait", CLI_INT, offsetof(type, desk.wait), "SECONDS",                                  \
            N_("wait so long for the insurer's answer; 20 if not given")                           \
    }

/* Neither is asked yet. ERR_USAGE without address or key. */
MUST_CHECK int desk_open(const struct desk_options *options, struct remote **ret, struct err *err);

/* Ask again until there is an answer, or for options->wait. */
MUST_CHECK int desk_await(const struct desk_options *options, const struct remote *remote,
                          struct eligibility_answer *answer, struct err *err);
/* Sleep before the next time; false: the time since began (monotonic_us) is over. */
bool desk_pause(const struct desk_options *options, int64_t began);

/* What a command returns to main. */
int desk_finish(int rc, bool json, const struct err *err);
