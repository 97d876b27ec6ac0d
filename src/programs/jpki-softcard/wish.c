/* SPDX-License-Identifier: Apache-2.0 */
/* The rules on residents and cards are the register's own (register/card.h). */
#include "programs/jpki-softcard/wish.h"

#include "base/file.h"
#include "base/rand.h"
#include "base/share.h"
#include "carddata/limits.h"
#include "register/card.h"
#include "x509/validity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER "001A" /* of the place where the card was made, behind the municipality's code */

enum { AGE_WITH_PHOTO = 1 };

void wish_freep(struct wish **wish)
{
    if (*wish == NULL)
        return;
    json_free((*wish)->json);
    secret_done(&(*wish)->mynumber);
    wipe(*wish, sizeof **wish);
    free(*wish);
    *wish = NULL;
}

static int get_date(const struct json *object, const char *member, struct caldate *ret,
                    struct err *err)
{
    const char *text;

    TRY(json_get_text(object, member, &text, err));
    return err_prefix(err, caldate_parse_iso(text, ret, err), "%s", member);
}

/* Where a member may be missing: *ret stays as it is. */
static int get_optional(const struct json *object, const char *member, const char **ret,
                        struct err *err)
{
    return json_has(object, member) ? json_get_text(object, member, ret, err) : 0;
}

static int get_pins(const struct json *object, struct wish *wish, struct err *err)
{
    static const char *const known[] = {"auth", "sign", "text", "juki", NULL};
    const struct json *pins;

    if (!json_has(object, "pins"))
        return 0;
    TRY(json_get_object(object, "pins", &pins, err));
    TRY(err_prefix(err, json_only(pins, known, err), "pins"));
    TRY(err_prefix(err, get_optional(pins, "auth", &wish->pins.auth, err), "pins"));
    TRY(err_prefix(err, get_optional(pins, "sign", &wish->pins.sign, err), "pins"));
    wish->pins.text = wish->pins.auth; /* people choose one for all three */
    wish->pins.juki = wish->pins.auth;
    TRY(err_prefix(err, get_optional(pins, "text", &wish->pins.text, err), "pins"));
    return err_prefix(err, get_optional(pins, "juki", &wish->pins.juki, err), "pins");
}

/* A card's numbers: 9 and fourteen random digits, four random ones for the code if none is given.
 */
static int draw_digits(char *ret, size_t count, struct err *err)
{
    uint8_t random[CARDHOLDER_MANUFACTURE_SIZE];

    TRY(rand_fill(random, count, err));
    for (size_t i = 0; i < count; i++)
        ret[i] = (char)('0' + random[i] % 10);
    ret[count] = 0;
    return 0;
}

static int get_numbers(const struct json *object, struct wish *wish, struct err *err)
{
    const char *number;
    const char *code = NULL;

    TRY(json_get_text(object, "mynumber", &number, err));
    if (*number == 0)
        return FAIL(err, ERR_INPUT, "mynumber is empty");
    TRY(secret_copy(bytes_text(number), &wish->mynumber, err));
    wish->holder.mynumber = secret_bytes(&wish->mynumber);
    TRY(get_optional(object, "security_code", &code, err));
    wish->is_code_drawn = code == NULL;
    TRY(draw_digits(wish->security_code, CARDHOLDER_SECURITY_SIZE, err));
    wish->holder.security_code = bytes_text(code == NULL ? wish->security_code : code);
    TRY(draw_digits(wish->manufacture_number, CARDHOLDER_MANUFACTURE_SIZE, err));
    wish->manufacture_number[0] = '9';
    wish->holder.manufacture_number = bytes_text(wish->manufacture_number);
    return 0;
}

/* "photo": absent a drawn one, null none, else a file. Nobody under one has one. */
static int get_photo(const struct json *object, bool is_baby, struct wish *wish, struct err *err)
{
    wish->has_photo = !is_baby && !json_is_null_member(object, "photo");
    if (json_is_null_member(object, "photo"))
        return 0;
    return get_optional(object, "photo", &wish->photo, err);
}

static int get_sex(const struct json *object, struct wish *wish, enum sex *ret, struct err *err)
{
    static const struct {
        const char *word;
        enum sex sex;
        enum cardholder_sex on_card;
    } rows[] = {
        {"male", SEX_MALE, CARDHOLDER_MALE},
        {"female", SEX_FEMALE, CARDHOLDER_FEMALE},
        {"unknown", SEX_UNKNOWN, CARDHOLDER_OTHER},
    };
    const char *text;

    TRY(json_get_text(object, "sex", &text, err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, text) == 0) {
            wish->holder.sex = rows[i].on_card;
            *ret = rows[i].sex;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "sex is male, female or unknown");
}

/* A text of the file into an array of the resident's. */
static int copy_text(const char *member, const char *text, char *ret, size_t size, struct err *err)
{
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s is too long", member);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

/* Who it is, as the register would take it; name_member is what the name is called. */
static int get_resident(const struct json *object, const char *name_member, struct wish *wish,
                        struct resident *ret, struct err *err)
{
    const char *name, *address, *municipality;

    TRY(json_get_text(object, name_member, &name, err));
    TRY(json_get_text(object, "address", &address, err));
    TRY(json_get_text(object, "municipality", &municipality, err));
    TRY(get_date(object, "birth_date", &ret->birth, err));
    TRY(get_sex(object, wish, &ret->sex, err));
    TRY(copy_text(name_member, name, ret->name, sizeof ret->name, err));
    TRY(copy_text("address", address, ret->address, sizeof ret->address, err));
    TRY(copy_text("municipality", municipality, ret->municipality, sizeof ret->municipality, err));
    wish->holder.name = bytes_text(name);
    wish->holder.address = bytes_text(address);
    wish->holder.birth = ret->birth;
    wish->holder.municipality = bytes_text(municipality);
    return 0;
}

/* The rules on a resident, and what of the place is in certificates. */
static int check_resident(struct resident *resident, struct caldate today, struct wish *wish,
                          struct err *err)
{
    CLEANUP(municipalities_freep) struct municipalities *list = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct municipality *place;

    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &list, err));
    TRY(resident_check(resident, list, today, err));
    TRY(municipality_find(list, resident->municipality, &place, err));
    TRY(copy_text("prefecture", place->prefecture_romaji, wish->prefecture, sizeof wish->prefecture,
                  err));
    TRY(copy_text("municipality", place->romaji, wish->municipality, sizeof wish->municipality,
                  err));
    (void)snprintf(wish->window, sizeof wish->window, "%s%s", place->code, COUNTER);
    return 0;
}

