/* SPDX-License-Identifier: Apache-2.0 */
/* Callers of the loss line in SQLite. */
#include "register/loss.h"

#include "base/utf8.h"
#include "register/acts.h"
#include "register/store_sqlite.h"

#include <string.h>

#define BLANK_1 " "
#define BLANK_3 "\343\200\200" /* U+3000 */

/* A text without blanks; ret has room for all of it. */
static void squeeze(const char *text, char *ret)
{
    while (*text != '\0') {
        if (strncmp(text, BLANK_3, strlen(BLANK_3)) == 0)
            text += strlen(BLANK_3);
        else if (*text == BLANK_1[0])
            text++;
        else
            *ret++ = *text++;
    }
    *ret = '\0';
}

/* What the caller said, without blanks. */
struct said {
    char name[NAME_BYTES_MAX + 1];
    char address[ADDRESS_BYTES_MAX + 1];
    char birth[CALTIME_TEXT_SIZE];
};

static int read_said(const struct loss_search *search, struct said *ret, struct err *err)
{
    if (strlen(search->name) > NAME_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "name is too long");
    if (strlen(search->address) > ADDRESS_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "address is too long");
    squeeze(search->name, ret->name);
    squeeze(search->address, ret->address);
    if (ret->name[0] == '\0')
        return FAIL(err, ERR_INPUT, "name is empty");
    if (utf8_count(bytes_text(ret->address)) < LOSS_ADDRESS_MIN)
        return FAIL(err, ERR_INPUT, "address has fewer than %d characters", LOSS_ADDRESS_MIN);
    caldate_format_iso(search->birth, ret->birth);
    return 0;
}

/*
 * Behind the prefecture: its name says too little, and nobody is identified by half of it. All
 * names of prefectures end with one of four characters, which is their third or their fourth.
 */
static const char *behind_prefecture(const char *address)
{
    enum { OCTETS = 3, SHORTEST = 3 * OCTETS };
    static const char *const ends[] = {"都", "道", "府", "県"};

    if (strlen(address) < SHORTEST + OCTETS)
        return address;
    for (size_t at = SHORTEST - OCTETS; at <= SHORTEST; at += OCTETS) {
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            if (strncmp(address + at, ends[i], OCTETS) == 0)
                return address + at + OCTETS;
        }
    }
    return address;
}

static bool lives_there(const struct resident *resident, const struct said *said)
{
    const char *const addresses[] = {resident->address, resident->registered_address};
    char squeezed[ADDRESS_BYTES_MAX + 1];

    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        squeeze(addresses[i], squeezed);
        if (strstr(behind_prefecture(squeezed), said->address) != NULL)
            return true;
    }
    return false;
}

#define SQUEEZED(column_) "replace(replace(" column_ ", ' ', ''), '" BLANK_3 "', '')"

struct candidates {
    char ids[SEARCH_RESULTS_MAX][RESIDENT_ID_LEN + 1];
    size_t count;
};

static int read_candidates(struct db_txn *txn, const struct said *said, struct candidates *ret,
                           struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn,
                 "SELECT id FROM resident WHERE birth = ?1 AND standing <> 'dead'"
                 " AND ?2 IN (" SQUEEZED("name") ", " SQUEEZED("registered_name") ", " SQUEEZED(
                     "kana") ") ORDER BY id",
                 DB_WITH(DB_TEXT(said->birth), DB_TEXT(said->name)), &rows, err));
    for (ret->count = 0; ret->count < SEARCH_RESULTS_MAX; ret->count++) {
        rc = db_next(&rows, err);
        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(db_text(&rows, 0, ret->ids[ret->count], sizeof ret->ids[0], err));
    }
    return 0;
}

/* How many of them it may be, and the last one of these. */
static int count_callers(struct db_txn *txn, const struct said *said, struct resident *ret,
                         size_t *ret_count, struct err *err)
{
    struct candidates candidates;
    struct resident resident;

    *ret_count = 0;
    TRY(read_candidates(txn, said, &candidates, err));
    for (size_t i = 0; i < candidates.count; i++) {
        TRY(resident_read(txn, candidates.ids[i], &resident, err));
        if (!lives_there(&resident, said))
            continue;
        *ret = resident;
        ++*ret_count;
    }
    return 0;
}

static int note(struct db_txn *txn, const struct resident *found, size_t count,
                const struct audit_origin *by, struct err *err)
{
    const char *clerk = strchr(by->actor, ':');
    const struct audit_event told = {&register_acts[ACT_LOSS_TOLD], bytes_text(found->id), NULL};
    const struct audit_event missed = {&register_acts[ACT_LOSS_MISSED],
                                       bytes_text(clerk == NULL ? by->actor : clerk + 1),
                                       count == 0 ? "nobody" : "several"};

    return audit_append(txn, by, count == 1 ? &told : &missed, err);
}

int register_find_caller(struct register_store *store, const struct loss_search *search,
                         const struct audit_origin *by, struct resident *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct resident found = {.id = ""};
    struct said said;
    size_t count;

    TRY(read_said(search, &said, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(count_callers(&txn, &said, &found, &count, err));
    TRY(note(&txn, &found, count, by, err));
    TRY(db_commit(&txn, err));
    if (count == 0)
        return FAIL(err, ERR_ABSENT, "nobody is registered under what the caller said");
    if (count > 1)
        return FAIL(err, ERR_CONFLICT, "it may be one of several; ask for more of the address");
    *ret = found;
    return 0;
}
