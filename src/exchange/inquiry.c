/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/inquiry.h"

#include <stddef.h>
#include <stdio.h>

enum form { FORM_TEXT, FORM_DIGITS, FORM_TIME, FORM_HIDDEN, FORM_CHOICE, FORM_DAY };
enum { CHOICES = 3, DAY_LEN = 8, TIME_LEN = 17 };

/* In the order of the record. */
static const struct field {
    const char *name;
    size_t width, offset;
    enum form form;
    bool is_optional;
} fields[] = {
    {"numbering system", 2, offsetof(struct inquiry, numbering), FORM_DIGITS, false},
    {"addressee", ADDRESSEE_LEN, offsetof(struct inquiry, addressee), FORM_DIGITS, false},
    {"unified addressee", ADDRESSEE_LEN, offsetof(struct inquiry, unified), FORM_DIGITS, true},
    {"time", TIME_LEN, offsetof(struct inquiry, asked_at), FORM_TIME, false},
    {"department", INQUIRY_WORD_LEN, offsetof(struct inquiry, department), FORM_TEXT, false},
    {"user", INQUIRY_WORD_LEN, offsetof(struct inquiry, user), FORM_TEXT, false},
    {"asker", CODE_LEN, offsetof(struct inquiry, asker), FORM_TEXT, false},
    {"non-disclosure", 1, offsetof(struct inquiry, is_hidden), FORM_HIDDEN, false},
    {"duty", CODE_LEN, offsetof(struct inquiry, duty), FORM_TEXT, false},
    {"procedure", CODE_LEN, offsetof(struct inquiry, procedure), FORM_TEXT, false},
    {"delegating asker", CODE_LEN, offsetof(struct inquiry, delegating_asker), FORM_TEXT, true},
    {"delegating provider", CODE_LEN, offsetof(struct inquiry, delegating_provider), FORM_TEXT,
     true},
    {"provider", CODE_LEN, offsetof(struct inquiry, provider), FORM_TEXT, false},
    {"name", CODE_LEN, offsetof(struct inquiry, info), FORM_TEXT, false},
    {"condition", 1, offsetof(struct inquiry, condition), FORM_CHOICE, false},
    {"kind of year", 1, offsetof(struct inquiry, year), FORM_CHOICE, false},
    {"first day", DAY_LEN, offsetof(struct inquiry, first), FORM_DAY, true},
    {"last day", DAY_LEN, offsetof(struct inquiry, last), FORM_DAY, true},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static const char digits[] = "0123456789";
static const char word_characters[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.";

/* What has to hold between fields. */
static int check_whole(const struct inquiry *q, struct err *err)
{
    bool has_days = q->first.year != 0 && q->last.year != 0;

    if (!code_is_body(q->asker) || !code_is_body(q->provider))
        return FAIL(err, ERR_INPUT, "asker and provider are codes of bodies");
    if (!code_is("JM", q->duty) || !code_is("JT", q->procedure) || !code_is("TM", q->info))
        return FAIL(err, ERR_INPUT, "duty, procedure and name are codes of their kind");
    if (has_days != (q->condition != INQUIRY_LATEST) || (q->first.year != 0) != has_days ||
        (q->last.year != 0) != has_days)
        return FAIL(err, ERR_INPUT, "a period or a year has a first and a last day, else none");
    if ((q->condition == INQUIRY_YEAR) != (q->year != INQUIRY_NO_YEAR))
        return FAIL(err, ERR_INPUT, "the kind of year belongs to a year, and to nothing else");
    if (has_days && caldate_compare(q->first, q->last) > 0)
        return FAIL(err, ERR_INPUT, "the last day is before the first");
    return 0;
}

/* ---- writing ---- */

static int write_text(const struct field *field, const char *text, char *at, struct err *err)
{
    const char *allowed = field->form == FORM_DIGITS ? digits : word_characters;
    size_t len = strlen(text);

    if (len > field->width || strspn(text, allowed) != len ||
        (field->form == FORM_DIGITS && len != 0 && len != field->width) ||
        (len == 0 && !field->is_optional))
        return FAIL(err, ERR_INPUT, "the field %s has not its form", field->name);
    memset(at, ' ', field->width);
    memcpy(at, text, len);
    return 0;
}

static int write_time(int64_t ms, char *at, struct err *err)
{
    char text[64];
    struct caltime t;

    if (ms < 0 || ms / 1000 >= caltime_utc((struct caltime){{9999, 12, 31}, 0, 0, 0}, 0))
        return FAIL(err, ERR_INPUT, "the field time has not its form");
    t = caltime_at(ms / 1000, JST_OFFSET_SECONDS);
    (void)snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02d%03d", t.date.year, t.date.month,
                   t.date.day, t.hour, t.minute, t.second, (int)(ms % 1000));
    memcpy(at, text, TIME_LEN);
    return 0;
}

static int write_day(const struct field *field, const struct caldate *day, char *at,
                     struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    memset(at, ' ', DAY_LEN);
    if (day->year == 0)
        return 0;
    if (!caldate_is_valid(*day))
        return FAIL(err, ERR_INPUT, "the field %s has not its form", field->name);
    caldate_format_basic(*day, text);
    memcpy(at, text, DAY_LEN);
    return 0;
}

static int write_choice(const struct field *field, unsigned value, char *at, struct err *err)
{
    if (value >= CHOICES)
        return FAIL(err, ERR_INPUT, "the field %s has not its form", field->name);
    *at = (char)('0' + value);
    return 0;
}

static int write_field(const struct field *field, const void *value, char *at, struct err *err)
{
    switch (field->form) {
    case FORM_TEXT:
    case FORM_DIGITS:
        return write_text(field, value, at, err);
    case FORM_TIME:
        return write_time(*(const int64_t *)value, at, err);
    case FORM_HIDDEN:
        *at = *(const bool *)value ? '1' : '0';
        return 0;
    case FORM_CHOICE:
        return write_choice(field, *(const unsigned *)value, at, err);
    case FORM_DAY:
        return write_day(field, value, at, err);
    }
    return FAIL(err, ERR_USAGE, "a field of no form");
}

int inquiry_encode(const struct inquiry *inquiry, char ret[INQUIRY_LEN + 1], struct err *err)
{
    char record[INQUIRY_LEN + 1] = "";
    size_t at = 0;

    TRY(check_whole(inquiry, err));
    for (size_t i = 0; i < FIELDS; i++) {
        TRY(write_field(&fields[i], (const char *)inquiry + fields[i].offset, record + at, err));
        at += fields[i].width;
    }
    memcpy(ret, record, sizeof record);
    return 0;
}

/* ---- reading ---- */

static void read_text(const struct field *field, const char *at, char *ret)
{
    size_t len = field->width;

    while (len > 0 && at[len - 1] == ' ')
        len--;
    memcpy(ret, at, len);
    ret[len] = '\0';
}

static int number(const char *at, size_t len)
{
    int value = 0;

    for (size_t i = 0; i < len; i++)
        value = value * 10 + at[i] - '0';
    return value;
}

static int read_time(const char *at, int64_t *ret, struct err *err)
{
    struct caltime t = {{number(at, 4), number(at + 4, 2), number(at + 6, 2)},
                        number(at + 8, 2),
                        number(at + 10, 2),
                        number(at + 12, 2)};

    for (size_t i = 0; i < TIME_LEN; i++) {
        if (at[i] < '0' || at[i] > '9')
            return FAIL(err, ERR_INPUT, "the field time has not its form");
    }
    if (!caldate_is_valid(t.date) || t.hour > 23 || t.minute > 59 || t.second > 59)
        return FAIL(err, ERR_INPUT, "the field time has not its form");
    *ret = caltime_utc(t, JST_OFFSET_SECONDS) * 1000 + number(at + 14, 3);
    return 0;
}

static int read_day(const struct field *field, const char *at, struct caldate *ret, struct err *err)
{
    char text[DAY_LEN + 1] = "";

    *ret = (struct caldate){0, 0, 0};
    memcpy(text, at, DAY_LEN);
    if (strspn(text, " ") == DAY_LEN)
        return 0;
    return err_prefix(err, caldate_parse_basic(text, ret, err), "the field %s", field->name);
}

static int read_field(const struct field *field, const char *at, void *ret, struct err *err)
{
    switch (field->form) {
    case FORM_TEXT:
    case FORM_DIGITS:
        read_text(field, at, ret);
        return 0;
    case FORM_TIME:
        return read_time(at, ret, err);
    case FORM_HIDDEN:
        *(bool *)ret = *at == '1';
        return 0;
    case FORM_CHOICE:
        *(unsigned *)ret = (unsigned)(*at - '0') % CHOICES;
        return 0;
    case FORM_DAY:
        return read_day(field, at, ret, err);
    }
    return FAIL(err, ERR_USAGE, "a field of no form");
}

int inquiry_decode(struct bytes record, struct inquiry *ret, struct err *err)
{
    struct inquiry inquiry = {.numbering = ""};
    char again[INQUIRY_LEN + 1];
    char text[INQUIRY_LEN];
    size_t at = 0;

    if (record.len != INQUIRY_LEN)
        return FAIL(err, ERR_INPUT, "an inquiry has %d characters", INQUIRY_LEN);
    memcpy(text, record.ptr, INQUIRY_LEN);
    if (memchr(text, '\0', INQUIRY_LEN) != NULL)
        return FAIL(err, ERR_INPUT, "an inquiry is text");
    for (size_t i = 0; i < FIELDS; i++) {
        TRY(read_field(&fields[i], text + at, (char *)&inquiry + fields[i].offset, err));
        at += fields[i].width;
    }
    TRY(inquiry_encode(&inquiry, again, err));
    /* Whatever was passed over above is told apart here: there is one spelling of an inquiry. */
    if (!bytes_equal(bytes_of(again, INQUIRY_LEN), bytes_of(text, INQUIRY_LEN)))
        return FAIL(err, ERR_INPUT, "the inquiry is written in another way than it has to be");
    *ret = inquiry;
    return 0;
}
