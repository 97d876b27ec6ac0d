/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First the texts that have the words: those that have the words' grams, read and looked at again,
 * because grams may stand apart. They are put in order, and then the page's offerings are read.
 */
#include "portal/procedure/search.h"

#include "base/utf8.h"
#include "portal/procedure/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRAMS = 8, /* looked for in the table; the others are left to the second look */
    TEXTS_MAX = 2000,
};

/* Words as texts have them, one after the other in buf. */
struct words {
    struct buf folded;
    struct bytes at[PROCEDURE_KEYWORDS_MAX];
    size_t count;
    struct {
        int64_t first, last;
    } grams[GRAMS];
    size_t gram_count;
};

static void words_done(struct words *words)
{
    buf_done(&words->folded);
}

static int fold_words(const char *const *words, struct buf *ret, struct err *err)
{
    for (; words != NULL && *words != NULL; words++) {
        const size_t before = ret->len;

        if (before > 0)
            TRY(buf_append_byte(ret, ' ', err));
        TRY(fold_text(bytes_text(*words), ret, err));
        if (ret->len <= before + (before > 0))
            return FAIL(err, ERR_INPUT, "a word to search for has no letter, digit, kana or kanji");
    }
    return 0;
}

static int add_word(struct words *words, struct bytes word, struct err *err)
{
    struct bytes rest = word;

    if (words->count == PROCEDURE_KEYWORDS_MAX)
        return FAIL(err, ERR_INPUT, "at most %d words are searched for", PROCEDURE_KEYWORDS_MAX);
    if (utf8_count(word) > PROCEDURE_KEYWORD_MAX)
        return FAIL(err, ERR_INPUT, "a word has at most %d characters", PROCEDURE_KEYWORD_MAX);
    words->at[words->count++] = word;
    for (bool is_first = true; words->gram_count < GRAMS; is_first = false) {
        const size_t i = words->gram_count;

        if (!grams_take(&rest, is_first, &words->grams[i].first, &words->grams[i].last))
            break;
        words->gram_count++;
    }
    return 0;
}

static int make_words(const char *const *texts, struct words *ret, struct err *err)
{
    struct bytes rest;

    TRY(fold_words(texts, &ret->folded, err));
    rest = buf_bytes(&ret->folded);
    while (rest.len > 0) {
        const uint8_t *space = memchr(rest.ptr, ' ', rest.len);
        const size_t len = space == NULL ? rest.len : (size_t)(space - rest.ptr);

        TRY(add_word(ret, bytes_of(rest.ptr, len), err));
        rest = bytes_part(rest, len + 1, rest.len);
    }
    return 0;
}

/* A text that has the words, where it stands, and its offering where one municipality is asked. */
struct found {
    int64_t rank, place, text;
    char psid[PSID_SIZE];
};

struct search {
    const struct procedure_query *query;
    struct words words;
    struct found *found;
    size_t count;
};

static void search_done(struct search *search)
{
    words_done(&search->words);
    free(search->found);
}

static int compare(const struct found *a, const struct found *b)
{
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return (a->text > b->text) - (a->text < b->text);
}

static int compare_found(const void *a, const void *b)
{
    return compare(a, b);
}

/* The best field for each word; 0 if one of them is nowhere. */
static int64_t rank_of(const struct words *words, const struct buf fields[FIELDS_])
{
    static const int64_t weights[] = {[FIELD_REST] = 1, [FIELD_SUMMARY] = 4, [FIELD_NAME] = 16};
    int64_t rank = 1;

    for (size_t i = 0; i < words->count; i++) {
        const struct bytes word = words->at[i];
        int field = FIELD_NAME;

        while (field >= 0 &&
               (fields[field].len < word.len ||
                memmem(fields[field].ptr, fields[field].len, word.ptr, word.len) == NULL))
            field--;
        if (field < 0)
            return 0;
        rank += weights[field];
    }
    return rank;
}

static int take_row(const struct db_rows *rows, struct search *search, struct err *err)
{
    struct found *found = &search->found[search->count];
    struct buf fields[FIELDS_] = {BUF_INIT};
    int rc = 0;

    if (search->count == TEXTS_MAX)
        return FAIL(err, ERR_INPUT,
                    "too many procedures have that: name a municipality, or "
                    "further words");
    *found = (struct found){.rank = 0};
    TRY(db_int(rows, 0, &found->text, err));
    TRY(db_int(rows, 1, &found->place, err));
    TRY(db_text(rows, 2, found->psid, sizeof found->psid, err));
    for (int i = 0; rc == 0 && i < FIELDS_ && search->words.count > 0; i++)
        rc = db_blob(rows, 3 + i, &fields[i], err);
    if (rc == 0)
        found->rank = rank_of(&search->words, fields);
    for (int i = 0; i < FIELDS_; i++)
        buf_done(&fields[i]);
    search->count += rc == 0 && found->rank > 0;
    return rc;
}

