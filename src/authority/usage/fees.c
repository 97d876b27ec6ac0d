/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/usage/fees.h"

#include "base/file.h"

#include <string.h>

enum { COLUMNS = 6, YEN_DIGITS = 9 };

const char *const usage_items[] = {
    [USAGE_SIGN_CHECK] = "sign-check", [USAGE_AUTH_CHECK] = "auth-check",
    [USAGE_SIGN_LIST] = "sign-list",   [USAGE_AUTH_LIST] = "auth-list",
    [USAGE_ATTRIBUTES] = "attributes", [USAGE_ITEMS_] = NULL};
static const char *const bases[] = {[FEE_LAW] = "law",
                                    [FEE_ANNOUNCED] = "announced",
                                    [FEE_OBSERVED] = "observed",
                                    [FEE_BASES_] = NULL};

static int find_word(const char *const *words, const char *text, const char *what, unsigned *ret,
                     struct err *err)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "not %s", what);
}

int fee_basis_read(const char *name, enum fee_basis *ret, struct err *err)
{
    unsigned basis;

    TRY(find_word(bases, name, "law, announced or observed", &basis, err));
    *ret = (enum fee_basis)basis;
    return 0;
}

static int read_yen(const char *text, int64_t *ret, struct err *err)
{
    size_t len = strlen(text);
    int64_t yen = 0;

    if (len == 0 || len > YEN_DIGITS || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "yen is no number of at most %d digits", YEN_DIGITS);
    for (size_t i = 0; i < len; i++)
        yen = yen * 10 + (text[i] - '0');
    *ret = yen;
    return 0;
}

static int read_row(char *const columns[COLUMNS], struct fee *ret, struct err *err)
{
    unsigned item;

    TRY(find_word(usage_items, columns[0], "an item", &item, err));
    ret->item = (enum usage_item)item;
    TRY(caldate_parse_iso(columns[1], &ret->from, err));
    ret->until = (struct caldate){0, 0, 0};
    if (strcmp(columns[2], "-") != 0)
        TRY(caldate_parse_iso(columns[2], &ret->until, err));
    if (ret->until.year != 0 && caldate_compare(ret->until, ret->from) < 0)
        return FAIL(err, ERR_INPUT, "the last day is before the first");
    TRY(read_yen(columns[3], &ret->yen, err));
    return fee_basis_read(columns[4], &ret->basis, err);
}

/* Cut a line into its columns, in place. */
static int read_line(char *line, struct fees *fees, struct err *err)
{
    char *columns[COLUMNS];

    if (line[0] == '#' || line[0] == '\0')
        return 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        line += strcspn(line, "\t");
        if ((*line == '\0') != (i == COLUMNS - 1))
            return FAIL(err, ERR_INPUT, "not %d columns", COLUMNS);
        if (*line != '\0')
            *line++ = '\0';
    }
    if (fees->count == FEES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d rows", FEES_MAX);
    TRY(read_row(columns, &fees->rows[fees->count], err));
    fees->count++;
    return 0;
}

int fees_parse(struct bytes text, enum fee_basis up_to, struct fees *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct fees fees = {.count = 0, .up_to = up_to};
    unsigned number = 1;
    char *line;

    if (text.len > 0 &&
        (memchr(text.ptr, '\0', text.len) != NULL || text.ptr[text.len - 1] != '\n'))
        return FAIL(err, ERR_INPUT, "no lines of text");
    TRY(buf_append(&copy, text, err));
    TRY(buf_append_byte(&copy, '\0', err));
    for (line = (char *)copy.ptr; *line != '\0'; number++) {
        char *end = strchr(line, '\n');

        *end = '\0';
        TRY(err_prefix(err, read_line(line, &fees, err), "line %u", number));
        line = end + 1;
    }
    *ret = fees;
    return 0;
}

int fees_load(const char *path, enum fee_basis up_to, struct fees *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, FEES_FILE_MAX, &text, err));
    return err_prefix(err, fees_parse(buf_bytes(&text), up_to, ret, err), "%s", path);
}

int fees_price(const struct fees *fees, enum usage_item item, struct caldate day, int64_t *ret,
               struct err *err)
{
    for (size_t i = fees->count; i > 0; i--) {
        const struct fee *fee = &fees->rows[i - 1];

        if (fee->item != item || fee->basis > fees->up_to || caldate_compare(day, fee->from) < 0 ||
            (fee->until.year != 0 && caldate_compare(day, fee->until) > 0))
            continue;
        *ret = fee->yen;
        return 0;
    }
    return FAIL(err, ERR_CONFLICT, "no fee is known for %s on that day", usage_items[item]);
}

int fees_month_check(const char *month, struct err *err)
{
    char day[] = "YYYY-MM-01";
    struct caldate date;

    if (month == NULL || strlen(month) != 7)
        return FAIL(err, ERR_INPUT, "month is YYYY-MM");
    memcpy(day, month, 7);
    return caldate_parse_iso(day, &date, NULL) < 0 ? FAIL(err, ERR_INPUT, "month is YYYY-MM") : 0;
}
