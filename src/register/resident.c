/* SPDX-License-Identifier: Apache-2.0 */
#include "register/resident.h"

#include "base/utf8.h"
#include "register/repertoire.h"

#include <string.h>

/* The first day of the Meiji era by the Gregorian calendar; certificates know no earlier one. */
static const struct caldate earliest_birth = {1868, 1, 25};

static const char *const sexes[] = {
    [SEX_MALE] = "male",
    [SEX_FEMALE] = "female",
    [SEX_UNKNOWN] = "unknown",
};

const char *sex_name(enum sex sex)
{
    return sexes[sex];
}

int sex_parse(const char *name, enum sex *ret, struct err *err)
{
    for (unsigned i = SEX_MALE; i <= SEX_UNKNOWN; i++) {
        if (strcmp(sexes[i], name) == 0) {
            *ret = (enum sex)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "sex is male, female or unknown");
}

const char *const standing_names[] = {
    [STANDING_HERE] = "here",     [STANDING_LEAVING] = "leaving",
    [STANDING_ABROAD] = "abroad", [STANDING_DEAD] = "dead",
    [STANDINGS_] = NULL,
};

const char *standing_name(enum standing standing)
{
    return standing_names[standing];
}

int standing_parse(const char *name, enum standing *ret, struct err *err)
{
    for (unsigned i = 0; i < STANDINGS_; i++) {
        if (strcmp(standing_names[i], name) == 0) {
            *ret = (enum standing)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "a resident has a standing this program does not know");
}

/* Characters that print something and stand for themselves. */
static bool is_text_character(uint32_t c)
{
    static const uint32_t refused[][2] = {
        {0x0000, 0x001f},   /* control characters */
        {0x007f, 0x009f},   /* more of them */
        {0x00ad, 0x00ad},   /* soft hyphen */
        {0x200b, 0x200f},   /* zero width, direction marks */
        {0x2028, 0x202e},   /* separators, direction overrides */
        {0x2060, 0x206f},   /* invisible operators */
        {0xe000, 0xf8ff},   /* private use */
        {0xfe00, 0xfe0f},   /* variation selectors */
        {0xfeff, 0xfeff},   /* byte order mark */
        {0xfff0, 0xffff},   /* specials */
        {0xe0000, 0x10ffff} /* tags, more variation selectors, private use */
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (c >= refused[i][0] && c <= refused[i][1])
            return false;
    return true;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0x3000;
}

static int text_check(const char *what, const char *text, size_t limit, struct err *err)
{
    struct bytes rest = bytes_text(text);
    size_t count = utf8_count(rest);
    uint32_t before = ' ';
    uint32_t c = ' ';

    if (count == 0)
        return FAIL(err, ERR_INPUT, "%s is empty or not UTF-8", what);
    if (count > limit)
        return FAIL(err, ERR_INPUT, "%s is longer than %zu characters", what, limit);
    while (rest.len > 0) {
        before = c;
        TRY(utf8_next(&rest, &c, err));
        if (!is_text_character(c))
            return FAIL(err, ERR_INPUT, "%s has a character that prints nothing", what);
        if (is_space(before) && is_space(c))
            return FAIL(err, ERR_INPUT, "%s begins with a space or has two in a row", what);
    }
    if (is_space(c))
        return FAIL(err, ERR_INPUT, "%s ends with a space", what);
    return 0;
}

enum { FLAGS_MAX = HOLDER_ADDRESS_MAX };

/* A text of certificates, and what stands in the register for it. */
struct spelling {
    const char *what;
    const char *text;
    const char *registered; /* empty: the same */
    char *substitutes;
    size_t limit;
};

/* One digit 0 or 1 per character; given ones are those that follow from the registered spelling. */
static int substitutes_check(const struct spelling *s, struct err *err)
{
    size_t count = utf8_count(bytes_text(s->text));
    char computed[FLAGS_MAX + 1];

    memset(computed, '0', count);
    computed[count] = '\0';
    if (s->registered[0] != '\0')
        TRY(repertoire_flags(s->what, s->registered, s->text, computed, err));
    if (s->substitutes[0] == '\0')
        memcpy(s->substitutes, computed, count + 1);
    if (strlen(s->substitutes) != count || strspn(s->substitutes, "01") != count)
        return FAIL(err, ERR_INPUT, "%s_substitutes is not one digit 0 or 1 per character",
                    s->what);
    if (s->registered[0] != '\0' && strcmp(s->substitutes, computed) != 0)
        return FAIL(err, ERR_INPUT, "%s_substitutes is not as registered_%s says", s->what,
                    s->what);
    return 0;
}

static int spelling_check(const struct spelling *s, struct err *err)
{
    TRY(text_check(s->what, s->text, s->limit, err));
    TRY(repertoire_check(s->what, s->text, err));
    if (s->registered[0] != '\0')
        TRY(err_prefix(err, text_check(s->what, s->registered, s->limit, err), "registered"));
    return substitutes_check(s, err);
}

/* Katakana, the long vowel, the dot between words, and spaces. */
static bool is_kana(uint32_t c)
{
    return (c >= 0x30a1 && c <= 0x30f6) || c == 0x30fb || c == 0x30fc || is_space(c);
}

static int kana_check(const char *kana, struct err *err)
{
    struct bytes rest = bytes_text(kana);
    uint32_t c;

    if (kana[0] == '\0')
        return 0;
    TRY(text_check("kana", kana, HOLDER_NAME_MAX, err));
    while (rest.len > 0) {
        TRY(utf8_next(&rest, &c, err));
        if (!is_kana(c))
            return FAIL(err, ERR_INPUT, "kana has something that is no katakana");
    }
    return 0;
}

static int spellings_check(struct resident *r, struct err *err)
{
    const struct spelling name = {"name", r->name, r->registered_name, r->name_substitutes,
                                  HOLDER_NAME_MAX};
    const struct spelling address = {"address", r->address, r->registered_address,
                                     r->address_substitutes, HOLDER_ADDRESS_MAX};

    TRY(spelling_check(&name, err));
    TRY(spelling_check(&address, err));
    TRY(kana_check(r->kana, err));
    return r->former_name[0] == '\0'
               ? 0
               : text_check("former_name", r->former_name, HOLDER_NAME_MAX, err);
}

int resident_check(struct resident *resident, const struct municipalities *list,
                   struct caldate today, struct err *err)
{
    const struct municipality *municipality;

    TRY(spellings_check(resident, err));
    if (!caldate_is_valid(resident->birth) || caldate_compare(resident->birth, earliest_birth) < 0)
        return FAIL(err, ERR_INPUT, "birth_date is no date since the Meiji era");
    if (caldate_compare(resident->birth, today) > 0)
        return FAIL(err, ERR_INPUT, "birth_date is in the future");
    if (resident->sex < SEX_MALE || resident->sex > SEX_UNKNOWN)
        return FAIL(err, ERR_INPUT, "sex is 1 (male), 2 (female) or 3 (unknown)");
    TRY(municipality_find(list, resident->municipality, &municipality, err));
    if (!bytes_start_with(bytes_text(resident->address), bytes_text(municipality->prefecture)))
        return FAIL(err, ERR_INPUT, "address does not begin with the municipality's prefecture");
    return 0;
}

int sign_age_check(struct caldate birth, struct caldate today, struct err *err)
{
    if (caldate_age(birth, today) < SIGN_AGE_MIN)
        return FAIL(err, ERR_DENIED, "no sign certificate is issued to somebody under %d",
                    SIGN_AGE_MIN);
    return 0;
}

bool resident_is_same(const struct resident *a, const struct resident *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->address, b->address) == 0 &&
           strcmp(a->name_substitutes, b->name_substitutes) == 0 &&
           strcmp(a->address_substitutes, b->address_substitutes) == 0 &&
           strcmp(a->registered_name, b->registered_name) == 0 &&
           strcmp(a->registered_address, b->registered_address) == 0 &&
           strcmp(a->kana, b->kana) == 0 && strcmp(a->former_name, b->former_name) == 0 &&
           caldate_compare(a->birth, b->birth) == 0 && a->sex == b->sex &&
           caldate_compare(a->stay_until, b->stay_until) == 0 &&
           strcmp(a->municipality, b->municipality) == 0 && a->standing == b->standing;
}