#define TEXT_COLUMNS ", folded_body, folded_summary, folded_name"
#define HAS_GRAM(text, first, last)                                                                \
    " AND (?" first " IS NULL OR EXISTS (SELECT 1 FROM procedure_gram AS g"                        \
    " WHERE g.text = " text " AND g.gram BETWEEN ?" first " AND ?" last "))"
#define HAS_WORDS(text)                                                                            \
    HAS_GRAM(text, "4", "5")                                                                       \
    HAS_GRAM(text, "6", "7")                                                                       \
    HAS_GRAM(text, "8", "9")                                                                       \
    HAS_GRAM(text, "10", "11")                                                                     \
    HAS_GRAM(text, "12", "13")                                                                     \
    HAS_GRAM(text, "14", "15") HAS_GRAM(text, "16", "17") HAS_GRAM(text, "18", "19")
#define IS_OF_KIND                                                                                 \
    " AND (?2 IS NULL OR t.category = ?2)"                                                         \
    " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM procedure_event AS e"                               \
    " WHERE e.text = t.id AND e.event = ?3))"

/*
 * Of one municipality: its own offerings are few and lie side by side, because a psid begins with
 * the municipality. They are looked at one by one, and the texts read of those that have the grams.
 */
static const char of_municipality[] =
    "SELECT t.id, t.place, o.psid" TEXT_COLUMNS
    " FROM procedure_offering AS o CROSS JOIN procedure_text AS t ON t.id = o.text"
    " WHERE o.psid BETWEEN ?1 || '0000000' AND ?1 || '9999999' AND (?20 = 0 OR o.is_online = 1)"
    " AND o.open_from <= ?21 AND o.open_until >= ?21" HAS_WORDS("o.text") IS_OF_KIND;
/* Of all: by the first gram, where there is one, and offered by somebody. */
static const char of_all[] =
    "SELECT t.id, t.place, ''" TEXT_COLUMNS " FROM procedure_text AS t"
    " WHERE ?1 IS NULL AND (?4 IS NULL OR t.id IN"
    " (SELECT text FROM procedure_gram WHERE gram BETWEEN ?4 AND ?5))"
    " AND EXISTS (SELECT 1 FROM procedure_offering AS o WHERE o.text = t.id"
    " AND (?20 = 0 OR o.is_online = 1) AND o.open_from <= ?21 AND o.open_until >= ?21)" HAS_WORDS(
        "t.id") IS_OF_KIND;

enum { GRAM_PARAMETERS = 3, PARAMETERS = GRAM_PARAMETERS + 2 * GRAMS + 2 };

static void set_parameters(const struct search *search, struct db_value ret[PARAMETERS + 1])
{
    const struct procedure_query *query = search->query;
    size_t i = 0;

    ret[i++] = DB_TEXT(query->municipality);
    ret[i++] = DB_TEXT(query->category);
    ret[i++] = DB_TEXT(query->event);
    for (size_t gram = 0; gram < GRAMS; gram++) {
        const bool has = gram < search->words.gram_count;

        ret[i++] = has ? DB_INT(search->words.grams[gram].first) : DB_NULL;
        ret[i++] = has ? DB_INT(search->words.grams[gram].last) : DB_NULL;
    }
    ret[i++] = DB_INT(query->is_online);
    ret[i++] = DB_INT(query->now);
    ret[i] = (struct db_value){.type = DB_VALUE_END};
}

