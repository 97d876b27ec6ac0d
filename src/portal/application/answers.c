/* SPDX-License-Identifier: Apache-2.0 */
/* Answers, judged by the form. */
#include "portal/application/form.h"

#include "base/caltime.h"
#include "base/utf8.h"
#include "portal/application/limits.h"

#include <stdlib.h>
#include <string.h>

const char *const form_problems[] = {
    [FORM_MISSING] = "missing",     [FORM_TOO_LONG] = "too-long",
    [FORM_NOT_SHOWN] = "invisible", [FORM_MISSPELLED] = "misspelled",
    [FORM_NO_NUMBER] = "no-number", [FORM_TOO_SMALL] = "too-small",
    [FORM_TOO_LARGE] = "too-large", [FORM_NO_DATE] = "no-date",
    [FORM_NO_OPTION] = "no-option", [FORM_NOT_ASKED] = "not-asked",
    [FORM_PROBLEMS_] = NULL};

enum { FINE = FORM_PROBLEMS_, INTEGER_DIGITS = 15 };

/* Full-width katakana with the mark of long vowels, the dot between names, and spaces. */
static bool is_kana(const char *value)
{
    struct bytes rest = bytes_text(value);
    uint32_t c;

    while (rest.len > 0) {
        if (utf8_next(&rest, &c, NULL) < 0 ||
            !((c >= 0x30a1 && c <= 0x30fc) || c == ' ' || c == 0x3000))
            return false;
    }
    return true;
}

static bool consists_of(const char *value, const char *letters)
{
    return value[strspn(value, letters)] == '\0';
}

static bool is_email(const char *value)
{
    const char *at = strchr(value, '@');

    return at != NULL && at != value && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
           strchr(at, '.') != NULL && strpbrk(value, " \t\"<>,;:\\()[]") == NULL &&
           strspn(value, ".") == 0;
}

static bool is_postal_code(const char *value)
{
    return strlen(value) == 8 && value[3] == '-' && strspn(value, "0123456789") == 3 &&
           strspn(value + 4, "0123456789") == 4;
}

static bool is_phone(const char *value)
{
    return consists_of(value, "0123456789-+") && strlen(value) >= 10;
}

static bool is_spelled(const char *value, const char *form)
{
    if (strcmp(form, "digits") == 0)
        return consists_of(value, "0123456789");
    if (strcmp(form, "phone") == 0)
        return is_phone(value);
    if (strcmp(form, "kana") == 0)
        return is_kana(value);
    return strcmp(form, "email") == 0 ? is_email(value) : is_postal_code(value);
}

/* Line feeds are seen, if not in the same way. */
static bool is_shown(const char *value, bool has_lines)
{
    while (has_lines && strchr(value, '\n') != NULL) {
        const char *end = strchr(value, '\n');

        if (!utf8_is_shown(bytes_of(value, (size_t)(end - value))))
            return false;
        value = end + 1;
    }
    return utf8_is_shown(bytes_text(value));
}

static int judge_text(const struct json *field, const char *value, bool has_lines, unsigned *ret,
                      struct err *err)
{
    int64_t most = FORM_ANSWER_MAX;
    const char *form;

    if (json_has(field, "max_length"))
        TRY(json_get_int(field, "max_length", &most, err));
    if (!is_shown(value, has_lines))
        *ret = FORM_NOT_SHOWN;
    else if (utf8_count(bytes_text(value)) > (size_t)most)
        *ret = FORM_TOO_LONG;
    if (*ret != FINE || !json_has(field, "form"))
        return 0;
    TRY(json_get_text(field, "form", &form, err));
    if (!is_spelled(value, form))
        *ret = FORM_MISSPELLED;
    return 0;
}

static int judge_integer(const struct json *field, const char *value, unsigned *ret,
                         struct err *err)
{
    const char *digits = value + (value[0] == '-');
    const size_t len = strlen(digits);
    int64_t number, least = INT64_MIN, most = INT64_MAX;

    if (len == 0 || len > INTEGER_DIGITS || !consists_of(digits, "0123456789") ||
        (digits[0] == '0' && (len > 1 || digits != value))) {
        *ret = FORM_NO_NUMBER;
        return 0;
    }
    number = strtoll(value, NULL, 10);
    if (json_has(field, "min"))
        TRY(json_get_int(field, "min", &least, err));
    if (json_has(field, "max"))
        TRY(json_get_int(field, "max", &most, err));
    if (number < least)
        *ret = FORM_TOO_SMALL;
    if (number > most)
        *ret = FORM_TOO_LARGE;
    return 0;
}

static int judge_option(const struct json *field, const char *value, unsigned *ret, struct err *err)
{
    const struct json *options;

    TRY(json_get_array(field, "options", &options, err));
    for (size_t i = 0; i < json_count(options); i++) {
        const char *option;

        TRY(json_get_text(json_at(options, i), "value", &option, err));
        if (strcmp(option, value) == 0)
            return 0;
    }
    *ret = FORM_NO_OPTION;
    return 0;
}