/* The person as a certificate has it; all characters stand for themselves. */
static int certify(const struct resident *resident, struct wish *wish, struct err *err)
{
    TRY(holder_birth_format(resident->birth, wish->birth, err));
    wish->sex[0] = (char)('0' + resident->sex);
    memcpy(wish->name_flags, resident->name_substitutes, sizeof wish->name_flags);
    memcpy(wish->address_flags, resident->address_substitutes, sizeof wish->address_flags);
    wish->certified = (struct holder){
        .name = wish->holder.name,
        .birth = bytes_text(wish->birth),
        .sex = bytes_text(wish->sex),
        .address = wish->holder.address,
        .name_substitutes = bytes_text(wish->name_flags),
        .address_substitutes = bytes_text(wish->address_flags),
    };
    return 0;
}

static int get_expiry(const struct json *object, struct caldate today, struct wish *wish,
                      struct err *err)
{
    wish->holder.expiry = card_expiry(wish->holder.birth, today);
    return json_has(object, "expiry") ? get_date(object, "expiry", &wish->holder.expiry, err) : 0;
}

static int get_validity(const struct wish *wish, int64_t now, int64_t *ret, struct err *err)
{
    const struct validity validity = {
        .birth = wish->holder.birth, .issued = now, .card_expiry = day_end(wish->holder.expiry)};

    return err_prefix(err, validity_not_after(&validity, ret, err), "expiry");
}

/* Who is too young for a sign certificate has a kind of card of the own. */
static int get_kind(const struct json *object, int age, struct wish *wish, struct err *err)
{
    wish->kind = age >= SIGN_AGE_MIN ? "plastic" : age >= AGE_WITH_PHOTO ? "under15" : "under1";
    return get_optional(object, "kind", &wish->kind, err);
}

static int read_wish(const struct json *object, const char *name_member, int64_t now,
                     struct wish *wish, struct err *err)
{
    struct caldate today = caltime_at(now, JST_OFFSET_SECONDS).date;
    struct resident resident = {.id = ""};
    int age;

    TRY(get_resident(object, name_member, wish, &resident, err));
    TRY(check_resident(&resident, today, wish, err));
    TRY(certify(&resident, wish, err));
    age = caldate_age(resident.birth, today);
    wish->is_too_young = sign_age_check(resident.birth, today, NULL) < 0;
    TRY(get_numbers(object, wish, err));
    TRY(get_expiry(object, today, wish, err));
    TRY(get_validity(wish, now, &wish->not_after, err));
    TRY(get_kind(object, age, wish, err));
    TRY(get_photo(object, age < AGE_WITH_PHOTO, wish, err));
    TRY(get_pins(object, wish, err));
    return cardholder_check(&wish->holder, err);
}

/* A new wish with the contents of a file, which it keeps: its texts point into them. */
static int load(const char *path, struct wish **ret, struct err *err)
{
    CLEANUP(wish_freep) struct wish *wish = calloc(1, sizeof *wish);
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (wish == NULL)
        return FAIL_NOMEM(err);
    TRY(file_read(path, WISH_FILE_MAX, &text, err));
    TRY(err_prefix(err, json_parse(buf_bytes(&text), &wish->json, err), "%s", path));
    *ret = wish;
    wish = NULL;
    return 0;
}

int wish_from_file(const char *path, int64_t now, struct wish **ret, struct err *err)
{
    static const char *const known[] = {"name",          "address", "birth_date",   "sex",
                                        "mynumber",      "kind",    "municipality", "expiry",
                                        "security_code", "pins",    "photo",        NULL};
    CLEANUP(wish_freep) struct wish *wish = NULL;

    TRY(load(path, &wish, err));
    TRY(err_prefix(err, json_only(wish->json, known, err), "%s", path));
    TRY(err_prefix(err, read_wish(wish->json, "name", now, wish, err), "%s", path));
    *ret = wish;
    wish = NULL;
    return 0;
}

static int find_persona(const struct json *file, const char *name, const struct json **ret,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;
    const struct json *list;
    const char *text;

    TRY(json_get_array(file, "personas", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(json_get_text(json_at(list, i), "name", &text, err));
        if (strcmp(text, name) == 0) {
            *ret = json_at(list, i);
            return 0;
        }
        TRY(buf_append_format(&names, err, "%s%s", i == 0 ? "" : ", ", text));
    }
    TRY(buf_text(&names, &text, err));
    return FAIL(err, ERR_ABSENT, "there is no persona of that name; there are %s", text);
}

int wish_from_persona(const char *name, int64_t now, struct wish **ret, struct err *err)
{
    CLEANUP(wish_freep) struct wish *wish = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct json *persona = NULL;

    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(load(path, &wish, err));
    TRY(err_prefix(err, find_persona(wish->json, name, &persona, err), "%s", path));
    TRY(err_prefix(err, read_wish(persona, "full_name", now, wish, err), "%s", path));
    *ret = wish;
    wish = NULL;
    return 0;
}
