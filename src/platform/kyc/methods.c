/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/kyc/methods.h"

#include "base/file.h"
#include "base/share.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 8 };

static int copy_word(const char *text, const char *what, char *ret, size_t size, struct err *err)
{
    if (text[0] == '\0' || strlen(text) >= size || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s is empty, too long or has controls", what);
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

static int read_day(const char *text, struct caldate *ret, struct err *err)
{
    *ret = (struct caldate){0, 0, 0};
    return strcmp(text, "-") == 0 ? 0 : caldate_parse_iso(text, ret, err);
}

static int read_row(char *const columns[COLUMNS], struct kyc_method *ret, struct err *err)
{
    TRY(copy_word(columns[0], "law", ret->law, sizeof ret->law, err));
    TRY(copy_word(columns[1], "method", ret->method, sizeof ret->method, err));
    TRY(copy_word(columns[2], "letter", ret->letter, sizeof ret->letter, err));
    TRY(err_prefix(err, read_day(columns[3], &ret->from, err), "from"));
    TRY(err_prefix(err, read_day(columns[4], &ret->until, err), "until"));
    ret->needs_verifier = strcmp(columns[5], "yes") == 0;
    if (!ret->needs_verifier && strcmp(columns[5], "no") != 0)
        return FAIL(err, ERR_INPUT, "verifier is yes or no");
    TRY(copy_word(columns[6], "evidence", ret->evidence, sizeof ret->evidence, err));
    return copy_word(columns[7], "source", ret->source, sizeof ret->source, err);
}

static int compare_ends(const struct kyc_method *a, const struct kyc_method *b)
{
    bool before = a->until.year != 0 && b->from.year != 0 && caldate_compare(a->until, b->from) < 0;
    bool after = b->until.year != 0 && a->from.year != 0 && caldate_compare(b->until, a->from) < 0;

    return before || after;
}

/* A method has one letter on a day. */
static int check_new(const struct kyc_methods *methods, const struct kyc_method *row,
                     struct err *err)
{
    for (size_t i = 0; i < methods->count; i++) {
        const struct kyc_method *other = &methods->rows[i];

        if (strcmp(other->law, row->law) == 0 && strcmp(other->method, row->method) == 0 &&
            !compare_ends(other, row))
            return FAIL(err, ERR_INPUT, "%s has another row for the same days", row->method);
    }
    return 0;
}

static int read_line(char *line, struct kyc_methods *methods, struct err *err)
{
    char *columns[COLUMNS];
    size_t count = 0;

    if (*line == '#' || *line == '\0')
        return 0;
    for (char *rest = line; rest != NULL;) {
        char *column = strsep(&rest, "\t");

        if (count == COLUMNS)
            return FAIL(err, ERR_INPUT, "more than %d columns", COLUMNS);
        columns[count++] = column;
    }
    if (count != COLUMNS)
        return FAIL(err, ERR_INPUT, "%zu columns, not %d", count, COLUMNS);
    if (methods->count == KYC_METHODS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d rows", KYC_METHODS_MAX);
    methods->rows[methods->count] = (struct kyc_method){.law = ""};
    TRY(read_row(columns, &methods->rows[methods->count], err));
    TRY(check_new(methods, &methods->rows[methods->count], err));
    methods->count++;
    return 0;
}

int kyc_methods_parse(struct bytes text, struct kyc_methods *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct kyc_methods methods = {.count = 0};
    unsigned number = 1;
    const char *whole;
    char *rest;

    TRY(buf_copy(text, &copy, err));
    TRY(buf_text(&copy, &whole, err));
    rest = whole == NULL ? NULL : (char *)copy.ptr;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"), number++)
        TRY(err_prefix(err, read_line(line, &methods, err), "line %u", number));
    *ret = methods;
    return 0;
}

int kyc_methods_load(const char *path, struct kyc_methods *ret, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    if (path == NULL)
        TRY(share_path("openjpki/kyc-methods.tsv", &own, err));
    path = path == NULL ? own : path;
    rc = file_read(path, KYC_FILE_MAX, &text, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "there is no table of methods at %s", path);
    TRY(rc);
    return err_prefix(err, kyc_methods_parse(buf_bytes(&text), ret, err), "%s", path);
}

bool kyc_method_is_of(const struct kyc_method *method, struct caldate day)
{
    return (method->from.year == 0 || caldate_compare(method->from, day) <= 0) &&
           (method->until.year == 0 || caldate_compare(day, method->until) <= 0);
}

const struct kyc_method *kyc_methods_find(const struct kyc_methods *methods, const char *law,
                                          const char *method, struct caldate day)
{
    for (size_t i = 0; i < methods->count; i++) {
        const struct kyc_method *row = &methods->rows[i];

        if (strcmp(row->law, law) == 0 && strcmp(row->method, method) == 0 &&
            kyc_method_is_of(row, day))
            return row;
    }
    return NULL;
}
