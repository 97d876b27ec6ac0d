/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/wish_persona.h"

#include "card/kind.h"

#include <string.h>

/* What the register decides, and draws. */
static int check_members(const struct wish *wish, struct err *err)
{
    static const char *const decided[] = {"expiry", "security_code", "photo"};

    for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++)
        if (json_has(wish->json, decided[i]))
            return FAIL(err, ERR_INPUT, "%s: a sandbox's register decides that; --own-ca takes it",
                        decided[i]);
    return 0;
}

static int check_card(const struct wish *wish, struct err *err)
{
    const struct card_kind_rules *rules;
    enum card_kind kind;

    TRY(err_prefix(err, card_kind_named(wish->kind, &kind, err), "kind"));
    rules = card_kind_rules(kind);
    if (rules->is_phone)
        return FAIL(err, ERR_INPUT, "kind: a sandbox issues no card of the kind %s", rules->name);
    if (rules->has_auth_pin && wish->pins.auth == NULL)
        return FAIL(err, ERR_INPUT, "pins.auth is missing: a card of the kind %s has one",
                    rules->name);
    if (rules->has_sign && !wish->is_too_young && wish->pins.sign == NULL)
        return FAIL(err, ERR_INPUT,
                    "pins.sign is missing: a sandbox's card has a sign certificate");
    return 0;
}

int wish_as_persona(const struct wish *wish, struct persona *ret, struct err *err)
{
    struct persona persona = {
        .kind = wish->kind,
        .pin_auth = wish->pins.auth,
        .pin_sign = wish->pins.sign,
        .pin_text = wish->pins.text,
        .pin_juki = wish->pins.juki,
    };

    TRY(check_members(wish, err));
    TRY(check_card(wish, err));
    TRY(json_get_text(wish->json, "name", &persona.full_name, err));
    TRY(json_get_text(wish->json, "address", &persona.address, err));
    TRY(json_get_text(wish->json, "birth_date", &persona.birth_date, err));
    TRY(json_get_text(wish->json, "sex", &persona.sex, err));
    TRY(json_get_text(wish->json, "municipality", &persona.municipality, err));
    TRY(json_get_text(wish->json, "mynumber", &persona.mynumber, err));
    *ret = persona;
    return 0;
}
