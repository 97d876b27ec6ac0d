/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at a log. A cosignature is given only for what is on disk together with it, so there is
 * none that this witness does not know of, whenever it is killed.
 */
#include "witness/witness.h"

#include "audit/follow.h"
#include "fetch/fetch.h"
#include "note/note.h"

#include <stdio.h>

enum { TREE_MAX = 64 * 1024 };

const char *const witness_sight_words[] = {[SIGHT_NONE] = "none",
                                           [SIGHT_CURRENT] = "current",
                                           [SIGHT_FAILED] = "failed",
                                           [SIGHT_REFUSED] = "refused",
                                           NULL};

int witness_load(struct witness *witness, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(signer_open(witness->signer, &signer, err));
    TRY(signer_public(signer, witness->key, &spki, err));
    return note_key_of_spki(witness->name, NOTE_COSIGNATURE, buf_bytes(&spki), &witness->own, err);
}

/* What is known of a log, and what it shows. */
struct look {
    struct witness *witness;
    struct witness_log *log;
    struct witness_seen before; /* size 0: nothing */
    struct buf shown;
    struct note note; /* shown, once it is one */
    struct checkpoint checkpoint;
};

static void look_done(struct look *look)
{
    witness_seen_done(&look->before);
    buf_done(&look->shown);
}

static int find_before(struct look *look, struct err *err)
{
    int rc = witness_find_seen(look->witness->store, look->log->key.name, 0, &look->before, err);

    return rc == -ERR_ABSENT ? 0 : rc;
}

/* ERR_ABSENT if the log has no checkpoint yet. */
static int fetch_checkpoint(struct look *look, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.socket = look->log->socket,
                                          .url = "/v1/audit/checkpoint",
                                          .accept = "text/plain",
                                          .limit = NOTE_MAX};

    TRY(fetch(&request, &response, err));
    buf_move(&look->shown, &response.body);
    return 0;
}

/* Whatever is wrong with what a log says of itself, it is the log's doing. */
static int doubt(enum witness_doubt what, enum witness_doubt *ret, int rc, struct err *err)
{
    if (rc != -ERR_INPUT && rc != -ERR_UNTRUSTED && rc != -ERR_CONFLICT)
        return rc;
    *ret = what;
    if (err != NULL)
        err->kind = ERR_UNTRUSTED;
    return -ERR_UNTRUSTED;
}

static int read_checkpoint(struct look *look, struct err *err)
{
    int64_t none;

    TRY(note_parse(buf_bytes(&look->shown), &look->note, err));
    TRY(checkpoint_parse(look->note.text, &look->checkpoint, err));
    if (strcmp(look->checkpoint.origin, look->log->key.name) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a checkpoint of another log, %s", look->checkpoint.origin);
    if (look->checkpoint.size < 1)
        return FAIL(err, ERR_INPUT, "a checkpoint of no records");
    return note_verify(&look->note, &look->log->key, &none, err);
}

static int compare(const struct look *look, enum witness_doubt *ret_doubt, struct err *err)
{
    const struct checkpoint *before = &look->before.checkpoint;
    const struct checkpoint *now = &look->checkpoint;

    *ret_doubt = now->size < before->size ? DOUBT_ROLLBACK : DOUBT_FORK;
    if (now->size < before->size)
        return FAIL(err, ERR_UNTRUSTED, "a checkpoint of %lld records after one of %lld",
                    (long long)now->size, (long long)before->size);
    if (now->size == before->size &&
        !bytes_equal(BYTES_ARRAY(now->root), BYTES_ARRAY(before->root)))
        return FAIL(err, ERR_UNTRUSTED, "two checkpoints of %lld records with two roots",
                    (long long)now->size);
    return 0;
}

static int fetch_tree(const struct look *look, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.socket = look->log->socket, .limit = TREE_MAX};
    char url[96];
    int len = snprintf(url, sizeof url, "/v1/audit/tree?size=%lld",
                       (long long)look->checkpoint.size);

    if (look->before.checkpoint.size > 0)
        (void)snprintf(url + len, sizeof url - (size_t)len, "&since=%lld",
                       (long long)look->before.checkpoint.size);
    request.url = url;
    TRY(fetch(&request, &response, err));
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is not JSON");
    *ret = json_steal(&response.json);
    return 0;
}

