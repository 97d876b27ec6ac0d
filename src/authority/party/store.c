/* SPDX-License-Identifier: Apache-2.0 */
/* Parties, and the providers and services they have given notice of, in SQLite. */
#include "authority/party/party.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"
#include "base/hex.h"
#include "base/rand.h"

#include <string.h>

enum { POLLING_ID_OCTETS = 16 };

#define PARTY_COLUMNS                                                                              \
    "name, title, role, is_sign, is_auth, applied_at, certified_at, notified_at, suspended_at,"    \
    " ended_at"

static int optional_time(const struct db_rows *rows, int column, int64_t *ret, struct err *err)
{
    *ret = 0;
    return db_is_null(rows, column) ? 0 : db_int(rows, column, ret, err);
}

static int read_role(const char *name, enum party_role *ret, struct err *err)
{
    for (unsigned i = 0; i < PARTY_ROLES_; i++) {
        if (strcmp(party_roles[i], name) == 0) {
            *ret = (enum party_role)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "the database has a party of an unknown role");
}

/* The current row of a query for PARTY_COLUMNS. */
static int party_of_row(const struct db_rows *rows, struct party *ret, struct err *err)
{
    struct party party = {.role = PARTY_VERIFIER};
    int64_t *const times[] = {&party.applied_at, &party.certified_at, &party.notified_at,
                              &party.suspended_at, &party.ended_at};
    int64_t is_of[CA_KINDS_];
    char role[16];

    TRY(db_text(rows, 0, party.name, sizeof party.name, err));
    TRY(db_text(rows, 1, party.title, sizeof party.title, err));
    TRY(db_text(rows, 2, role, sizeof role, err));
    TRY(read_role(role, &party.role, err));
    TRY(db_int(rows, 3, &is_of[CA_SIGN], err));
    TRY(db_int(rows, 4, &is_of[CA_AUTH], err));
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        party.verifies[kind] = is_of[kind] != 0;
    for (int i = 0; i < 5; i++)
        TRY(optional_time(rows, 5 + i, times[i], err));
    *ret = party;
    return 0;
}

int party_read(struct db_txn *txn, const char *name, struct party *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT " PARTY_COLUMNS " FROM party WHERE name = ?",
                          DB_WITH(DB_TEXT(name)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verifier");
    TRY(rc);
    return party_of_row(&rows, ret, err);
}

static bool is_same(const struct party *a, const struct party *b)
{
    return strcmp(a->title, b->title) == 0 && a->role == b->role &&
           a->verifies[CA_SIGN] == b->verifies[CA_SIGN] &&
           a->verifies[CA_AUTH] == b->verifies[CA_AUTH];
}

int authority_apply(struct authority_store *store, const struct party *party,
                    const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_STEP], bytes_text(party->name),
                                      "apply"};
    struct party known;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = party_read(&txn, party->name, &known, err);
    if (rc == 0 && !is_same(party, &known))
        return FAIL(err, ERR_CONFLICT, "a verifier of this name has applied with other words");
    if (rc != -ERR_ABSENT) {
        TRY(rc);
        *ret_is_new = false;
        return 0;
    }
    TRY(db_execute(&txn,
                   "INSERT INTO party (name, title, role, is_sign, is_auth, applied_at)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(party->name), DB_TEXT(party->title),
                           DB_TEXT(party_roles[party->role]), DB_INT(party->verifies[CA_SIGN]),
                           DB_INT(party->verifies[CA_AUTH]), DB_INT(by->at)),
                   err));
    TRY(audit_append(&txn, by, &event, err));
    TRY(db_commit(&txn, err));
    *ret_is_new = true;
    return 0;
}

#define FROM(state) (1U << (state))

/* From which states a step is taken, and what it writes. */
static const struct {
    unsigned from;
    const char *sql;
} steps[PARTY_STEPS_] = {
    [PARTY_CERTIFY] = {FROM(PARTY_APPLIED), "UPDATE party SET certified_at = ?1 WHERE name = ?2"},
    [PARTY_SUSPEND] = {FROM(PARTY_ACTIVE), "UPDATE party SET suspended_at = ?1 WHERE name = ?2"},
    [PARTY_RESUME] = {FROM(PARTY_SUSPENDED),
                      "UPDATE party SET suspended_at = NULL WHERE name = ?2 AND ?1 > 0"},
    [PARTY_END] = {FROM(PARTY_APPLIED) | FROM(PARTY_CERTIFIED) | FROM(PARTY_ACTIVE) |
                       FROM(PARTY_SUSPENDED),
                   "UPDATE party SET ended_at = ?1 WHERE name = ?2"},
};

