/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerks as the register knows them: who they are, by which card they are known, and which roles
 * they have since when. A clerk is known by two certificates of one card, each by its SHA-256: a
 * renewed or another card is bound by an administrator (docs/decisions/0054).
 */
#pragma once

#include "crypto/digest.h"
#include "register/card.h"
#include "x509/cert.h"

enum clerk_role {
    ROLE_ADMINISTRATOR, /* adds clerks, gives and takes roles, blocks, binds cards */
    ROLE_REGISTRAR,     /* records residents and what happens to them and their cards */
    ROLE_ISSUER,        /* has cards and certificates made, and PINs set anew */
    ROLE_APPROVER,      /* confirms what two people have to agree on */
    ROLE_LOSS_LINE,     /* answers the telephone day and night, and suspends lost cards */
    CLERK_ROLES_
};

#define CLERK_ROLE_BIT(role_) (1U << (role_))

/* "administrator", "registrar", "issuer", "approver", "loss-line", ended by NULL. */
extern const char *const clerk_role_names[];
/* ERR_INPUT if it is none of them. */
MUST_CHECK int clerk_role_parse(const char *name, enum clerk_role *ret, struct err *err);

enum {
    CLERK_ID_LEN = RESIDENT_ID_LEN,
    COUNTER_LEN = MUNICIPALITY_CODE_LEN + WINDOW_LEN,
    CLERK_HASH_LEN = 32,
    CLERK_ISSUER_LEN = 40, /* hexadecimal digits of a key identifier */
};

/* In the place of a municipality: an office that serves all of them, such as the loss line's. */
#define EVERY_MUNICIPALITY "00000"

/* By what a clerk is recognised. */
struct clerk_card {
    uint8_t sign[CLERK_HASH_LEN], auth[CLERK_HASH_LEN]; /* SHA-256 of both certificates */
    /* Who issued the sign certificate, by key identifier, which tells generations of a CA apart,
     * and its serial number. */
    char issuer[CLERK_ISSUER_LEN + 1];
    uint32_t serial;
};

struct clerk {
    char id[CLERK_ID_LEN + 1];
    char name[NAME_BYTES_MAX + 1];
    char municipality[MUNICIPALITY_CODE_LEN + 1];
    char window[WINDOW_LEN + 1]; /* of the only counter; "": any of the municipality */
    bool is_blocked;
    unsigned roles; /* a bit for each one the clerk has now */
    struct clerk_card card;
};

/* ERR_INPUT for a name that certificates cannot carry, and for places that are none. */
MUST_CHECK int clerk_check(const struct clerk *clerk, const struct municipalities *list,
                           struct err *err);
/* "131010001": municipality, or EVERY_MUNICIPALITY, and window. ERR_INPUT unless it is one. */
MUST_CHECK int clerk_counter_check(const char *counter, const struct municipalities *list,
                                   struct err *err);
/* Whether a clerk may sit at this counter. */
bool clerk_is_of_counter(const struct clerk *clerk, const char *counter);
/* Whether whoever sits there is concerned with this municipality. */
bool clerk_covers(const char *counter, const char *municipality);

/* Both certificates of a card, which are parsed and believed already. */
MUST_CHECK int clerk_card_of(const struct x509_cert *sign, struct bytes auth_der,
                             struct clerk_card *ret, struct err *err);
/* Whether a certificate (DER) is the one whose hash that is. */
MUST_CHECK int clerk_is_certificate(const uint8_t hash[CLERK_HASH_LEN], struct bytes der, bool *ret,
                                    struct err *err);
