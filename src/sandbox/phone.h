/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phone of everybody in the sandbox: is told the address of a login and the code that is shown
 * beside it, as a person would read them from a screen, takes that person's card and PIN, and
 * answers over the protocol for cards (docs/card-protocol.md). What a provider or the provider of
 * logins checks is checked as always.
 */
#pragma once

#include "sandbox/keeper.h"
#include "sandbox/powers_map.h"

#include <stdint.h>

enum { PHONE_ADDRESS_MAX = 511, PHONE_CODE_MAX = 15, PHONE_QUEUE_MAX = 64 };

struct phone_login {
    char address[PHONE_ADDRESS_MAX + 1]; /* "http://127.0.0.1:8724/v1/logins/..." */
    char code[PHONE_CODE_MAX + 1];
    char persona[SANDBOX_PERSONA_NAME_MAX + 1];
    uint64_t faults; /* a bit for each that this login is to meet, whatever is set */
};

struct phone;

/* What it needs lives as long as the phone. */
struct phone_options {
    const struct layout *layout;
    struct keeper *keeper;
    struct powers_page *page;
    /* Told of each login; failure is NULL if it was answered. Called by threads of the phone. */
    void (*report)(const struct phone_login *login, const struct err *failure);
};

MUST_CHECK int phone_new(const struct phone_options *options, struct phone **ret, struct err *err);
/* Ends what is being done first; accepts NULL. */
void phone_free(struct phone *phone);
/* Answer it soon, in a thread of the phone. ERR_REMOTE if PHONE_QUEUE_MAX wait already. */
MUST_CHECK int phone_ask(struct phone *phone, const struct phone_login *login, struct err *err);
/* Do to a person's card what the fault says, now (NAMED_BY_ACT). */
MUST_CHECK int phone_act(struct phone *phone, const char *persona, enum named_fault fault,
                         struct err *err);
