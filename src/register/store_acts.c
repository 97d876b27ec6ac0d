/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts in SQLite. What becomes of the resident, of the cards and the orders to revoke are one
 * transaction, so none is there without the others whatever happens next.
 */
#include "register/acts.h"
#include "register/relocation.h"
#include "register/store_sqlite.h"

#include "x509/cert.h"

#include <string.h>

/* Whether this very act was done before; ERR_CONFLICT if its id was another act's. */
static int find_act(struct db_txn *txn, const struct act_order *order, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_same;
    int rc = db_query_one(txn,
                          "SELECT name = ?2 AND details = ?3 AND (resident = ?4 OR card = ?5)"
                          " FROM act WHERE request_id = ?1",
                          DB_WITH(DB_TEXT(order->request_id), DB_TEXT(order->act->name),
                                  DB_TEXT(order->details), DB_TEXT(order->resident),
                                  DB_TEXT(order->card)),
                          &rows, err);

    *ret = rc == 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    /* NULL: it happened to something of the other kind */
    if (db_is_null(&rows, 0))
        is_same = 0;
    else
        TRY(db_int(&rows, 0, &is_same, err));
    return is_same ? 0 : FAIL(err, ERR_CONFLICT, "this request_id was used for another act");
}

static int note_act(struct db_txn *txn, const struct act_order *order,
                    const struct audit_origin *by, struct err *err)
{
    const char *subject = order->card == NULL ? order->resident : order->card;
    const struct audit_event event = {
        &register_acts[order->card == NULL ? ACT_RESIDENT_CHANGED : ACT_CARD_CHANGED],
        bytes_text(subject), order->act->name};

    TRY(db_execute(txn,
                   "INSERT INTO act (request_id, name, resident, card, details, done_at)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(order->request_id), DB_TEXT(order->act->name),
                           DB_TEXT(order->resident), DB_TEXT(order->card), DB_TEXT(order->details),
                           DB_INT(by->at)),
                   err));
    return audit_append(txn, by, &event, err);
}

/* A certificate that counts, or the next one. */
struct current {
    bool is_there;
    bool is_answered; /* by the authority */
    char issue[RESIDENT_ID_LEN + 1];
    int64_t not_after;
};

static int read_current(struct db_txn *txn, const char *card, enum cert_kind kind, bool is_next,
                        struct current *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_answered;
    int rc = db_query_one(txn,
                          "SELECT request_id, not_after, certificate IS NOT NULL FROM issue"
                          " WHERE card = ? AND kind = ? AND is_next = ? AND replaced_at IS NULL",
                          DB_WITH(DB_TEXT(card), DB_TEXT(cert_kind_name(kind)), DB_INT(is_next)),
                          &rows, err);

    ret->is_there = rc == 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, ret->issue, sizeof ret->issue, err));
    TRY(db_int(&rows, 1, &ret->not_after, err));
    TRY(db_int(&rows, 2, &is_answered, err));
    ret->is_answered = is_answered != 0;
    return 0;
}

/* ERR_CONFLICT while it is being issued. */
static int read_serial(struct db_txn *txn, const char *issue, uint32_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(db_query_one(txn, "SELECT certificate FROM issue WHERE request_id = ?",
                     DB_WITH(DB_TEXT(issue)), &rows, err));
    if (db_is_null(&rows, 0))
        return FAIL(err, ERR_CONFLICT,
                    "a certificate that would end is being issued; let that end first");
    TRY(db_blob(&rows, 0, &der, err));
    if (x509_cert_parse(buf_bytes(&der), &cert, NULL) < 0)
        return FAIL(err, ERR_SYSTEM, "a stored certificate cannot be read");
    *ret = (uint32_t)tbs_serial_number(x509_cert_tbs(cert));
    return 0;
}

/* What a card is, for an act. */
struct subject {
    const struct act_order *order;
    struct card card;
    struct resident before, after;
    struct current current[CERT_KINDS_], next[CERT_KINDS_];
};

static int read_certificates(struct db_txn *txn, struct subject *s, struct err *err)
{
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        TRY(read_current(txn, s->card.serial, (enum cert_kind)kind, false, &s->current[kind], err));
        TRY(read_current(txn, s->card.serial, (enum cert_kind)kind, true, &s->next[kind], err));
    }
    return 0;
}

/* How, and by which act. */
struct ending {
    const char *act;
    enum cert_kind kind;
    enum cert_end end;
    int64_t at;
};

