/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/holder_view.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "programs/jpki/common.h"

#include <stdio.h>

/* By the first digit of the birth date (pki.md 1.4). The year itself is Gregorian. */
static const struct era {
    const char *name, *title;
    int first_year; /* 0: has none */
} eras[] = {
    {"unknown", N_("era not known"), 0}, {"meiji", N_("Meiji"), 1868},
    {"taisho", N_("Taisho"), 1912},      {"showa", N_("Showa"), 1926},
    {"heisei", N_("Heisei"), 1989},      {"reiwa", N_("Reiwa"), 2019},
};

static const struct era *era_of(struct bytes birth)
{
    size_t digit = birth.len > 0 && birth.ptr[0] >= '0' ? (size_t)(birth.ptr[0] - '0') : 0;

    return &eras[digit < sizeof eras / sizeof eras[0] ? digit : 0];
}

/* pki.md 1.4 */
static const char *sex_of(struct bytes code)
{
    if (bytes_equal(code, BYTES_LITERAL("1")))
        return N_("male");
    if (bytes_equal(code, BYTES_LITERAL("2")))
        return N_("female");
    return N_("unknown");
}

/* "1990-02-17"; of a date that is known in part, its eight digits. */
static int append_birth(struct buf *ret, struct bytes birth, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];
    struct caldate date;

    if (holder_birth_date(birth, &date, NULL) < 0)
        return append_shown(ret, bytes_part(birth, 1, 8), err);
    caldate_format_iso(date, text);
    return buf_append_text(ret, text, err);
}

static void print_text(const char *label, struct buf *text)
{
    const char *value;

    if (buf_text(text, &value, NULL) == 0)
        print_field(label, value);
}

static void print_shown(const char *label, struct bytes utf8)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (append_shown(&text, utf8, NULL) == 0)
        print_text(label, &text);
}

/* "1990-02-17 (Heisei 2; recorded as 419900217)" */
static void print_birth(struct bytes birth)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf recorded = BUF_INIT;
    const struct era *era = era_of(birth);
    const char *digits;
    struct caldate date;

    if (append_birth(&text, birth, NULL) < 0 || append_shown(&recorded, birth, NULL) < 0 ||
        buf_text(&recorded, &digits, NULL) < 0)
        return;
    if (era->first_year > 0 && holder_birth_date(birth, &date, NULL) == 0)
        (void)!buf_append_format(&text, NULL, tr(" (%s %d; recorded as %s)"), tr(era->title),
                                 date.year - era->first_year + 1, digits);
    else
        (void)!buf_append_format(&text, NULL, tr(" (%s; recorded as %s)"), tr(era->title), digits);
    print_text(tr("Date of birth"), &text);
}

/* A character that is marked as a substitute: marks has a digit for each one of text. */
struct mark {
    struct bytes text, marks; /* what is left of them */
    size_t position;          /* from 1 */
    struct bytes character;
};

/* Go to the next one; false if there is none. */
static bool next_mark(struct mark *mark)
{
    while (mark->marks.len > 0 && mark->text.len > 0) {
        struct bytes before = mark->text;
        bool is_marked = mark->marks.ptr[0] == '1';
        uint32_t character;

        if (utf8_next(&mark->text, &character, NULL) < 0)
            return false;
        mark->marks = bytes_part(mark->marks, 1, mark->marks.len);
        mark->position++;
        mark->character = bytes_part(before, 0, before.len - mark->text.len);
        if (is_marked)
            return true;
    }
    return false;
}

static void print_marks(const char *label, struct bytes text, struct bytes marks)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct mark mark = {.text = text, .marks = marks};

    while (next_mark(&mark)) {
        (void)!buf_append_text(&line, line.len > 0 ? ", " : "", NULL);
        (void)!append_shown(&line, mark.character, NULL);
        (void)!buf_append_format(&line, NULL, " (%zu)", mark.position);
    }
    if (line.len > 0)
        print_text(label, &line);
}

void print_holder(const struct holder *holder)
{
    print_shown(tr("Name"), holder->name);
    print_marks(tr("Characters in the name that stand for others (position)"), holder->name,
                holder->name_substitutes);
    print_shown(tr("Address"), holder->address);
    print_marks(tr("Characters in the address that stand for others (position)"), holder->address,
                holder->address_substitutes);
    print_birth(holder->birth);
    print_field(tr("Sex"), tr(sex_of(holder->sex)));
}

static int put_shown(struct json *object, const char *key, struct bytes utf8, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(append_shown(&text, utf8, err));
    return json_put_bytes(object, key, buf_bytes(&text), err);
}

static int put_marks(struct json *object, const char *key, struct mark mark, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    while (next_mark(&mark))
        TRY(json_add_int(array, (int64_t)mark.position, err));
    return json_put(object, key, json_steal(&array), err);
}

int put_holder(struct json *object, const struct holder *holder, struct err *err)
{
    CLEANUP(buf_done) struct buf birth = BUF_INIT;

    TRY(put_shown(object, "name", holder->name, err));
    TRY(put_shown(object, "address", holder->address, err));
    TRY(append_birth(&birth, holder->birth, err));
    TRY(json_put_bytes(object, "birth_date", buf_bytes(&birth), err));
    TRY(put_shown(object, "birth_recorded", holder->birth, err));
    TRY(json_put_text(object, "birth_era", era_of(holder->birth)->name, err));
    TRY(json_put_text(object, "sex", sex_of(holder->sex), err));
    TRY(put_marks(object, "name_substitutes",
                  (struct mark){.text = holder->name, .marks = holder->name_substitutes}, err));
    return put_marks(object, "address_substitutes",
                     (struct mark){.text = holder->address, .marks = holder->address_substitutes},
                     err);
}
