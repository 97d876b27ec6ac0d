/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/record.h"
#include "audit/tree.h"

#include "base/rand.h"
#include "crypto/mac.h"

#include <stdio.h>
#include <string.h>

static void copy_trace(const char *trace_id, struct audit_origin *by)
{
    (void)snprintf(by->trace_id, sizeof by->trace_id, "%s", trace_id == NULL ? "" : trace_id);
}

struct audit_origin audit_by_uid(int64_t at, uid_t uid, const char *trace_id)
{
    struct audit_origin by = {.at = at};

    (void)snprintf(by.actor, sizeof by.actor, "uid:%lu", (unsigned long)uid);
    copy_trace(trace_id, &by);
    return by;
}

struct audit_origin audit_by_role(int64_t at, const char *role, const char *name,
                                  const char *trace_id)
{
    struct audit_origin by = {.at = at};
    int len = snprintf(by.actor, sizeof by.actor, "%s%s%s", role, role[0] == '\0' ? "" : ":", name);

    /* Half a name is another's: better none, which is refused. */
    if (len < 0 || (size_t)len >= sizeof by.actor)
        by.actor[0] = '\0';
    copy_trace(trace_id, &by);
    return by;
}

struct audit_origin audit_by_self(int64_t at)
{
    return audit_by_role(at, "", "self", NULL);
}

static bool is_name(const char *text)
{
    size_t len = strlen(text);

    return len >= 1 && len <= AUDIT_NAME_MAX;
}

static int check(const struct audit_origin *by, const struct audit_event *event, struct err *err)
{
    if (by == NULL || by->actor[0] == '\0')
        return FAIL(err, ERR_USAGE, "an act of nobody");
    if (!is_name(event->act->name) || !is_name(event->act->subject))
        return FAIL(err, ERR_USAGE, "an act and its subject have 1 to %d bytes", AUDIT_NAME_MAX);
    if (event->subject.len == 0 || event->subject.len > AUDIT_SUBJECT_MAX)
        return FAIL(err, ERR_USAGE, "what an act is done to has 1 to %d bytes", AUDIT_SUBJECT_MAX);
    if (event->outcome != NULL && strlen(event->outcome) > AUDIT_OUTCOME_MAX)
        return FAIL(err, ERR_USAGE, "an outcome has at most %d bytes", AUDIT_OUTCOME_MAX);
    return 0;
}

static int commit_to(const struct audit_event *event, struct bytes salt, struct digest *ret,
                     struct err *err)
{
    const struct bytes pieces[] = {bytes_text(event->act->subject), event->subject, {NULL, 0}};

    return mac_salted(salt, pieces, ret, err);
}

static int insert(struct db_txn *txn, const struct record *r, struct bytes salt, struct err *err)
{
    return db_execute(
        txn, "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        DB_WITH(DB_INT(r->seq), DB_INT(r->by.at), DB_TEXT(r->by.actor), DB_TEXT(r->act),
                DB_TEXT(r->subject), DB_BLOB(digest_bytes(&r->commitment)), DB_TEXT(r->outcome),
                DB_TEXT(r->by.trace_id), DB_BLOB(digest_bytes(&r->leaf)), DB_BLOB(salt)),
        err);
}

int audit_append(struct db_txn *txn, const struct audit_origin *by, const struct audit_event *event,
                 struct err *err)
{
    struct record r = {.seq = 0};
    uint8_t salt[MAC_SIZE];

    TRY(check(by, event, err));
    r.by = *by;
    (void)snprintf(r.act, sizeof r.act, "%s", event->act->name);
    (void)snprintf(r.subject, sizeof r.subject, "%s", event->act->subject);
    (void)snprintf(r.outcome, sizeof r.outcome, "%s", event->outcome == NULL ? "" : event->outcome);
    TRY(rand_fill(salt, sizeof salt, err));
    TRY(commit_to(event, BYTES_ARRAY(salt), &r.commitment, err));
    /* One transaction writes at a time, so what is last here is last in the order of commits. */
    TRY(record_last(txn, &r.seq, err));
    r.seq++;
    TRY(record_leaf(&r, &r.leaf, err));
    TRY(insert(txn, &r, BYTES_ARRAY(salt), err));
    return audit_tree_extend(txn, r.seq, err);
}

int audit_remove_salt(struct db_txn *txn, int64_t seq, struct err *err)
{
    return db_execute(txn, "UPDATE audit SET salt = NULL WHERE seq = ? AND salt IS NOT NULL",
                      DB_WITH(DB_INT(seq)), err);
}
