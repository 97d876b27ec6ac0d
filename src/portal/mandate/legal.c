/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mandate/legal.h"

#include "portal/history/history.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdio.h>
#include <string.h>

int mandate_account(const struct portal *portal, const char *body, const struct person_code *code,
                    const struct audit_origin *by, char ret[PORTAL_ID_SIZE], struct err *err)
{
    const struct exchange *x;
    struct person_code own;
    int64_t person;

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(exchange_find_person(x, body, code, &person, err));
    TRY(exchange_find_code(x, person, "PORTAL", &own, err));
    return portal_have_account(portal->store, own.value, by, ret, err);
}

int mandate_find_resident(const struct portal *portal, const struct civil_search *search,
                          const struct audit_origin *by, struct person_code *ret, struct err *err)
{
    struct person_code code;

    if (portal->holdings == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no registers of bodies");
    TRY(civil_find(portal->holdings, search, &code, err));
    TRY(civil_note(portal->holdings, &code, "mandate", by, err));
    *ret = code;
    return 0;
}

/* ---- what both read ---- */

static const struct names grounds[MANDATE_KINDS_][2] = {
    [MANDATE_PARENT] = {{"親権者としての代理の登録", "a parent's mandate, which begins"},
                        {"親権者としての代理の終了", "a parent's mandate, which ends"}},
    [MANDATE_GUARDIAN] = {{"後見人としての代理の登録", "a guardian's mandate, which begins"},
                          {"後見人としての代理の終了", "a guardian's mandate, which ends"}},
};

static enum mandate_kind kind_of(const char *word)
{
    return strcmp(word, mandate_kinds[MANDATE_GUARDIAN]) == 0 ? MANDATE_GUARDIAN : MANDATE_PARENT;
}

/* Who is on its sides, what it is called, and who recorded it. */
struct sides {
    char account[2][PORTAL_ID_SIZE];
    char receiver[sizeof "M" + MUNICIPALITY_CODE_SIZE];
    enum mandate_kind kind;
};

static int read_sides(struct db_txn *txn, const char *id, struct sides *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char municipality[MUNICIPALITY_CODE_SIZE];
    char kind[16];

    TRY(db_query_one(txn, "SELECT mandator, proxy, municipality, kind FROM mandate WHERE id = ?",
                     DB_WITH(DB_TEXT(id)), &rows, err));
    TRY(db_text(&rows, 0, ret->account[0], PORTAL_ID_SIZE, err));
    TRY(db_text(&rows, 1, ret->account[1], PORTAL_ID_SIZE, err));
    TRY(db_text(&rows, 2, municipality, sizeof municipality, err));
    TRY(db_text(&rows, 3, kind, sizeof kind, err));
    (void)snprintf(ret->receiver, sizeof ret->receiver, "M%s", municipality);
    ret->kind = kind_of(kind);
    return 0;
}

int mandate_tell_law(struct db_txn *txn, const char *id, enum mandate_step step,
                     const struct audit_origin *by, struct err *err)
{
    struct sides sides;
    struct note note = {.what = LOG_MANDATED,
                        .channel = NOTE_COUNTER,
                        .why = {"法律による代理", "Somebody acts for another by law"}};

    TRY(read_sides(txn, id, &sides, err));
    note.receiver = sides.receiver;
    note.items = grounds[sides.kind][step];
    for (int i = 0; i < 2; i++)
        TRY(history_note(txn, sides.account[i], &note, by, err));
    return 0;
}