static int judge_value(const struct json *field, const char *value, unsigned *ret, struct err *err)
{
    struct caldate date;
    const char *type;

    TRY(json_get_text(field, "type", &type, err));
    if (strcmp(type, form_types[FORM_INTEGER]) == 0)
        return judge_integer(field, value, ret, err);
    if (strcmp(type, form_types[FORM_CHOICE]) == 0)
        return judge_option(field, value, ret, err);
    if (strcmp(type, form_types[FORM_DATE]) == 0)
        *ret = caldate_parse_iso(value, &date, NULL) < 0 ? FORM_NO_DATE : FINE;
    else if (strcmp(type, form_types[FORM_FLAG]) == 0)
        *ret = strcmp(value, "yes") != 0 && strcmp(value, "no") != 0 ? FORM_NO_OPTION : FINE;
    else
        return judge_text(field, value, strcmp(type, form_types[FORM_LINES]) == 0, ret, err);
    return 0;
}

/* What the signer's certificate says need not be answered, if it is the applicant's. */
static int comes_with_signature(const struct json *form, const struct json *field,
                                enum form_stage stage, bool *ret, struct err *err)
{
    bool signs;

    TRY(json_get_bool(form, "needs_signature", &signs, err));
    *ret = signs && stage != FORM_BY_PROXY && json_has(field, "prefill");
    return 0;
}

static int judge_field(const struct json *form, const struct json *field,
                       const struct json *answers, enum form_stage stage, unsigned *ret,
                       struct err *err)
{
    bool is_required = false;
    const char *name, *value;
    bool asks, is_signers;

    TRY(json_get_text(field, "name", &name, err));
    TRY(form_asks(form, field, answers, &asks, err));
    if (json_has(field, "is_required"))
        TRY(json_get_bool(field, "is_required", &is_required, err));
    TRY(comes_with_signature(form, field, stage, &is_signers, err));
    value = form_answer(answers, name);
    *ret = FINE;
    if (value == NULL || utf8_is_blank(bytes_text(value))) {
        *ret = asks && is_required && stage != FORM_SO_FAR && !is_signers ? FORM_MISSING : FINE;
        return 0;
    }
    if (!asks) {
        *ret = FORM_NOT_ASKED;
        return 0;
    }
    return judge_value(field, value, ret, err);
}

static int check_names(const struct json *fields, const struct json *answers, struct err *err)
{
    for (size_t i = 0; i < json_count(answers); i++) {
        const struct json *answer = json_at(answers, i);
        bool is_there = false;
        const char *name;

        TRY(http_members_check(answer, form_answer_members, err));
        TRY(json_get_text(answer, "field", &name, err));
        for (size_t k = 0; k < json_count(fields) && !is_there; k++) {
            const char *field;

            TRY(json_get_text(json_at(fields, k), "name", &field, err));
            is_there = strcmp(field, name) == 0;
        }
        if (!is_there)
            return FAIL(err, ERR_INPUT, "there is an answer to a field that the form has not");
        for (size_t k = 0; k < i; k++) {
            const char *before;

            TRY(json_get_text(json_at(answers, k), "field", &before, err));
            if (strcmp(before, name) == 0)
                return FAIL(err, ERR_INPUT, "there are two answers to %s", name);
        }
    }
    return 0;
}

static int add_problem(struct json *list, const struct json *field, unsigned problem,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    const char *name;

    TRY(json_get_text(field, "name", &name, err));
    TRY(json_put_text(item, "field", name, err));
    TRY(json_put_text(item, "problem", form_problems[problem], err));
    return json_add(list, json_steal(&item), err);
}

int form_judge(const struct json *form, const struct json *answers, enum form_stage stage,
               struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *problems = json_array_new();
    const struct json *fields;

    TRY(json_get_array(form, "fields", &fields, err));
    TRY(check_names(fields, answers, err));
    for (size_t i = 0; i < json_count(fields); i++) {
        unsigned problem;

        TRY(judge_field(form, json_at(fields, i), answers, stage, &problem, err));
        if (problem != FINE)
            TRY(add_problem(problems, json_at(fields, i), problem, err));
    }
    *ret = json_steal(&problems);
    return 0;
}

/* ---- beside a certificate ---- */

/* The next character that is no space; 0 at the end. */
static uint32_t next_letter(struct bytes *rest)
{
    uint32_t c = 0;

    do
        if (utf8_next(rest, &c, NULL) < 0)
            return 0;
    while (c == ' ' || c == 0x3000);
    return c;
}

static bool says_the_same(const char *a, const char *b)
{
    struct bytes left = bytes_text(a), right = bytes_text(b);
    uint32_t c;

    do {
        c = next_letter(&left);
        if (c != next_letter(&right))
            return false;
    } while (c != 0);
    return true;
}

static int compare_field(const struct json *field, const struct json *answers,
                         const struct json *applicant, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    const char *name, *means, *answer, *said;

    if (!json_has(field, "prefill"))
        return 0;
    TRY(json_get_text(field, "name", &name, err));
    TRY(json_get_text(field, "prefill", &means, err));
    answer = form_answer(answers, name);
    if (answer == NULL || utf8_is_blank(bytes_text(answer)))
        return 0;
    TRY(json_get_text(applicant, means, &said, err));
    if (says_the_same(answer, said))
        return 0;
    TRY(json_put_text(item, "field", name, err));
    TRY(json_put_text(item, "certificate", said, err));
    return json_add(list, json_steal(&item), err);
}

int form_compare(const struct json *form, const struct json *answers, const struct json *applicant,
                 struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    const struct json *fields;

    TRY(json_get_array(form, "fields", &fields, err));
    for (size_t i = 0; i < json_count(fields); i++)
        TRY(compare_field(json_at(fields, i), answers, applicant, list, err));
    *ret = json_steal(&list);
    return 0;
}
