/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/table.h"

#include "base/caltime.h"
#include "base/file.h"
#include "base/share.h"
#include "exchange/tsv.h"
#include "portal/kiosk/limits.h"

#include <stdio.h>
#include <stdlib.h>

enum { MUNICIPALITY_DIGITS = 5, HOURS = 24, MINUTES = 60, LEAP_YEAR = 2024 };

const char *const kiosk_kinds[] = {[KIOSK_RESIDENT] = "resident",
                                   [KIOSK_RESIDENT_ITEMS] = "resident-items",
                                   [KIOSK_HOUSEHOLD] = "household",
                                   [KIOSK_SEAL] = "seal",
                                   [KIOSK_TAX] = "tax",
                                   [KIOSK_FAMILY] = "family",
                                   [KIOSK_FAMILY_ADDRESSES] = "family-addresses",
                                   NULL};
const char *const kiosk_names_ja[] = {[KIOSK_RESIDENT] = "住民票の写し（本人）",
                                      [KIOSK_RESIDENT_ITEMS] = "住民票記載事項証明書（本人）",
                                      [KIOSK_HOUSEHOLD] = "住民票の写し（世帯全員）",
                                      [KIOSK_SEAL] = "印鑑登録証明書",
                                      [KIOSK_TAX] = "所得・課税証明書",
                                      [KIOSK_FAMILY] = "戸籍証明書（全部事項）",
                                      [KIOSK_FAMILY_ADDRESSES] = "戸籍の附票の写し",
                                      NULL};
const char *const kiosk_names_en[] = {
    [KIOSK_RESIDENT] = "copy of the resident record (one person)",
    [KIOSK_RESIDENT_ITEMS] = "certificate of items in the resident record (one person)",
    [KIOSK_HOUSEHOLD] = "copy of the resident record (all of the household)",
    [KIOSK_SEAL] = "certificate of a registered seal",
    [KIOSK_TAX] = "certificate of income and local tax",
    [KIOSK_FAMILY] = "certificate of the family register (all items)",
    [KIOSK_FAMILY_ADDRESSES] = "copy of the addresses that belong to the family register",
    NULL};
const char *const kiosk_items[] = {"head", "origin", NULL};

bool kiosk_kind_has_items(enum kiosk_kind kind)
{
    return kind <= KIOSK_HOUSEHOLD;
}

/* Days of each year, both inclusive: month * 100 + day. The last may be before the first. */
struct closed {
    int first, last;
};

struct kiosk_table {
    struct buf offers; /* of struct kiosk_offer */
    struct closed closed[KIOSK_CLOSED_MAX];
    size_t closed_count;
};

int kiosk_kind_read(const char *name, enum kiosk_kind *ret, struct err *err)
{
    unsigned kind;

    TRY(tsv_word(name, kiosk_kinds, "a kind of certificate", &kind, err));
    *ret = (enum kiosk_kind)kind;
    return 0;
}

void kiosk_table_free(struct kiosk_table *table)
{
    if (table == NULL)
        return;
    buf_done(&table->offers);
    free(table);
}

void kiosk_table_freep(struct kiosk_table **table)
{
    kiosk_table_free(*table);
    *table = NULL;
}

/* ---- rows ---- */

/* All digits, and no more than max. */
static int read_number(const char *text, int max, const char *what, int *ret, struct err *err)
{
    const size_t len = strlen(text);
    long number;

    if (len == 0 || len > 6 || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "%s is a number", what);
    number = strtol(text, NULL, 10);
    if (number > max)
        return FAIL(err, ERR_INPUT, "%s is at most %d", what, max);
    *ret = (int)number;
    return 0;
}

/* Two numbers of two digits, with a character between. */
static int read_pair(char *text, char between, int *ret_first, int *ret_second, struct err *err)
{
    if (strlen(text) != 5 || text[2] != between)
        return FAIL(err, ERR_INPUT, "hours are HH:MM, days MM-DD");
    text[2] = '\0';
    TRY(read_number(text, 99, "what stands first", ret_first, err));
    return read_number(text + 3, 99, "what stands second", ret_second, err);
}

static int read_hour(char *text, int *ret, struct err *err)
{
    int hour, minute;

    TRY(read_pair(text, ':', &hour, &minute, err));
    if (hour > HOURS || minute >= MINUTES || (hour == HOURS && minute > 0))
        return FAIL(err, ERR_INPUT, "there is no such hour");
    *ret = hour * MINUTES + minute;
    return 0;
}

static int read_day(char *text, int *ret, struct err *err)
{
    struct caldate day = {.year = LEAP_YEAR};

    TRY(read_pair(text, '-', &day.month, &day.day, err));
    if (!caldate_is_valid(day))
        return FAIL(err, ERR_INPUT, "there is no such day");
    *ret = day.month * 100 + day.day;
    return 0;
}