/* The log as it is now continues what was seen, and has the records of its checkpoint. */
static int check_growth(const struct look *look, enum witness_doubt *ret_doubt, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    struct audit_growth growth = {.first = look->before.checkpoint.size,
                                  .size = look->checkpoint.size};

    /* It says itself that it has not so many. */
    TRY(doubt(DOUBT_TRUNCATED, ret_doubt, fetch_tree(look, &tree, err), err));
    memcpy(growth.first_root.value, look->before.checkpoint.root, MERKLE_HASH_SIZE);
    memcpy(growth.root.value, look->checkpoint.root, MERKLE_HASH_SIZE);
    return doubt(DOUBT_FORK, ret_doubt, audit_check_growth(tree, &growth, err), err);
}

/* ERR_UNTRUSTED and what is wrong if it must not be cosigned; ERR_ABSENT if there is nothing. */
static int examine(struct look *look, enum witness_doubt *ret_doubt, struct err *err)
{
    TRY(find_before(look, err));
    TRY(fetch_checkpoint(look, err));
    TRY(doubt(DOUBT_SIGNATURE, ret_doubt, read_checkpoint(look, err), err));
    TRY(compare(look, ret_doubt, err));
    return check_growth(look, ret_doubt, err);
}

/* ---- what comes of it ---- */

static int cosign(struct look *look, struct signer *signer, struct err *err)
{
    struct witness *witness = look->witness;
    CLEANUP(witness_seen_done) struct witness_seen seen = {.checkpoint = look->checkpoint};
    CLEANUP(buf_done) struct buf message = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    seen.at = clock_now(witness->clock);
    TRY(cosignature_build(seen.at, look->note.text, &message, err));
    TRY(signer_sign(signer, witness->key, SIGNER_COSIGNATURE, buf_bytes(&message), &signature,
                    err));
    TRY(buf_append(&seen.note, buf_bytes(&look->shown), err));
    TRY(note_sign_line(&witness->own, seen.at, buf_bytes(&signature), &seen.note, err));
    return witness_put_seen(witness->store, &seen, err);
}

/* The same checkpoint is cosigned anew now and then, so that it can be seen to be of today. */
static bool is_due(const struct look *look)
{
    int64_t age = clock_now(look->witness->clock) - look->before.at;

    return look->checkpoint.size != look->before.checkpoint.size || age < 0 ||
           age >= look->witness->again_s;
}

static int accept(struct look *look, struct signer *signer, struct witness_report *report,
                  struct err *err)
{
    if (is_due(look)) {
        TRY(cosign(look, signer, err));
        atomic_fetch_add(&look->log->cosigned, 1);
    }
    atomic_store(&look->log->looked_at, clock_now(look->witness->clock));
    report->sight = SIGHT_CURRENT;
    report->size = look->checkpoint.size;
    report->is_new = look->checkpoint.size != look->before.checkpoint.size;
    return 0;
}

static int refuse(struct look *look, struct witness_report *report, struct err *err)
{
    CLEANUP(witness_alarm_done) struct witness_alarm alarm = {.doubt = report->doubt};

    memcpy(alarm.origin, look->log->key.name, sizeof alarm.origin);
    alarm.at = clock_now(look->witness->clock);
    buf_move(&alarm.seen, &look->before.note);
    buf_move(&alarm.shown, &look->shown);
    report->sight = SIGHT_REFUSED;
    atomic_fetch_add(&look->log->refused, 1);
    return witness_put_alarm(look->witness->store, &alarm, &report->is_new, err);
}

int witness_look(struct witness *witness, struct signer *signer, struct witness_log *log,
                 struct witness_report *ret, struct err *err)
{
    CLEANUP(look_done) struct look look = {.witness = witness, .log = log};
    int rc = examine(&look, &ret->doubt, err);

    ret->log = log;
    if (rc == -ERR_ABSENT)
        return 0;
    if (rc == -ERR_UNTRUSTED) {
        struct err why = {0};
        int kept = refuse(&look, ret, &why);

        if (kept < 0 && err != NULL)
            *err = why;
        return kept;
    }
    TRY(rc);
    return accept(&look, signer, ret, err);
}
