/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of card is to be made, for whom: from a JSON file of the person who starts us, or of
 * a persona. Everything is checked that can be before a key is made; failures name the member.
 */
#pragma once

#include "base/json.h"
#include "base/secret.h"
#include "carddata/person.h"
#include "x509/holder.h"
#include "x509/limits.h"
#include "x509/profile.h"

enum { WISH_FILE_MAX = 65536 };

struct wish_pins {
    const char *auth, *sign, *text, *juki; /* NULL: none */
};

struct wish {
    struct json *json;  /* what the texts point into */
    const char *kind;   /* "plastic" and so on; NULL: by the age */
    const char *photo;  /* a file in PNG; NULL: a drawn one */
    bool has_photo;     /* but not under the age of one, nor where null is written */
    bool is_code_drawn; /* security_code is ours, and has to be told */
    bool is_too_young;  /* for a sign certificate */
    struct wish_pins pins;

    struct cardholder holder; /* without its photo */
    struct secret mynumber;
    char security_code[CARDHOLDER_SECURITY_SIZE + 1];
    char manufacture_number[CARDHOLDER_MANUFACTURE_SIZE + 1];

    struct holder certified; /* the same person as a certificate has it */
    char birth[HOLDER_BIRTH_SIZE];
    char sex[2];
    char name_flags[HOLDER_NAME_MAX + 1], address_flags[HOLDER_ADDRESS_MAX + 1];
    char prefecture[ROMAJI_MAX + 1], municipality[ROMAJI_MAX + 1];
    char window[WINDOW_ID_LEN + 1];
    int64_t not_after; /* of the certificates */
};

/* now in UTC seconds: ages and expiries count from that day in Japan. */
MUST_CHECK int wish_from_file(const char *path, int64_t now, struct wish **ret, struct err *err);
/* ERR_ABSENT if data/personas.json has none of that name. */
MUST_CHECK int wish_from_persona(const char *name, int64_t now, struct wish **ret, struct err *err);
void wish_freep(struct wish **wish);
