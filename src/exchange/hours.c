/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/hours.h"

#include "base/file.h"
#include "base/share.h"
#include "exchange/tsv.h"

#include <stdlib.h>

enum { HOLIDAYS_MAX = 1024, SPANS_MAX = 16, DAY_SECONDS = 86400, SUNDAY_BEFORE_1970 = 4, WEEK = 7 };
enum day_kind { WEEKDAY, REST, DAY_KINDS_ };

struct span {
    struct caldate from, until; /* until: year 0 for ever */
    int opens, closes;          /* hours; 24: not on this day */
};

struct hours {
    struct span spans[DAY_KINDS_][SPANS_MAX];
    size_t counts[DAY_KINDS_];
    struct caldate holidays[HOLIDAYS_MAX]; /* ascending */
    size_t holiday_count;
};

static int64_t midnight(struct caldate day)
{
    return caltime_utc((struct caltime){day, 0, 0, 0}, JST_OFFSET_SECONDS);
}

static int read_hour(const char *text, int *ret, struct err *err)
{
    size_t len = strlen(text);
    int hour = 0;

    if (len < 1 || len > 2 || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "an hour is 0 to 24");
    for (const char *c = text; *c != '\0'; c++)
        hour = hour * 10 + *c - '0';
    if (hour > 24)
        return FAIL(err, ERR_INPUT, "an hour is 0 to 24");
    *ret = hour;
    return 0;
}

/* Whether a span begins on the day after the one before it has ended. */
static int check_follows(const struct span *before, const struct span *span, struct err *err)
{
    if (before->until.year == 0 || midnight(before->until) + DAY_SECONDS != midnight(span->from))
        return FAIL(err, ERR_INPUT, "does not begin the day after the row before of its kind ends");
    return 0;
}

static int take_hours(struct hours *hours, const struct tsv_row *row, struct err *err)
{
    static const char *const kinds[] = {"weekday", "rest", NULL};
    struct span span = {.opens = 0};
    unsigned kind;
    size_t count;

    TRY(tsv_width(row, 6, err));
    TRY(caldate_parse_iso(row->fields[1], &span.from, err));
    if (strcmp(row->fields[2], "-") != 0)
        TRY(caldate_parse_iso(row->fields[2], &span.until, err));
    TRY(tsv_word(row->fields[3], kinds, "the kind of a day", &kind, err));
    TRY(read_hour(row->fields[4], &span.opens, err));
    TRY(read_hour(row->fields[5], &span.closes, err));
    if (span.opens >= span.closes)
        return FAIL(err, ERR_INPUT, "closes before it opens");
    if (span.until.year != 0 && caldate_compare(span.until, span.from) < 0)
        return FAIL(err, ERR_INPUT, "ends before it begins");
    count = hours->counts[kind];
    if (count == SPANS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d rows of a kind of days", SPANS_MAX);
    if (count > 0)
        TRY(check_follows(&hours->spans[kind][count - 1], &span, err));
    hours->spans[kind][hours->counts[kind]++] = span;
    return 0;
}

static int take_holiday(struct hours *hours, const struct tsv_row *row, struct err *err)
{
    size_t count = hours->holiday_count;
    struct caldate day;

    TRY(tsv_width(row, 2, err));
    TRY(caldate_parse_iso(row->fields[1], &day, err));
    if (count == HOLIDAYS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d holidays", HOLIDAYS_MAX);
    if (count > 0 && caldate_compare(hours->holidays[count - 1], day) >= 0)
        return FAIL(err, ERR_INPUT, "not after the holiday before");
    hours->holidays[hours->holiday_count++] = day;
    return 0;
}

static int take_row(void *context, const struct tsv_row *row, struct err *err)
{
    static const char *const rows[] = {"hours", "holiday", NULL};
    unsigned what;

    TRY(tsv_word(row->fields[0], rows, "the first field", &what, err));
    return what == 0 ? take_hours(context, row, err) : take_holiday(context, row, err);
}

/* It never ends: who waits for it is told an hour. */
static int check_end(const struct hours *hours, struct err *err)
{
    for (unsigned kind = 0; kind < DAY_KINDS_; kind++) {
        size_t count = hours->counts[kind];

        if (count == 0 || hours->spans[kind][count - 1].until.year != 0)
            return FAIL(err, ERR_INPUT, "there are no hours for ever for each kind of days");
    }
    return 0;
}

int hours_parse(struct bytes text, struct hours **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    CLEANUP(hours_freep) struct hours *hours = calloc(1, sizeof *hours);

    if (hours == NULL)
        return FAIL_NOMEM(err);
    TRY(buf_append(&copy, text, err));
    TRY(tsv_cut(&copy, take_row, hours, err));
    TRY(check_end(hours, err));
    *ret = hours;
    hours = NULL;
    return 0;
}

int hours_load(const char *folder, struct hours **ret, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (folder == NULL)
        TRY(share_path("openjpki/exchange", &own, err));
    TRY(path_format(&path, err, "%s/hours.tsv", folder == NULL ? own : folder));
    TRY(file_read(path, EXCHANGE_FILE_MAX, &text, err));
    return err_prefix(err, hours_parse(buf_bytes(&text), ret, err), "hours.tsv");
}

void hours_free(struct hours *hours)
{
    free(hours);
}

void hours_freep(struct hours **hours)
{
    hours_free(*hours);
    *hours = NULL;
}

static int compare_day(const void *a, const void *b)
{
    return caldate_compare(*(const struct caldate *)a, *(const struct caldate *)b);
}

static enum day_kind kind_of(const struct hours *hours, struct caldate day)
{
    int64_t days = caltime_utc((struct caltime){day, 0, 0, 0}, 0) / DAY_SECONDS;
    int64_t weekday = (days + SUNDAY_BEFORE_1970) % WEEK; /* 0: Sunday */

    if (weekday == 0 || weekday == WEEK - 1 ||
        bsearch(&day, hours->holidays, hours->holiday_count, sizeof day, compare_day) != NULL)
        return REST;
    return WEEKDAY;
}

/* The hours of a day; NULL before the first. */
static const struct span *span_of(const struct hours *hours, struct caldate day)
{
    enum day_kind kind = kind_of(hours, day);

    for (size_t i = hours->counts[kind]; i-- > 0;) {
        if (caldate_compare(hours->spans[kind][i].from, day) <= 0)
            return &hours->spans[kind][i];
    }
    return NULL;
}

struct hours_day hours_of_day(const struct hours *hours, int64_t at)
{
    const struct caldate day = caltime_at(at, JST_OFFSET_SECONDS).date;
    const struct span *span = span_of(hours, day);

    return (struct hours_day){.is_rest = kind_of(hours, day) == REST,
                              .opens = span == NULL ? 0 : span->opens,
                              .closes = span == NULL ? 0 : span->closes};
}

int64_t hours_open_from(const struct hours *hours, int64_t at)
{
    const struct caldate first = hours->spans[WEEKDAY][0].from;
    struct caldate day = caltime_at(at, JST_OFFSET_SECONDS).date;

    if (caldate_compare(day, first) < 0)
        day = first;
    for (;;) {
        const struct span *span = span_of(hours, day);
        int64_t begins = midnight(day);

        if (span != NULL && at < begins + (int64_t)span->closes * 3600) {
            int64_t opens = begins + (int64_t)span->opens * 3600;

            return at < opens ? opens : at;
        }
        day = caltime_at(begins + DAY_SECONDS, JST_OFFSET_SECONDS).date;
    }
}
