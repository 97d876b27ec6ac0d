/* SPDX-License-Identifier: Apache-2.0 */
#include "register/resident.h"

#include "base/utf8.h"

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

/* One digit 0 or 1 per character; all 0 if none were given. */
static int substitutes_fill(const char *what, char *substitutes, const char *text, struct err *err)
{
    size_t count = utf8_count(bytes_text(text));

    if (substitutes[0] == '\0') {
        memset(substitutes, '0', count);
        substitutes[count] = '\0';
    }
    if (strlen(substitutes) != count || strspn(substitutes, "01") != count)
        return FAIL(err, ERR_INPUT, "%s is not one digit 0 or 1 per character", what);
    return 0;
}

int resident_check(struct resident *resident, const struct municipalities *list,
                   struct caldate today, struct err *err)
{
    const struct municipality *municipality;

    TRY(text_check("name", resident->name, HOLDER_NAME_MAX, err));
    TRY(text_check("address", resident->address, HOLDER_ADDRESS_MAX, err));
    TRY(substitutes_fill("name_substitutes", resident->name_substitutes, resident->name, err));
    TRY(substitutes_fill("address_substitutes", resident->address_substitutes, resident->address,
                         err));
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
           caldate_compare(a->birth, b->birth) == 0 && a->sex == b->sex &&
           caldate_compare(a->stay_until, b->stay_until) == 0 &&
           strcmp(a->municipality, b->municipality) == 0 && a->standing == b->standing;
}
