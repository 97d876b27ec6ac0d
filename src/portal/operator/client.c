/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/client.h"

#include "base/rand.h"
#include "base/random_text.h"
#include "base/utf8.h"
#include "portal/operator/waiting.h"

#include <stdio.h>
#include <string.h>

const char *const operator_states[] = {
    [OPERATOR_APPLIED] = "applied", [OPERATOR_APPROVED] = "approved",
    [OPERATOR_REFUSED] = "refused", [OPERATOR_SUSPENDED] = "suspended",
    [OPERATOR_ENDED] = "ended",     [OPERATOR_STATES_] = NULL};

const struct audit_act operator_acts[] = {
    [OPERATOR_ACT_APPLIED] = {"operator.applied", "operator"},
    [OPERATOR_ACT_APPROVED] = {"operator.approved", "operator"},
    [OPERATOR_ACT_REFUSED] = {"operator.refused", "operator"},
    [OPERATOR_ACT_SUSPENDED] = {"operator.suspended", "operator"},
    [OPERATOR_ACT_ENDED] = {"operator.ended", "operator"},
    [OPERATOR_ACT_CONSENTED] = {"consent.given", "consent"},
    [OPERATOR_ACT_WITHDRAWN] = {"consent.ended", "consent"},
    [OPERATOR_ACT_REQUESTED] = {"operator.requested", "process"},
    [OPERATOR_ACT_PULLED] = {"operator.pulled", "process"},
    [OPERATOR_ACT_NOTICES] = {"operator.notices-pulled", "consent"},
    [OPERATOR_ACT_CONFIRMED] = {"operator.confirmed", "operator"},
    [OPERATOR_ACT_PREPARED] = {"operator.prepared", "application"},
    [OPERATOR_ACT_ATTACHED] = {"operator.attached", "application"},
    [OPERATOR_ACT_TAKEN_BACK] = {"operator.taken-back", "application"},
    [OPERATOR_ACT_STANDING] = {"operator.standing-told", "application"},
    [OPERATOR_ACT_LAPSED] = {"operator.lapsed", "operator"},
};

int operator_note(struct db_txn *txn, enum operator_act act, const char *subject,
                  const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&operator_acts[act], bytes_text(subject), outcome};

    return audit_append(txn, by, &event, err);
}

void operator_client_done(struct operator_client *client)
{
    json_freep(&client->metadata);
    json_freep(&client->verdicts);
}

/* ---- applying ---- */

/* Digits that nobody can guess from those of others. */
static int make_id(bool is_production, char ret[OPERATOR_ID_SIZE], struct err *err)
{
    enum { EIGHT_DIGITS = 100000000, FOUR_DIGITS = 10000 };
    uint32_t numbers[2];

    TRY(rand_fill((uint8_t *)numbers, sizeof numbers, err));
    (void)snprintf(ret, OPERATOR_ID_SIZE, "SP%08u_%s%04u", numbers[0] % EIGHT_DIGITS,
                   is_production ? "PR" : "TS", numbers[1] % FOUR_DIGITS);
    return 0;
}

static int insert(struct db_txn *txn, const struct operator_client *client,
                  const struct digest *secret, const char *requester, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    TRY(json_write(client->metadata, &text, err));
    rc = db_execute(
        txn,
        "INSERT INTO operator_client (id, state, certificate, metadata, secret, reason, made_at,"
        " changed_at, requester) VALUES (?, 'applied', ?, ?, ?, '', ?, ?, ?)",
        DB_WITH(DB_TEXT(client->id),
                client->has_certificate ? DB_BLOB(digest_bytes(&client->certificate)) : DB_NULL,
                DB_BLOB(buf_bytes(&text)), DB_BLOB(digest_bytes(secret)), DB_INT(client->made_at),
                DB_INT(client->made_at), DB_TEXT(requester)),
        err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_CONFLICT, "another service has this certificate")
                               : rc;
}

static int make_client(const struct operator_application *application, int64_t now,
                       struct operator_client *ret, struct err *err)
{
    TRY(operator_check(application->metadata, application->certificate, err));
    TRY(json_duplicate(application->metadata, &ret->metadata, err));
    TRY(make_id(operator_is_production(ret), ret->id, err));
    ret->has_certificate = application->certificate != NULL;
    if (ret->has_certificate)
        ret->certificate = *application->certificate;
    ret->made_at = ret->changed_at = now;
    return 0;
}