int authority_take_step(struct authority_store *store, const char *name, enum party_step step,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_STEP], bytes_text(name),
                                      party_steps[step]};
    struct party party;
    enum party_state state;

    TRY(db_begin(store->db, &txn, err));
    TRY(party_read(&txn, name, &party, err));
    state = party_state_of(&party);
    if ((steps[step].from & FROM(state)) == 0)
        return FAIL(err, ERR_CONFLICT, "%s: not for a verifier that is %s", party_steps[step],
                    party_states[state]);
    TRY(db_execute_one(&txn, steps[step].sql, DB_WITH(DB_INT(by->at), DB_TEXT(name)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* A body that has applied needs the minister first, unless it is a public one (pki.md 6). */
static int check_may_give_notice(const struct party *party, struct err *err)
{
    enum party_state state = party_state_of(party);

    if (state == PARTY_APPLIED && party->role != PARTY_PUBLIC)
        return FAIL(err, ERR_CONFLICT, "this verifier is not certified");
    if (state == PARTY_SUSPENDED || state == PARTY_ENDED)
        return FAIL(err, ERR_CONFLICT, "notice: not for a verifier that is %s",
                    party_states[state]);
    return 0;
}

/* How many live rows there are besides the one that is meant. */
static int check_room(struct db_txn *txn, const char *sql, const struct db_value *values,
                      int64_t max, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t others;

    TRY(db_query_one(txn, sql, values, &rows, err));
    TRY(db_int(&rows, 0, &others, err));
    if (others >= max)
        return FAIL(err, ERR_CONFLICT, "there are %lld already", (long long)max);
    return 0;
}

static int keep_provider(struct db_txn *txn, const char *party, const struct notice *notice,
                         int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    uint8_t id[POLLING_ID_OCTETS];
    const char *text;

    TRY(err_prefix(err,
                   check_room(txn,
                              "SELECT count(*) FROM provider WHERE party = ? AND name <> ?"
                              " AND ended_at IS NULL",
                              DB_WITH(DB_TEXT(party), DB_TEXT(notice->provider)), PROVIDERS_MAX,
                              err),
                   "providers"));
    TRY(rand_fill(id, sizeof id, err));
    TRY(hex_append(&hex, BYTES_ARRAY(id), err));
    TRY(buf_text(&hex, &text, err));
    return db_execute(txn,
                      "INSERT INTO provider (party, name, title, polling_id, notified_at)"
                      " VALUES (?, ?, ?, ?, ?) ON CONFLICT (party, name)"
                      " DO UPDATE SET title = excluded.title, ended_at = NULL",
                      DB_WITH(DB_TEXT(party), DB_TEXT(notice->provider),
                              DB_TEXT(notice->provider_title), DB_TEXT(text), DB_INT(at)),
                      err);
}

static int keep_service(struct db_txn *txn, const char *party, const struct notice *notice,
                        int64_t at, struct err *err)
{
    TRY(err_prefix(
        err,
        check_room(txn,
                   "SELECT count(*) FROM service"
                   " WHERE party = ? AND provider = ? AND name <> ?",
                   DB_WITH(DB_TEXT(party), DB_TEXT(notice->provider), DB_TEXT(notice->service)),
                   SERVICES_MAX, err),
        "services"));
    return db_execute(txn,
                      "INSERT INTO service (party, provider, name, title, notified_at)"
                      " VALUES (?, ?, ?, ?, ?) ON CONFLICT (party, provider, name)"
                      " DO UPDATE SET title = excluded.title",
                      DB_WITH(DB_TEXT(party), DB_TEXT(notice->provider), DB_TEXT(notice->service),
                              DB_TEXT(notice->service_title), DB_INT(at)),
                      err);
}

/* Whether this very notice is in force; for itself, whether there is any. */
static int is_given(struct db_txn *txn, const struct party *party, const struct notice *notice,
                    bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    *ret = party->notified_at != 0;
    if (notice == NULL || !*ret)
        return 0;
    rc = db_query_one(txn,
                      "SELECT 1 FROM service JOIN provider"
                      " ON provider.party = service.party AND provider.name = service.provider"
                      " WHERE service.party = ? AND provider = ? AND service.name = ?"
                      " AND provider.title = ? AND service.title = ? AND ended_at IS NULL",
                      DB_WITH(DB_TEXT(party->name), DB_TEXT(notice->provider),
                              DB_TEXT(notice->service), DB_TEXT(notice->provider_title),
                              DB_TEXT(notice->service_title)),
                      &rows, err);
    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int authority_give_notice(struct authority_store *store, const char *name,
                          const struct notice *notice, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_STEP], bytes_text(name),
                                      "notice"};
    struct party party;
    bool is_known;

    TRY(db_begin(store->db, &txn, err));
    TRY(party_read(&txn, name, &party, err));
    TRY(check_may_give_notice(&party, err));
    TRY(is_given(&txn, &party, notice, &is_known, err));
    if (is_known)
        return 0;
    TRY(db_execute(&txn, "UPDATE party SET notified_at = ? WHERE name = ? AND notified_at IS NULL",
                   DB_WITH(DB_INT(by->at), DB_TEXT(name)), err));
    if (notice != NULL) {
        TRY(keep_provider(&txn, name, notice, by->at, err));
        TRY(keep_service(&txn, name, notice, by->at, err));
    }
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int authority_end_provider(struct authority_store *store, const char *name, const char *provider,
                           const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_STEP], bytes_text(name),
                                      "end provider"};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE provider SET ended_at = ?"
                        " WHERE party = ? AND name = ? AND ended_at IS NULL",
                        DB_WITH(DB_INT(by->at), DB_TEXT(name), DB_TEXT(provider)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this verifier has given no notice of such a provider");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* A time that may not have come: null. */
static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(object, key, err) : json_put_int(object, key, at, err);
}

static int put_kinds(struct json *object, const struct party *party, struct err *err)
{
    CLEANUP(json_freep) struct json *kinds = json_array_new();

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        if (party->verifies[kind])
            TRY(json_add_text(kinds, ca_kind_name((enum ca_kind)kind), err));
    return json_put(object, "kinds", json_steal(&kinds), err);
}

static int put_party(struct json *object, const struct party *party, struct err *err)
{
    TRY(json_put_text(object, "name", party->name, err));
    TRY(json_put_text(object, "title", party->title, err));
    TRY(json_put_text(object, "role", party_roles[party->role], err));
    TRY(put_kinds(object, party, err));
    TRY(json_put_text(object, "state", party_states[party_state_of(party)], err));
    TRY(put_time(object, "applied_at", party->applied_at, err));
    TRY(put_time(object, "certified_at", party->certified_at, err));
    TRY(put_time(object, "notified_at", party->notified_at, err));
    TRY(put_time(object, "suspended_at", party->suspended_at, err));
    return put_time(object, "ended_at", party->ended_at, err);
}

/* Makes an object of each row and adds it. */
typedef int put_row_fn(struct json *object, const struct db_rows *rows, struct err *err);

static int put_rows(struct db_txn *txn, const char *sql, const struct db_value *values,
                    put_row_fn *put_row, struct json *list, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query(txn, sql, values, &rows, err));
    for (;;) {
        CLEANUP(json_freep) struct json *object = NULL;
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        object = json_object_new();
        TRY(put_row(object, &rows, err));
        TRY(json_add(list, json_steal(&object), err));
    }
}

static int put_party_row(struct json *object, const struct db_rows *rows, struct err *err)
{
    struct party party;

    TRY(party_of_row(rows, &party, err));
    return put_party(object, &party, err);
}

int authority_list_parties(struct authority_store *store, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    TRY(db_begin_read(store->db, &txn, err));
    TRY(put_rows(&txn, "SELECT " PARTY_COLUMNS " FROM party ORDER BY name", DB_NOTHING,
                 put_party_row, list, err));
    TRY(json_put(body, "parties", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

static int put_certificate_row(struct json *object, const struct db_rows *rows, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int64_t added_at;
    int64_t retired_at;

    TRY(db_blob(rows, 0, &der, err));
    TRY(db_int(rows, 1, &added_at, err));
    TRY(optional_time(rows, 2, &retired_at, err));
    TRY(json_put_base64(object, "certificate", buf_bytes(&der), err));
    TRY(json_put_int(object, "added_at", added_at, err));
    return put_time(object, "retired_at", retired_at, err);
}

static int put_service_row(struct json *object, const struct db_rows *rows, struct err *err)
{
    static const struct {
        const char *key;
        int column;
    } texts[] = {{"provider", 0},
                 {"provider_title", 1},
                 {"service", 2},
                 {"service_title", 3},
                 {"polling_id", 4}};
    int64_t notified_at;
    int64_t ended_at;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[PARTY_TITLE_MAX + 1];

        TRY(db_text(rows, texts[i].column, text, sizeof text, err));
        TRY(json_put_text(object, texts[i].key, text, err));
    }
    TRY(db_int(rows, 5, &notified_at, err));
    TRY(optional_time(rows, 6, &ended_at, err));
    TRY(json_put_int(object, "notified_at", notified_at, err));
    return put_time(object, "ended_at", ended_at, err);
}

/* Member "services": of all that notice was given of, also what has ended. */
static int put_services(struct db_txn *txn, const char *name, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *services = json_array_new();

    TRY(put_rows(txn,
                 "SELECT provider, provider.title, service.name, service.title, polling_id,"
                 " service.notified_at, ended_at FROM service JOIN provider"
                 " ON provider.party = service.party AND provider.name = service.provider"
                 " WHERE service.party = ? ORDER BY provider, service.name",
                 DB_WITH(DB_TEXT(name)), put_service_row, services, err));
    return json_put(body, "services", json_steal(&services), err);
}

int authority_list_services(struct authority_store *store, const char *name, struct json **ret,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(db_begin_read(store->db, &txn, err));
    TRY(put_services(&txn, name, body, err));
    *ret = json_steal(&body);
    return 0;
}

int authority_show_party(struct authority_store *store, const char *name, struct json **ret,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *certificates = json_array_new();
    struct party party;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(party_read(&txn, name, &party, err));
    TRY(put_party(body, &party, err));
    TRY(put_rows(&txn,
                 "SELECT certificate, added_at, retired_at FROM party_certificate WHERE party = ?"
                 " ORDER BY added_at, certificate",
                 DB_WITH(DB_TEXT(name)), put_certificate_row, certificates, err));
    TRY(json_put(body, "certificates", json_steal(&certificates), err));
    TRY(put_services(&txn, name, body, err));
    *ret = json_steal(&body);
    return 0;
}
