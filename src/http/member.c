/* SPDX-License-Identifier: Apache-2.0 */
#include "http/member.h"

#include "http/pattern.h"

#include <stdio.h>
#include <string.h>

static bool is_letter_of_base64(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* Whole documents are: by the pattern, each four letters would be a group of their own. */
static bool is_base64(const char *text)
{
    const char *at = text;
    size_t pads = 0;

    while (is_letter_of_base64((unsigned char)*at))
        at++;
    while (pads < 2 && at[pads] == '=')
        pads++;
    return at[pads] == '\0' && ((size_t)(at - text) + pads) % 4 == 0;
}

const struct http_form http_form_base64 = {
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", "base64 (RFC 4648, 4)",
    is_base64};
const struct http_form http_form_date = {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "YYYY-MM-DD"};
const struct http_form http_form_time = {
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\\+09:00)$", "RFC 3339"};
const struct http_form http_form_jwe = {
    "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
    "compact JWE (RFC 7516, 7.1)"};

static int fail_value(const struct http_member *member, struct err *err)
{
    char list[96] = "";
    size_t len = 0;

    for (size_t i = 0; member->values[i] != NULL && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", i == 0 ? "" : ", ",
                                member->values[i]);
    return FAIL(err, ERR_INPUT, "member \"%s\" is none of %s", member->name, list);
}

bool http_form_fits(const struct http_form *form, const char *text)
{
    return form->fits != NULL ? form->fits(text) : http_pattern_fits(form->pattern, text);
}

int http_member_check_value(const struct http_member *member, const char *text, struct err *err)
{
    if (member->values == NULL)
        return 0;
    for (size_t i = 0; member->values[i] != NULL; i++) {
        if (strcmp(member->values[i], text) == 0)
            return 0;
    }
    return fail_value(member, err);
}

static int check_value(const char *text, const struct http_member *member, bool with_forms,
                       struct err *err)
{
    if (with_forms && member->form != NULL && !http_form_fits(member->form, text))
        return FAIL(err, ERR_INPUT, "member \"%s\" is not in its form: %s", member->name,
                    member->form->text);
    return http_member_check_value(member, text, err);
}

static bool may_be_passed_over(const struct json *object, const struct http_member *member)
{
    return (member->presence == HTTP_OPTIONAL && !json_has(object, member->name)) ||
           (member->presence == HTTP_OR_NULL && json_is_null_member(object, member->name));
}

static int check_members(const struct json *object, const struct http_member *members,
                         bool with_forms, struct err *err);

static int check_text(const struct json *object, const struct http_member *member, bool with_forms,
                      struct err *err)
{
    const char *text = json_text(json_member(object, member->name));

    if (text != NULL)
        return check_value(text, member, with_forms, err);
    if (may_be_passed_over(object, member))
        return 0;
    return json_get_text(object, member->name, &text, err); /* says what is wrong */
}

static int check_object(const struct json *object, const struct http_member *member,
                        bool with_forms, struct err *err)
{
    const struct json *child;

    TRY(json_get_object(object, member->name, &child, err));
    return err_prefix(err, check_members(child, member->members, with_forms, err), "%s",
                      member->name);
}

static int check_item(const struct json *item, const struct http_member *member, bool with_forms,
                      struct err *err)
{
    if (member->members != NULL)
        return err_prefix(err, check_members(item, member->members, with_forms, err), "%s",
                          member->name);
    if (json_text(item) == NULL)
        return FAIL(err, ERR_INPUT, "member \"%s\" has other items than strings", member->name);
    return check_value(json_text(item), member, with_forms, err);
}

static int check_array(const struct json *object, const struct http_member *member, bool with_forms,
                       struct err *err)
{
    const struct json *array;

    TRY(json_get_array(object, member->name, &array, err));
    for (size_t i = 0; i < json_count(array); i++)
        TRY(check_item(json_at(array, i), member, with_forms, err));
    return 0;
}

static int check_member(const struct json *object, const struct http_member *member,
                        bool with_forms, struct err *err)
{
    int64_t number;
    bool flag;

    switch (member->type) {
    case HTTP_TEXT:
        return check_text(object, member, with_forms, err);
    case HTTP_INT:
        return json_get_int(object, member->name, &number, err);
    case HTTP_BOOL:
        return json_get_bool(object, member->name, &flag, err);
    case HTTP_OBJECT:
        return check_object(object, member, with_forms, err);
    case HTTP_ARRAY:
        return check_array(object, member, with_forms, err);
    }
    return FAIL(err, ERR_USAGE, "member \"%s\" has no type", member->name);
}

static int check_members(const struct json *object, const struct http_member *members,
                         bool with_forms, struct err *err)
{
    const char *names[HTTP_MEMBERS_MAX + 1] = {NULL};

    /* The router has counted them: http_members_valid. */
    for (size_t i = 0; members[i].name != NULL; i++)
        names[i] = members[i].name;
    TRY(json_only(object, names, err));
    for (; members->name != NULL; members++) {
        if (members->type == HTTP_TEXT || !may_be_passed_over(object, members))
            TRY(check_member(object, members, with_forms, err));
    }
    return 0;
}

int http_members_check(const struct json *object, const struct http_member *members,
                       struct err *err)
{
    return check_members(object, members, true, err);
}

int http_members_check_ours(const struct json *object, const struct http_member *members,
                            struct err *err)
{
    return check_members(object, members, false, err);
}

/* Printable ASCII that stands in JSON as it is. */
static bool is_plain(const char *name)
{
    while (*name >= ' ' && *name <= '~' && *name != '"' && *name != '\\')
        name++;
    return *name == '\0';
}

static int check_form(const struct http_member *member, struct err *err)
{
    const struct http_form *form = member->form;

    if (form == NULL)
        return 0;
    if ((member->type != HTTP_TEXT && member->type != HTTP_ARRAY) || member->members != NULL)
        return FAIL(err, ERR_USAGE, "member %s cannot have a form", member->name);
    if (form->text == NULL || (form->fits == NULL && !http_pattern_is_valid(form->pattern)))
        return FAIL(err, ERR_USAGE, "member %s has a form that cannot be checked", member->name);
    return 0;
}

static int check_row(const struct http_member *member, struct err *err)
{
    const bool may_nest = member->type == HTTP_OBJECT || member->type == HTTP_ARRAY;

    if (!is_plain(member->name))
        return FAIL(err, ERR_USAGE, "the name of a member has to be escaped");
    if (member->meaning == NULL)
        return FAIL(err, ERR_USAGE, "member %s has no meaning", member->name);
    if (member->type == HTTP_OBJECT && member->members == NULL)
        return FAIL(err, ERR_USAGE, "object %s has no members", member->name);
    if (member->members != NULL && !may_nest)
        return FAIL(err, ERR_USAGE, "member %s cannot have members", member->name);
    TRY(check_form(member, err));
    return member->members == NULL ? 0 : http_members_valid(member->members, err);
}

int http_members_valid(const struct http_member *members, struct err *err)
{
    size_t count = 0;

    for (; members->name != NULL; members++) {
        if (++count > HTTP_MEMBERS_MAX)
            return FAIL(err, ERR_USAGE, "more than %d members", HTTP_MEMBERS_MAX);
        TRY(check_row(members, err));
    }
    return 0;
}