int operator_apply(struct db *db, const struct operator_application *application,
                   const struct audit_origin *by, struct operator_applied *ret, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char secret[PORTAL_SECRET_SIZE];
    struct digest kept;

    TRY(make_client(application, by->at, &client, err));
    TRY(random_text(secret, sizeof secret, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(secret), &kept, err));
    TRY(db_begin(db, &txn, err));
    TRY(operator_waiting_lapse(&txn, by, err));
    TRY(operator_waiting_check(&txn, application->requester, err));
    TRY(insert(&txn, &client, &kept, application->requester, err));
    TRY(operator_note(&txn, OPERATOR_ACT_APPLIED, client.id, NULL, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret->secret, secret, sizeof secret);
    ret->client = client;
    client.metadata = NULL;
    return 0;
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "id, state, certificate, metadata, reason, made_at, changed_at, verdicts,"                     \
    " coalesce(confirmed_at, 0)"

static int read_state(const struct db_rows *rows, int column, enum operator_state *ret,
                      struct err *err)
{
    char word[16];

    TRY(db_text(rows, column, word, sizeof word, err));
    for (unsigned i = 0; i < OPERATOR_STATES_; i++) {
        if (strcmp(operator_states[i], word) == 0) {
            *ret = (enum operator_state)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "a service has a state that there is not");
}

int operator_read_digest(const struct db_rows *rows, int column, struct digest *ret,
                         struct err *err)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct digest digest = {.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)};

    TRY(db_blob(rows, column, &bytes, err));
    if (bytes.len != digest.len)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(digest.value, bytes.ptr, bytes.len);
    *ret = digest;
    return 0;
}

static int read_row(const struct db_rows *rows, struct operator_client *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(read_state(rows, 1, &ret->state, err));
    ret->has_certificate = !db_is_null(rows, 2);
    if (ret->has_certificate)
        TRY(operator_read_digest(rows, 2, &ret->certificate, err));
    TRY(db_blob(rows, 3, &bytes, err));
    TRY(db_text(rows, 4, ret->reason, sizeof ret->reason, err));
    TRY(db_int(rows, 5, &ret->made_at, err));
    TRY(db_int(rows, 6, &ret->changed_at, err));
    TRY(db_int(rows, 8, &ret->confirmed_at, err));
    if (!db_is_null(rows, 7)) {
        CLEANUP(buf_done) struct buf verdicts = BUF_INIT;

        TRY(db_blob(rows, 7, &verdicts, err));
        TRY(json_parse(buf_bytes(&verdicts), &ret->verdicts, err));
    }
    return json_parse(buf_bytes(&bytes), &ret->metadata, err);
}

int operator_get_in(struct db_txn *txn, const char *id, struct operator_client *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    int rc = db_query_one(txn, "SELECT " COLUMNS " FROM operator_client WHERE id = ?",
                          DB_WITH(DB_TEXT(id)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such service");
    TRY(rc);
    TRY(read_row(&rows, &client, err));
    *ret = client;
    client.metadata = client.verdicts = NULL;
    return 0;
}

int operator_get(struct db *db, const char *id, struct operator_client *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(db, &txn, err));
    return operator_get_in(&txn, id, ret, err);
}

static int check_secret(struct db_txn *txn, const char *id, const char *secret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf kept = BUF_INIT;
    struct digest hash;
    int rc = db_query_one(txn, "SELECT secret FROM operator_client WHERE id = ?",
                          DB_WITH(DB_TEXT(id)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (rc == 0)
        TRY(db_blob(&rows, 0, &kept, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(secret), &hash, err));
    if (rc < 0 || !bytes_equal_secret(buf_bytes(&kept), digest_bytes(&hash)))
        return FAIL(err, ERR_DENIED, "this is for whoever applied for the service");
    return 0;
}

int operator_get_own(struct db *db, const char *id, const char *secret, struct operator_client *ret,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(check_secret(&txn, id, secret, err));
    return operator_get_in(&txn, id, ret, err);
}

int operator_list(struct db *db, int state, const char *after,
                  struct operator_client ret[OPERATOR_PAGE_MAX], size_t *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t count = 0;
    int rc = 0;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM operator_client WHERE id > ?1"
                 " AND (?2 IS NULL OR state = ?2) ORDER BY id",
                 DB_WITH(DB_TEXT(after), DB_TEXT(state < 0 ? NULL : operator_states[state])), &rows,
                 err));
    while (rc == 0 && count < OPERATOR_PAGE_MAX && (rc = db_next(&rows, err)) == 0) {
        ret[count] = (struct operator_client){.metadata = NULL};
        rc = read_row(&rows, &ret[count], err);
        if (rc == 0)
            count++;
        else
            operator_client_done(&ret[count]);
    }
    if (rc == 0 || rc == -ERR_ABSENT) {
        *ret_count = count;
        return 0;
    }
    while (count-- > 0)
        operator_client_done(&ret[count]);
    return rc;
}

/* ---- deciding ---- */

static bool is_step(enum operator_state from, enum operator_state to)
{
    static const bool steps[OPERATOR_STATES_][OPERATOR_STATES_] = {
        [OPERATOR_APPLIED] = {[OPERATOR_APPROVED] = true, [OPERATOR_REFUSED] = true},
        [OPERATOR_APPROVED] = {[OPERATOR_SUSPENDED] = true, [OPERATOR_ENDED] = true},
        [OPERATOR_SUSPENDED] = {[OPERATOR_APPROVED] = true, [OPERATOR_ENDED] = true},
    };

    return steps[from][to];
}

/* All are met or one is not, as the decision says. */
static int check_verdicts(const struct operator_decision *decision, struct err *err)
{
    bool is_met = true;

    for (size_t i = 0; operator_viewpoints[i] != NULL; i++) {
        const char *verdict;

        TRY(json_get_text(decision->verdicts, operator_viewpoints[i], &verdict, err));
        is_met = is_met && strcmp(verdict, "met") == 0;
    }
    if (is_met != (decision->state == OPERATOR_APPROVED))
        return FAIL(err, ERR_INPUT, "verdicts: for an approval all are met, for a refusal not all");
    return 0;
}

static int check_decision(const struct operator_client *client,
                          const struct operator_decision *decision, struct err *err)
{
    const size_t count = utf8_count(bytes_text(decision->reason));

    if (count > OPERATOR_TEXT_MAX || !utf8_is_shown(bytes_text(decision->reason)) ||
        (utf8_is_blank(bytes_text(decision->reason)) && decision->state != OPERATOR_APPROVED))
        return FAIL(err, ERR_INPUT, "reason: 1 to %d characters in one line", OPERATOR_TEXT_MAX);
    if (!is_step(client->state, decision->state))
        return FAIL(err, ERR_CONFLICT, "a service that is %s cannot become %s",
                    operator_states[client->state], operator_states[decision->state]);
    if ((client->state == OPERATOR_APPLIED) != (decision->verdicts != NULL))
        return FAIL(err, ERR_INPUT, "verdicts: for the review of who applied, and for that alone");
    return decision->verdicts == NULL ? 0 : check_verdicts(decision, err);
}

/* portal.md 2.2: what goes into production has passed its test of the connection. */
static int check_test(struct db_txn *txn, const struct operator_client *client, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(
        txn,
        "SELECT 1 FROM operator_client AS c WHERE id = ? AND state = 'approved' AND EXISTS"
        " (SELECT 1 FROM operator_consent WHERE client = c.id AND used_at IS NOT NULL)",
        DB_WITH(DB_TEXT(operator_text(client, "test_client"))), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_CONFLICT,
                                    "its service in test is not approved, or has fetched nothing "
                                    "by anybody's consent yet")
                             : rc;
}

static int keep_decision(struct db_txn *txn, const char *id,
                         const struct operator_decision *decision, int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf verdicts = BUF_INIT;

    if (decision->verdicts != NULL)
        TRY(json_write(decision->verdicts, &verdicts, err));
    return db_execute(
        txn,
        "UPDATE operator_client SET state = ?, reason = ?, changed_at = ?, requester = NULL,"
        " verdicts = coalesce(?, verdicts) WHERE id = ?",
        DB_WITH(DB_TEXT(operator_states[decision->state]), DB_TEXT(decision->reason), DB_INT(at),
                decision->verdicts == NULL ? DB_NULL : DB_BLOB(buf_bytes(&verdicts)), DB_TEXT(id)),
        err);
}

int operator_decide(struct db *db, const char *id, const struct operator_decision *decision,
                    const struct audit_origin *by, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(operator_waiting_lapse(&txn, by, err));
    TRY(operator_get_in(&txn, id, &client, err));
    TRY(check_decision(&client, decision, err));
    if (client.state == OPERATOR_APPLIED && decision->state == OPERATOR_APPROVED &&
        operator_is_production(&client))
        TRY(check_test(&txn, &client, err));
    TRY(keep_decision(&txn, id, decision, by->at, err));
    TRY(operator_note(&txn, (enum operator_act)(OPERATOR_ACT_APPLIED + decision->state), id, NULL,
                      by, err));
    return db_commit(&txn, err);
}