static int find_texts(struct db_txn *txn, struct search *search, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct db_value values[PARAMETERS + 1];
    int rc;

    /* Not zeroed: most searches find few. */
    search->found = malloc(TEXTS_MAX * sizeof *search->found);
    if (search->found == NULL)
        return FAIL_NOMEM(err);
    set_parameters(search, values);
    TRY(db_query(txn, search->query->municipality == NULL ? of_all : of_municipality, values, &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(take_row(&rows, search, err));
    if (rc != -ERR_ABSENT)
        return rc;
    qsort(search->found, search->count, sizeof *search->found, compare_found);
    return 0;
}

/* The last one of the page before: "RANK-PLACE-TEXT-PSID". */
static int read_cursor(const char *after, struct found *ret, struct err *err)
{
    int64_t *const numbers[] = {&ret->rank, &ret->place, &ret->text};
    const char *at = after;

    for (size_t i = 0; i < 3; i++) {
        const size_t digits = strspn(at, "0123456789");

        if (digits == 0 || digits > 9 || at[digits] != '-')
            return FAIL(err, ERR_INPUT, "after: this is no page's next");
        *numbers[i] = strtoll(at, NULL, 10);
        at += digits + 1;
    }
    if (strlen(at) != PSID_SIZE - 1 || strspn(at, "0123456789") != PSID_SIZE - 1)
        return FAIL(err, ERR_INPUT, "after: this is no page's next");
    memcpy(ret->psid, at, PSID_SIZE);
    return 0;
}

/* What is on a page, and one more if there is a next one. */
struct picked {
    struct found at[PROCEDURE_PAGE_MAX + 1];
    size_t count;
};

static int pick_offerings(struct db_txn *txn, const struct procedure_query *query,
                          const struct found *found, const char *behind, struct picked *picked,
                          struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    TRY(db_query(
        txn,
        "SELECT psid FROM procedure_offering WHERE text = ? AND psid > ?"
        " AND (? = 0 OR is_online = 1) AND open_from <= ?4 AND open_until >= ?4"
        " ORDER BY psid",
        DB_WITH(DB_INT(found->text), DB_TEXT(behind), DB_INT(query->is_online), DB_INT(query->now)),
        &rows, err));
    while (picked->count <= query->limit && (rc = db_next(&rows, err)) == 0) {
        struct found *one = &picked->at[picked->count];

        *one = *found;
        TRY(db_text(&rows, 0, one->psid, sizeof one->psid, err));
        picked->count++;
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int pick(struct db_txn *txn, const struct search *search, const struct found *after,
                struct picked *picked, struct err *err)
{
    const struct procedure_query *query = search->query;

    for (size_t i = 0; i < search->count && picked->count <= query->limit; i++) {
        const struct found *found = &search->found[i];
        const int order = after == NULL ? 1 : compare(found, after);

        if (order < 0 || (order == 0 && found->psid[0] != '\0'))
            continue;
        if (found->psid[0] != '\0')
            picked->at[picked->count++] = *found;
        else
            TRY(pick_offerings(txn, query, found, order == 0 ? after->psid : "", picked, err));
    }
    return 0;
}

static int read_page(struct db_txn *txn, const struct search *search, const struct picked *picked,
                     struct procedure_page *page, struct err *err)
{
    const size_t limit = search->query->limit;
    const size_t count = picked->count < limit ? picked->count : limit;
    const struct found *last;

    /* Not zeroed: each is read whole. One more, because none may be NULL. */
    page->items = malloc((count + 1) * sizeof *page->items);
    if (page->items == NULL)
        return FAIL_NOMEM(err);
    for (; page->count < count; page->count++)
        TRY(procedure_read_item(txn, picked->at[page->count].psid, &page->items[page->count], err));
    page->hits = search->query->municipality == NULL ? 0 : search->count;
    if (picked->count <= limit)
        return 0;
    last = &picked->at[limit - 1];
    (void)snprintf(page->next, sizeof page->next, "%lld-%lld-%lld-%s", (long long)last->rank,
                   (long long)last->place, (long long)last->text, last->psid);
    return 0;
}

void procedure_page_done(struct procedure_page *page)
{
    free(page->items);
    *page = (struct procedure_page){.items = NULL};
}

int procedure_search(struct db *db, const struct procedure_query *query, struct procedure_page *ret,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(search_done) struct search search = {.query = query};
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};
    struct picked picked = {.count = 0};
    struct found after;

    if (query->limit < 1 || query->limit > PROCEDURE_PAGE_MAX)
        return FAIL(err, ERR_INPUT, "limit: 1 to %d", PROCEDURE_PAGE_MAX);
    TRY(make_words(query->words, &search.words, err));
    if (query->after != NULL)
        TRY(read_cursor(query->after, &after, err));
    TRY(db_begin_read(db, &txn, err));
    TRY(find_texts(&txn, &search, err));
    TRY(pick(&txn, &search, query->after == NULL ? NULL : &after, &picked, err));
    TRY(read_page(&txn, &search, &picked, &page, err));
    *ret = page;
    page = (struct procedure_page){.items = NULL};
    return 0;
}