static int take_closed(struct kiosk_table *table, const struct tsv_row *row, struct err *err)
{
    struct closed closed;

    TRY(tsv_width(row, 3, err));
    if (table->closed_count >= KIOSK_CLOSED_MAX)
        return FAIL(err, ERR_INPUT, "at most %d rows of closed days", KIOSK_CLOSED_MAX);
    TRY(read_day(row->fields[1], &closed.first, err));
    TRY(read_day(row->fields[2], &closed.last, err));
    table->closed[table->closed_count++] = closed;
    return 0;
}

static int read_offer(const struct tsv_row *row, struct kiosk_offer *ret, struct err *err)
{
    int fee;

    TRY(tsv_width(row, 6, err));
    if (strlen(row->fields[1]) != MUNICIPALITY_DIGITS ||
        strspn(row->fields[1], "0123456789") != MUNICIPALITY_DIGITS)
        return FAIL(err, ERR_INPUT, "a municipality has five digits");
    (void)snprintf(ret->municipality, sizeof ret->municipality, "%s", row->fields[1]);
    TRY(kiosk_kind_read(row->fields[2], &ret->kind, err));
    TRY(read_number(row->fields[3], KIOSK_FEE_MAX, "a fee", &fee, err));
    ret->fee = fee;
    TRY(read_hour(row->fields[4], &ret->opens, err));
    TRY(read_hour(row->fields[5], &ret->closes, err));
    return ret->opens < ret->closes ? 0 : FAIL(err, ERR_INPUT, "it closes before it opens");
}

static int take_offer(struct kiosk_table *table, const struct tsv_row *row, struct err *err)
{
    struct kiosk_offer offer = {.fee = 0};

    TRY(read_offer(row, &offer, err));
    if (kiosk_table_find(table, offer.municipality, offer.kind) != NULL)
        return FAIL(err, ERR_INPUT, "this certificate has a row already");
    if (table->offers.len / sizeof offer >= KIOSK_OFFERS_MAX)
        return FAIL(err, ERR_INPUT, "at most %d certificates", KIOSK_OFFERS_MAX);
    return buf_append(&table->offers, bytes_of(&offer, sizeof offer), err);
}

static int take(void *context, const struct tsv_row *row, struct err *err)
{
    static const char *const words[] = {"offer", "closed", NULL};
    unsigned word;

    TRY(tsv_word(row->fields[0], words, "a row", &word, err));
    return word == 0 ? take_offer(context, row, err) : take_closed(context, row, err);
}

int kiosk_table_parse(struct bytes text, struct kiosk_table **ret, struct err *err)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = calloc(1, sizeof *table);
    CLEANUP(buf_done) struct buf copy = BUF_INIT;

    if (table == NULL)
        return FAIL_NOMEM(err);
    TRY(buf_copy(text, &copy, err));
    TRY(tsv_cut(&copy, take, table, err));
    *ret = table;
    table = NULL;
    return 0;
}

int kiosk_table_load(const char *path, struct kiosk_table **ret, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (path == NULL)
        TRY(share_path("openjpki/kiosk.tsv", &own, err));
    TRY(file_read(path == NULL ? own : path, KIOSK_TABLE_MAX, &text, err));
    return kiosk_table_parse(buf_bytes(&text), ret, err);
}

/* ---- looking ---- */

size_t kiosk_table_count(const struct kiosk_table *table)
{
    return table->offers.len / sizeof(struct kiosk_offer);
}

const struct kiosk_offer *kiosk_table_at(const struct kiosk_table *table, size_t index)
{
    const void *all = table->offers.ptr;

    return (const struct kiosk_offer *)all + index;
}

const struct kiosk_offer *kiosk_table_find(const struct kiosk_table *table,
                                           const char *municipality, enum kiosk_kind kind)
{
    for (size_t i = 0; i < kiosk_table_count(table); i++) {
        const struct kiosk_offer *offer = kiosk_table_at(table, i);

        if (offer->kind == kind && strcmp(offer->municipality, municipality) == 0)
            return offer;
    }
    return NULL;
}

static bool is_closed(const struct closed *closed, int day)
{
    if (closed->first <= closed->last)
        return day >= closed->first && day <= closed->last;
    return day >= closed->first || day <= closed->last; /* over New Year */
}

bool kiosk_table_is_open(const struct kiosk_table *table, const struct kiosk_offer *offer,
                         int64_t at)
{
    const struct caltime now = caltime_at(at, JST_OFFSET_SECONDS);
    const int minute = now.hour * MINUTES + now.minute;

    for (size_t i = 0; i < table->closed_count; i++)
        if (is_closed(&table->closed[i], now.date.month * 100 + now.date.day))
            return false;
    return minute >= offer->opens && minute < offer->closes;
}
