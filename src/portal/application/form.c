/* SPDX-License-Identifier: Apache-2.0 */
/* The definition: its members, and whether anybody could answer it. */
#include "portal/application/form.h"

#include "base/utf8.h"
#include "portal/application/document_kind.h"
#include "portal/application/limits.h"

#include <string.h>

const char *const form_types[] = {
    [FORM_TEXT] = "text", [FORM_LINES] = "lines",   [FORM_INTEGER] = "integer",
    [FORM_DATE] = "date", [FORM_CHOICE] = "choice", [FORM_FLAG] = "flag",
    [FORM_TYPES_] = NULL};
const char *const form_spellings[] = {"digits", "phone", "kana", "email", "postal-code", NULL};
const char *const form_prefills[] = {"name", "address", "birth_date", "sex", NULL};
const char *const form_file_types[] = {"pdf", "jpeg", "png", NULL};

static const struct http_form name_form = {
    "^[a-z][a-z0-9_]{0,39}$", "a small letter, and small letters, digits, underscores"};
static const struct http_member option_members[] = {
    {"value", HTTP_TEXT, HTTP_REQUIRED, "the answer", .form = &name_form},
    {"label", HTTP_TEXT, HTTP_REQUIRED, "as people read it"},
    {"label_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {NULL},
};
static const struct http_member when_members[] = {
    {"field", HTTP_TEXT, HTTP_REQUIRED, "a field before this one", .form = &name_form},
    {"is", HTTP_TEXT, HTTP_REQUIRED, "the answer that it has"},
    {NULL},
};
static const struct http_member field_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name in answers", .form = &name_form},
    {"label", HTTP_TEXT, HTTP_REQUIRED, "what is asked"},
    {"label_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"help", HTTP_TEXT, HTTP_OPTIONAL, "what helps to answer it"},
    {"help_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"type", HTTP_TEXT, HTTP_REQUIRED, "what kind of answer it takes", .values = form_types},
    {"is_required", HTTP_BOOL, HTTP_OPTIONAL, "whether there must be an answer; missing: no"},
    {"max_length", HTTP_INT, HTTP_OPTIONAL, "characters of a text at most"},
    {"form", HTTP_TEXT, HTTP_OPTIONAL, "how a text is spelled", .values = form_spellings},
    {"min", HTTP_INT, HTTP_OPTIONAL, "the least integer"},
    {"max", HTTP_INT, HTTP_OPTIONAL, "the largest integer"},
    {"options", HTTP_ARRAY, HTTP_OPTIONAL, "of a choice: what there is", option_members},
    {"when", HTTP_OBJECT, HTTP_OPTIONAL, "it is only asked then", when_members},
    {"prefill", HTTP_TEXT, HTTP_OPTIONAL, "what of the signer's certificate is meant",
     .values = form_prefills},
    {NULL},
};
static const struct http_member file_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &name_form},
    {"label", HTTP_TEXT, HTTP_REQUIRED, "what is to be attached"},
    {"label_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"is_required", HTTP_BOOL, HTTP_OPTIONAL, "whether there must be one; missing: no"},
    {"max_files", HTTP_INT, HTTP_OPTIONAL, "how many there may be; missing: 1"},
    {"types", HTTP_ARRAY, HTTP_REQUIRED, "what kinds of files", .values = form_file_types},
    {"document", HTTP_TEXT, HTTP_OPTIONAL, "what it is to show; nothing with an individual number",
     .values = document_kinds},
    {"when", HTTP_OBJECT, HTTP_OPTIONAL, "it is only asked for then", when_members},
    {NULL},
};
const struct http_member form_members[] = {
    {"needs_signature", HTTP_BOOL, HTTP_REQUIRED,
     "whether it is to be signed with a card; without, nobody need log in"},
    {"fields", HTTP_ARRAY, HTTP_REQUIRED, "the questions, in order", field_members},
    {"attachments", HTTP_ARRAY, HTTP_OPTIONAL, "what goes with them", file_members},
    {NULL},
};
const struct http_member form_answer_members[] = {
    {"field", HTTP_TEXT, HTTP_REQUIRED, "a field of the form", .form = &name_form},
    {"value", HTTP_TEXT, HTTP_REQUIRED, "the answer to it"},
    {NULL},
};

static int check_words(const char *text, size_t most, const char *what, struct err *err)
{
    const size_t count = utf8_count(bytes_text(text));

    if (utf8_is_blank(bytes_text(text)) || count > most || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s has 1 to %zu characters that can be seen", what, most);
    return 0;
}

static int check_more_words(const struct json *item, const char *member, size_t most,
                            struct err *err)
{
    const char *text;

    if (!json_has(item, member))
        return 0;
    TRY(json_get_text(item, member, &text, err));
    return check_words(text, most, member, err);
}

/* The item of an array with that member, before the nth one; NULL if there is none. */
static const struct json *find(const struct json *array, const char *member, const char *value,
                               size_t count)
{
    for (size_t i = 0; i < count && i < json_count(array); i++) {
        const char *is;

        if (json_get_text(json_at(array, i), member, &is, NULL) == 0 && strcmp(is, value) == 0)
            return json_at(array, i);
    }
    return NULL;
}

static int get_type(const struct json *field, enum form_type *ret, struct err *err)
{
    const char *name;
    unsigned type = 0;

    TRY(json_get_text(field, "type", &name, err));
    while (type < FORM_TYPES_ && strcmp(form_types[type], name) != 0)
        type++;
    if (type == FORM_TYPES_)
        return FAIL(err, ERR_INPUT, "there is no such type");
    *ret = (enum form_type)type;
    return 0;
}

static int check_options(const struct json *field, enum form_type type, struct err *err)
{
    const struct json *options;

    if (json_has(field, "options") != (type == FORM_CHOICE))
        return FAIL(err, ERR_INPUT, "a choice has options, and nothing else has");
    if (type != FORM_CHOICE)
        return 0;
    TRY(json_get_array(field, "options", &options, err));
    if (json_count(options) == 0 || json_count(options) > FORM_OPTIONS_MAX)
        return FAIL(err, ERR_INPUT, "a choice has 1 to %d options", FORM_OPTIONS_MAX);
    for (size_t i = 0; i < json_count(options); i++) {
        const char *value, *label;

        TRY(json_get_text(json_at(options, i), "value", &value, err));
        TRY(json_get_text(json_at(options, i), "label", &label, err));
        TRY(check_words(label, FORM_LABEL_MAX, "an option", err));
        TRY(check_more_words(json_at(options, i), "label_en", FORM_ENGLISH_LABEL_MAX, err));
        if (find(options, "value", value, i) != NULL)
            return FAIL(err, ERR_INPUT, "an option is there twice");
    }
    return 0;
}

/* Members that only some types have. */
static int check_bounds(const struct json *field, enum form_type type, struct err *err)
{
    const bool is_text = type == FORM_TEXT || type == FORM_LINES;
    int64_t least = INT64_MIN, most = INT64_MAX, length = FORM_ANSWER_MAX;

    if (!is_text && json_has(field, "max_length"))
        return FAIL(err, ERR_INPUT, "only texts have a length");
    if (type != FORM_TEXT && json_has(field, "form"))
        return FAIL(err, ERR_INPUT, "only a text of one line has a form");
    if (type != FORM_INTEGER && (json_has(field, "min") || json_has(field, "max")))
        return FAIL(err, ERR_INPUT, "only integers have bounds");
    if (json_has(field, "max_length"))
        TRY(json_get_int(field, "max_length", &length, err));
    if (length < 1 || length > FORM_ANSWER_MAX)
        return FAIL(err, ERR_INPUT, "max_length is 1 to %d", FORM_ANSWER_MAX);
    if (json_has(field, "min"))
        TRY(json_get_int(field, "min", &least, err));
    if (json_has(field, "max"))
        TRY(json_get_int(field, "max", &most, err));
    return least > most ? FAIL(err, ERR_INPUT, "min is above max") : 0;
}

static int check_option_of(const struct json *field, const char *value, struct err *err)
{
    const struct json *options;
    enum form_type type;

    TRY(get_type(field, &type, err));
    if (type == FORM_FLAG && (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0))
        return 0;
    if (type != FORM_CHOICE)
        return FAIL(err, ERR_INPUT, "a condition is on an answer of a choice or a flag");
    TRY(json_get_array(field, "options", &options, err));
    return find(options, "value", value, json_count(options)) == NULL
               ? FAIL(err, ERR_INPUT, "a condition is on an option that is not there")
               : 0;
}

/* On what was asked before, so that conditions cannot lead in a circle. */
static int check_when(const struct json *item, const struct json *fields, size_t before,
                      struct err *err)
{
    const struct json *when;
    const struct json *field;
    const char *name, *value;

    if (!json_has(item, "when"))
        return 0;
    TRY(json_get_object(item, "when", &when, err));
    TRY(json_get_text(when, "field", &name, err));
    TRY(json_get_text(when, "is", &value, err));
    field = find(fields, "name", name, before);
    if (field == NULL)
        return FAIL(err, ERR_INPUT, "a condition is on a field that is not asked before");
    return check_option_of(field, value, err);
}

static int check_head(const struct json *item, const struct json *items, size_t place,
                      const char **ret_name, struct err *err)
{
    const char *label;

    TRY(json_get_text(item, "name", ret_name, err));
    TRY(json_get_text(item, "label", &label, err));
    TRY(check_words(label, FORM_LABEL_MAX, "a label", err));
    TRY(check_more_words(item, "label_en", FORM_ENGLISH_LABEL_MAX, err));
    if (find(items, "name", *ret_name, place) != NULL)
        return FAIL(err, ERR_INPUT, "%s is there twice", *ret_name);
    return 0;
}

static int check_field(const struct json *fields, size_t place, struct err *err)
{
    const struct json *field = json_at(fields, place);
    const char *name;
    enum form_type type;

    TRY(check_head(field, fields, place, &name, err));
    TRY(check_more_words(field, "help", FORM_HELP_MAX, err));
    TRY(check_more_words(field, "help_en", FORM_ENGLISH_HELP_MAX, err));
    TRY(get_type(field, &type, err));
    TRY(err_prefix(err, check_options(field, type, err), "%s", name));
    TRY(err_prefix(err, check_bounds(field, type, err), "%s", name));
    return err_prefix(err, check_when(field, fields, place, err), "%s", name);
}

/* A form cannot ask for what nobody may attach. */
static int check_document(const struct json *file, struct err *err)
{
    const char *document;
    struct err why = {0};

    if (!json_has(file, "document"))
        return 0;
    TRY(json_get_text(file, "document", &document, err));
    return document_kind_check(document, &why) < 0 ? FAIL(err, ERR_INPUT, "%s", why.text) : 0;
}

static int check_file(const struct json *files, size_t place, const struct json *fields,
                      struct err *err)
{
    const struct json *file = json_at(files, place);
    const struct json *types;
    int64_t most = 1;
    const char *name;

    TRY(check_head(file, files, place, &name, err));
    TRY(err_prefix(err, check_document(file, err), "%s", name));
    TRY(json_get_array(file, "types", &types, err));
    if (json_has(file, "max_files"))
        TRY(json_get_int(file, "max_files", &most, err));
    if (json_count(types) == 0 || most < 1 || most > FORM_EACH_MAX)
        return FAIL(err, ERR_INPUT, "%s has a type at least, and 1 to %d files", name,
                    FORM_EACH_MAX);
    return err_prefix(err, check_when(file, fields, json_count(fields), err), "%s", name);
}

int form_check(const struct json *form, struct err *err)
{
    const struct json *fields;
    const struct json *files = NULL;

    TRY(http_members_check(form, form_members, err));
    TRY(json_get_array(form, "fields", &fields, err));
    if (json_count(fields) == 0 || json_count(fields) > FORM_FIELDS_MAX)
        return FAIL(err, ERR_INPUT, "a form has 1 to %d fields", FORM_FIELDS_MAX);
    for (size_t i = 0; i < json_count(fields); i++)
        TRY(check_field(fields, i, err));
    if (json_has(form, "attachments"))
        TRY(json_get_array(form, "attachments", &files, err));
    if (json_count(files) > FORM_FILES_MAX)
        return FAIL(err, ERR_INPUT, "a form has up to %d kinds of attachments", FORM_FILES_MAX);
    for (size_t i = 0; i < json_count(files); i++)
        TRY(check_file(files, i, fields, err));
    return 0;
}

const struct json *form_file(const struct json *form, const char *name)
{
    const struct json *files;

    if (json_get_array(form, "attachments", &files, NULL) < 0)
        return NULL;
    return find(files, "name", name, json_count(files));
}

const char *form_answer(const struct json *answers, const char *field)
{
    const struct json *answer = find(answers, "field", field, json_count(answers));
    const char *value;

    return answer == NULL || json_get_text(answer, "value", &value, NULL) < 0 ? NULL : value;
}

int form_asks(const struct json *form, const struct json *field, const struct json *answers,
              bool *ret, struct err *err)
{
    const struct json *fields;

    TRY(json_get_array(form, "fields", &fields, err));
    while (field != NULL && json_has(field, "when")) { /* upwards: each is asked before */
        const struct json *when;
        const char *name, *value, *is;

        TRY(json_get_object(field, "when", &when, err));
        TRY(json_get_text(when, "field", &name, err));
        TRY(json_get_text(when, "is", &value, err));
        is = form_answer(answers, name);
        if (is == NULL || strcmp(is, value) != 0) {
            *ret = false;
            return 0;
        }
        field = find(fields, "name", name, json_count(fields));
    }
    *ret = true;
    return 0;
}
