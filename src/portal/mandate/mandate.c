/* SPDX-License-Identifier: Apache-2.0 */
/* What a mandate is before it is kept: its words, its term, its code. */
#include "portal/mandate/mandate.h"

#include "base/rand.h"
#include "portal/mandate/code.h"
#include "portal/mandate/term.h"

#include <ctype.h>
#include <string.h>

const char *const mandate_scopes[] = {"information", "procedures", "notices", "history", NULL};
const char *const mandate_kinds[] = {"given", "parent", "guardian", NULL};
const char *const mandate_sides[] = {"mandator", "proxy", "municipality", NULL};

/* Nothing that is taken for another letter: 32 of them, five bits each. */
static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

int mandate_code_make(char ret[MANDATE_CODE_SIZE], struct err *err)
{
    uint8_t octets[MANDATE_CODE_SIZE - 1];

    TRY(rand_fill(octets, sizeof octets, err));
    for (size_t i = 0; i < sizeof octets; i++)
        ret[i] = letters[octets[i] % (sizeof letters - 1)];
    ret[sizeof octets] = '\0';
    return 0;
}

int mandate_code_read(const char *typed, struct digest *ret, struct err *err)
{
    char code[MANDATE_CODE_SIZE];
    size_t len = 0;

    for (; *typed != '\0'; typed++) {
        if (*typed == ' ' || *typed == '-')
            continue;
        if (len == sizeof code - 1)
            return FAIL(err, ERR_ABSENT, "there is no mandate with this code");
        code[len++] = (char)toupper((unsigned char)*typed);
    }
    code[len] = '\0';
    return digest_compute(DIGEST_SHA256, bytes_text(code), ret, err);
}

int64_t mandate_child_until(struct caldate birth)
{
    struct caldate day = {birth.year + MANDATE_CHILD_AGE, birth.month, birth.day};

    /* The age of 29 February is complete when the 28th ends (base/caltime.h). */
    if (!caldate_is_valid(day))
        day = (struct caldate){day.year, 3, 1};
    return caltime_utc((struct caltime){.date = day}, JST_OFFSET_SECONDS);
}

int mandate_read_end(const struct json *json, int64_t now, int64_t *ret, struct err *err)
{
    enum { DAY = 24 * 3600 };
    struct caldate day;
    const char *text;
    int64_t end;

    TRY(json_get_text(json, "until", &text, err));
    TRY(err_prefix(err, caldate_parse_iso(text, &day, err), "until"));
    end = caltime_utc((struct caltime){.date = day}, JST_OFFSET_SECONDS) + DAY;
    if (end - now > (int64_t)(MANDATE_DAYS_MAX + 1) * DAY)
        return FAIL(err, ERR_INPUT, "until: at most %d days from now", MANDATE_DAYS_MAX);
    *ret = end;
    return 0;
}

static unsigned scope_of(const char *text)
{
    for (unsigned i = 0; text != NULL && mandate_scopes[i] != NULL; i++)
        if (strcmp(mandate_scopes[i], text) == 0)
            return 1U << i;
    return 0;
}

int mandate_scopes_read(const struct json *list, unsigned *ret, struct err *err)
{
    unsigned scopes = 0;

    for (size_t i = 0; i < json_count(list); i++) {
        unsigned scope = scope_of(json_text(json_at(list, i)));

        if (scope == 0 || (scopes & scope) != 0)
            return FAIL(err, ERR_INPUT, "scopes: one is unknown, or there twice");
        scopes |= scope;
    }
    if (scopes == 0)
        return FAIL(err, ERR_INPUT, "scopes: a mandate is for something");
    *ret = scopes;
    return 0;
}