/* A held certificate still counts: it is ended for good later. */
static int end_certificate(struct db_txn *txn, const struct ending *ending,
                           const struct current *current, struct err *err)
{
    char id[RESIDENT_ID_LEN + 1];
    uint32_t serial;

    TRY(read_serial(txn, current->issue, &serial, err));
    TRY(id_new_at(ending->at, id, err));
    if (ending->end == END_HELD)
        TRY(db_execute_one(txn, "UPDATE issue SET held_at = ? WHERE request_id = ?",
                           DB_WITH(DB_INT(ending->at), DB_TEXT(current->issue)), err));
    else
        TRY(db_execute_one(
            txn, "UPDATE issue SET replaced_at = ?, ended_by = ? WHERE request_id = ?",
            DB_WITH(DB_INT(ending->at), DB_TEXT(ending->act), DB_TEXT(current->issue)), err));
    return db_execute(txn,
                      "INSERT INTO revocation (request_id, act, kind, serial, reason, ordered_at,"
                      " state) VALUES (?, ?, ?, ?, ?, ?, 'pending')",
                      DB_WITH(DB_TEXT(id), DB_TEXT(ending->act),
                              DB_TEXT(cert_kind_name(ending->kind)), DB_INT(serial),
                              DB_TEXT(cert_end_reason(ending->end)), DB_INT(ending->at)),
                      err);
}

/* The next certificate is the one that counts, when the one before has ended. */
static int take_next(struct db_txn *txn, const struct current *next, struct err *err)
{
    return db_execute_one(txn, "UPDATE issue SET is_next = 0 WHERE request_id = ?",
                          DB_WITH(DB_TEXT(next->issue)), err);
}

/* What becomes of the certificates of a kind. */
static int end_kind(struct db_txn *txn, const struct subject *s, enum cert_kind kind,
                    const struct life_effect *effect, int64_t now, struct err *err)
{
    const struct ending ending = {s->order->request_id, kind, effect->ends[kind], now};

    if (effect->ends[kind] == END_NOT)
        return 0;
    if (s->current[kind].is_there)
        TRY(end_certificate(txn, &ending, &s->current[kind], err));
    if (!s->next[kind].is_there)
        return 0;
    return effect->takes_next[kind] ? take_next(txn, &s->next[kind], err)
                                    : end_certificate(txn, &ending, &s->next[kind], err);
}

static int apply_effect(struct db_txn *txn, const struct subject *s,
                        const struct life_effect *effect, const struct audit_origin *by,
                        struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CARD_CHANGED], bytes_text(s->card.serial),
                                      s->order->act->name};
    char expires[CALTIME_TEXT_SIZE];
    char lapses[CALTIME_TEXT_SIZE];

    TRY(db_execute_one(txn, "UPDATE card SET expires_on = ?, lapses_after = ? WHERE serial = ?",
                       DB_WITH(date_value(effect->expires_on, expires),
                               date_value(effect->lapses_after, lapses), DB_TEXT(s->card.serial)),
                       err));
    for (int kind = 0; kind < CERT_KINDS_; kind++)
        TRY(end_kind(txn, s, (enum cert_kind)kind, effect, by->at, err));
    if (effect->state == s->card.state)
        return 0;
    TRY(card_set_state(txn, s->card.serial, effect->state, s->order->request_id, by->at, err));
    /* The act's own record is about the card already, or about its holder. */
    return s->order->card == NULL ? audit_append(txn, by, &event, err) : 0;
}

static int change_card(struct db_txn *txn, struct subject *s, const struct audit_origin *by,
                       struct err *err)
{
    struct life_effect effect;
    struct life_facts facts = {
        .now = by->at,
        .today = caltime_at(by->at, JST_OFFSET_SECONDS).date,
        .told = s->order->told,
        .before = &s->before,
        .after = &s->after,
        .card = &s->card,
    };

    TRY(read_certificates(txn, s, err));
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        facts.not_after[kind] = s->current[kind].is_there ? s->current[kind].not_after : 0;
        facts.has_next[kind] = s->next[kind].is_there && s->next[kind].is_answered;
    }
    TRY(life_on_card(s->order->act, &facts, &effect, err));
    return apply_effect(txn, s, &effect, by, err);
}

int act_on_card(struct db_txn *txn, const struct act_order *order, const struct audit_origin *by,
                struct err *err)
{
    struct subject s = {.order = order};

    TRY(card_read(txn, order->card, &s.card, err));
    TRY(resident_read(txn, s.card.resident, &s.before, err));
    TRY(life_check_resident(order->act, &s.before, err));
    if (!life_concerns(order->act, s.card.state))
        return FAIL(err, ERR_CONFLICT, "the card is %s", card_state_name(s.card.state));
    s.after = s.before;
    TRY(note_act(txn, order, by, err));
    return change_card(txn, &s, by, err);
}

/* The resident as it will be. */
static void apply_change(const struct act_order *order, struct resident *r)
{
    unsigned tells = order->act->tells;

    if (tells & TELLS_NAME) {
        memcpy(r->name, order->change->name, sizeof r->name);
        memcpy(r->name_substitutes, order->change->name_substitutes, sizeof r->name_substitutes);
        memcpy(r->registered_name, order->change->registered_name, sizeof r->registered_name);
        memcpy(r->kana, order->change->kana, sizeof r->kana);
        memcpy(r->former_name, order->change->former_name, sizeof r->former_name);
    }
    if (tells & TELLS_ADDRESS) {
        memcpy(r->address, order->change->address, sizeof r->address);
        memcpy(r->address_substitutes, order->change->address_substitutes,
               sizeof r->address_substitutes);
        memcpy(r->registered_address, order->change->registered_address,
               sizeof r->registered_address);
        memcpy(r->municipality, order->change->municipality, sizeof r->municipality);
    }
    if (tells & TELLS_SEX)
        r->sex = order->change->sex;
    if (tells & TELLS_BIRTH)
        r->birth = order->change->birth;
    if ((tells & TELLS_STAY) != 0 || order->act == life_naturalisation)
        r->stay_until = order->change->stay_until;
    if (order->act->standing != STANDINGS_)
        r->standing = order->act->standing;
}

