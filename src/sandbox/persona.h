/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people of a sandbox. All of them are fictional and their PINs are published; the first has
 * the published dummy number, every other individual number fails the real check digit.
 *
 * They come from data/personas.json and from what 'persona add' has put into the sandbox. Values
 * are checked for their form here; the register decides what they mean.
 */
#pragma once

#include "base/json.h"
#include "sandbox/layout.h"
#include "sandbox/limits.h"

struct persona {
    const char *name; /* how commands call the persona: lower-case letters, digits, hyphens */
    const char *note;
    const char *mynumber;
    const char *full_name;
    const char *address;
    const char *birth_date;   /* "1990-04-15" */
    const char *sex;          /* "male", "female", "unknown" */
    const char *municipality; /* five digits */
    const char *kind;         /* of the card: "plastic", "under15", "under1", "face" */
    /* What has happened since the card was issued; act NULL: nothing. The others may be NULL. */
    struct {
        const char *act; /* "move", "name" */
        const char *name, *address, *municipality;
    } since;
    /* Of the exchange, or NULL: what is held of the persona in any case, and who has asked. */
    const struct json *holds, *inquiries;
    /* Names of other personas, or NULL: who acts for the persona by law, for whom the persona does.
     */
    const char *parent, *child;
    bool is_protected;    /* by the municipality, from somebody who looks for the persona */
    const char *pin_auth; /* published test values */
    const char *pin_sign;
    const char *pin_text, *pin_juki; /* NULL: the auth PIN, people choosing one for all three */
};

struct personas {
    struct json *own;                         /* what the texts of list point into */
    struct json *added[SANDBOX_PERSONAS_MAX]; /* the same for the added ones, by place */
    struct persona list[SANDBOX_PERSONAS_MAX];
    size_t count;
};

/* path is data/personas.json; layout may be NULL: no added ones. */
MUST_CHECK int personas_load(const char *path, const struct layout *layout, struct personas *ret,
                             struct err *err);
void personas_done(struct personas *personas);
/* Whether it could be one: letters, digits, hyphens, and no more than there may be. */
bool persona_is_name(const char *text);
/* ERR_ABSENT names the ones there are. */
MUST_CHECK int persona_find(const struct personas *personas, const char *name, struct persona *ret,
                            struct err *err);
/*
 * Add the persona described by a JSON object of the same members to the sandbox. ERR_CONFLICT if
 * the name is taken; *ret_name is released with free_text.
 */
MUST_CHECK int persona_add(const struct layout *layout, const struct personas *personas,
                           struct bytes object, char **ret_name, struct err *err);