static int write_resident(struct db_txn *txn, const struct resident *r, struct err *err)
{
    char birth[CALTIME_TEXT_SIZE];
    char stay[CALTIME_TEXT_SIZE];

    return db_execute_one(
        txn,
        "UPDATE resident SET birth = ?, name = ?, name_substitutes = ?, address = ?,"
        " address_substitutes = ?, sex = ?, municipality = ?, standing = ?,"
        " stay_until = ?, registered_name = ?, registered_address = ?, kana = ?,"
        " former_name = ? WHERE id = ?",
        DB_WITH(date_value(r->birth, birth), DB_TEXT(r->name), DB_TEXT(r->name_substitutes),
                DB_TEXT(r->address), DB_TEXT(r->address_substitutes), DB_INT(r->sex),
                DB_TEXT(r->municipality), DB_TEXT(standing_name(r->standing)),
                date_value(r->stay_until, stay), DB_TEXT(r->registered_name),
                DB_TEXT(r->registered_address), DB_TEXT(r->kana), DB_TEXT(r->former_name),
                DB_TEXT(r->id)),
        err);
}

/* The first serial number of a card of the resident behind another; ERR_ABSENT behind the last. */
static int next_serial(struct db_txn *txn, const char *resident, char serial[CARD_SERIAL_MAX + 1],
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT serial FROM card WHERE resident = ? AND serial > ?"
                     " ORDER BY serial LIMIT 1",
                     DB_WITH(DB_TEXT(resident), DB_TEXT(serial)), &rows, err));
    return db_text(&rows, 0, serial, CARD_SERIAL_MAX + 1, err);
}

static int change_cards(struct db_txn *txn, struct subject *s, const struct audit_origin *by,
                        struct err *err)
{
    char serial[CARD_SERIAL_MAX + 1] = "";
    int rc;

    while ((rc = next_serial(txn, s->before.id, serial, err)) == 0) {
        TRY(card_read(txn, serial, &s->card, err));
        if (life_concerns(s->order->act, s->card.state))
            TRY(change_card(txn, s, by, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Whether municipalities' own registers have to follow (relocation.h). */
static bool relocates(const struct life_act *act)
{
    return (act->tells & TELLS_ADDRESS) != 0 ||
           (act->standing != STANDINGS_ && act->standing != STANDING_HERE);
}

static int act_on_resident(struct db_txn *txn, const struct act_order *order,
                           const struct audit_origin *by, struct err *err)
{
    struct subject s = {.order = order};

    TRY(resident_read(txn, order->resident, &s.before, err));
    TRY(life_check_resident(order->act, &s.before, err));
    s.after = s.before;
    apply_change(order, &s.after);
    if (resident_is_same(&s.before, &s.after))
        return FAIL(err, ERR_CONFLICT, "it is recorded like this already; nothing would change");
    TRY(note_act(txn, order, by, err));
    TRY(write_resident(txn, &s.after, err));
    if (relocates(order->act))
        TRY(relocation_insert(txn, &s.before, &s.after,
                              order->told.year != 0 ? order->told
                                                    : caltime_at(by->at, JST_OFFSET_SECONDS).date,
                              err));
    return change_cards(txn, &s, by, err);
}

int register_act(struct register_store *store, const struct act_order *order,
                 const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_known;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_act(&txn, order, &is_known, err));
    if (!is_known) {
        TRY(order->act->is_of_card ? act_on_card(&txn, order, by, err)
                                   : act_on_resident(&txn, order, by, err));
        TRY(db_commit(&txn, err));
    }
    *ret_is_new = !is_known;
    return 0;
}

static int was_done(struct db_txn *txn, const struct life_act *act, const struct card *card,
                    bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT 1 FROM act WHERE resident = ? AND name = ? AND done_at >="
        " (SELECT activated_at FROM card WHERE serial = ?) LIMIT 1",
        DB_WITH(DB_TEXT(card->resident), DB_TEXT(act->name), DB_TEXT(card->serial)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

int register_has_changed(struct register_store *store, const struct card *card, bool *ret,
                         struct err *err)
{
    const unsigned printed = TELLS_NAME | TELLS_ADDRESS | TELLS_SEX | TELLS_BIRTH | TELLS_STAY;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool has_changed = false;

    TRY(db_begin_read(store->db, &txn, err));
    for (const struct life_act *act = life_acts; act->name != NULL && !has_changed; act++) {
        if ((act->tells & printed) != 0)
            TRY(was_done(&txn, act, card, &has_changed, err));
    }
    *ret = has_changed;
    return 0;
}
