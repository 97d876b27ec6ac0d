/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/routes.h"

#include "audit/words.h"
#include "http/metrics.h"
#include "rpc/signer_worker.h"

#include <stdio.h>

#define NOTE_TYPE "text/plain; charset=utf-8"

int witness_ready(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;
    struct signer *signer;
    struct signer_status status;
    int64_t open;

    TRY(witness_count_open(witness->store, &open, err));
    if (open > 0)
        return FAIL(err, ERR_UNTRUSTED, "%lld alarms that nobody has taken note of",
                    (long long)open);
    for (size_t i = 0; i < witness->log_count; i++) {
        if (atomic_load(&witness->logs[i].sight) == SIGHT_REFUSED)
            return FAIL(err, ERR_UNTRUSTED, "the log %s is refused", witness->logs[i].name);
    }
    TRY(signer_worker_get(call->worker, witness->signer, &signer, err));
    return signer_status(signer, &status, err);
}

static int find_log(const struct witness *witness, const char *name, const struct witness_log **ret,
                    struct err *err)
{
    for (size_t i = 0; i < witness->log_count; i++) {
        if (strcmp(witness->logs[i].name, name) == 0) {
            *ret = &witness->logs[i];
            return 0;
        }
    }
    return FAIL(err, ERR_ABSENT, "there is no log of that name");
}

/* ---- logs ---- */

static int put_seen(const struct witness *witness, const struct witness_log *log,
                    struct json *object, struct err *err)
{
    CLEANUP(witness_seen_done) struct witness_seen seen = {.at = 0};
    int rc = witness_find_seen(witness->store, log->key.name, 0, &seen, err);

    if (rc == -ERR_ABSENT) {
        TRY(json_put_null(object, "size", err));
        return json_put_null(object, "cosigned_at", err);
    }
    TRY(rc);
    TRY(json_put_int(object, "size", seen.checkpoint.size, err));
    return json_put_int(object, "cosigned_at", seen.at, err);
}

static int add_log(const struct witness *witness, const struct witness_log *log, struct json *logs,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "name", log->name, err));
    TRY(json_put_text(object, "origin", log->key.name, err));
    TRY(json_put_text(object, "state", witness_sight_words[atomic_load(&log->sight)], err));
    TRY(json_put_int(object, "looked_at", atomic_load(&log->looked_at), err));
    TRY(put_seen(witness, log, object, err));
    return json_add(logs, json_steal(&object), err);
}

static int get_logs(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *logs = json_array_new();

    for (size_t i = 0; i < witness->log_count; i++)
        TRY(add_log(witness, &witness->logs[i], logs, err));
    TRY(json_put_text(body, "witness", witness->own.name, err));
    TRY(json_put(body, "logs", json_steal(&logs), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* Of a size, from 1 on; 0 if none is asked for. */
static int read_size(const char *text, int64_t *ret, struct err *err)
{
    int64_t number = 0;

    if (text == NULL)
        return 0;
    if (strlen(text) > 18 || strspn(text, "0123456789") != strlen(text))
        return FAIL(err, ERR_INPUT, "size is a number of records");
    for (; *text != '\0'; text++)
        number = number * 10 + (*text - '0');
    if (number == 0)
        return FAIL(err, ERR_INPUT, "size counts from 1");
    *ret = number;
    return 0;
}

static int get_checkpoint(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;
    CLEANUP(witness_seen_done) struct witness_seen seen = {.at = 0};
    const struct witness_log *log;
    int64_t size = 0;
    int rc;

    TRY(find_log(witness, http_param(&call->request, "name"), &log, err));
    TRY(read_size(http_query(&call->request, "size"), &size, err));
    rc = witness_find_seen(witness->store, log->key.name, size, &seen, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no such checkpoint was cosigned");
    TRY(rc);
    http_reply_buf(&call->response, 200, NOTE_TYPE, &seen.note);
    return 0;
}

/* ---- alarms ---- */

static int put_note(struct json *object, const char *key, const struct buf *note, struct err *err)
{
    return note->len == 0 ? json_put_null(object, key, err)
                          : json_put_base64(object, key, buf_bytes(note), err);
}

static int add_alarm(const struct witness_alarm *alarm, struct json *alarms, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_int(object, "id", alarm->id, err));
    TRY(json_put_text(object, "origin", alarm->origin, err));
    TRY(json_put_text(object, "doubt", witness_doubt_words[alarm->doubt], err));
    TRY(json_put_int(object, "at", alarm->at, err));
    TRY(put_note(object, "seen", &alarm->seen, err));
    TRY(put_note(object, "shown", &alarm->shown, err));
    if (alarm->noted_at == 0)
        TRY(json_put_null(object, "noted_at", err));
    else
        TRY(json_put_int(object, "noted_at", alarm->noted_at, err));
    return json_add(alarms, json_steal(&object), err);
}

static int get_alarms(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *alarms = json_array_new();
    int64_t last = 0;

    for (;;) {
        CLEANUP(witness_alarm_done) struct witness_alarm alarm = {.id = 0};
        int rc = witness_next_alarm(witness->store, last, &alarm, err);

        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        last = alarm.id;
        TRY(add_alarm(&alarm, alarms, err));
    }
    TRY(json_put(body, "alarms", json_steal(&alarms), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_note(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(witness->clock), call->request.peer.cred.uid, call->request.trace_id);
    int64_t id = 0;

    TRY(read_size(http_param(&call->request, "id"), &id, err));
    TRY(witness_note_alarm(witness->store, id, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- the rest ---- */

static int get_audit(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;

    return audit_answer_list(call, witness_store_db(witness->store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct witness *witness = call->context;

    return audit_answer_tree(call, witness_store_db(witness->store), err);
}

/* Nobody witnesses the witness. */
static int on_checkpoint(struct http_call *call, struct err *err)
{
    return audit_answer_checkpoint(call, NULL, err);
}

static int64_t metric_of(const struct witness_log *log, size_t metric)
{
    const int64_t values[] = {
        (int64_t)atomic_load(&log->cosigned), (int64_t)atomic_load(&log->refused),
        (int64_t)atomic_load(&log->failed),   atomic_load(&log->sight) == SIGHT_REFUSED,
        atomic_load(&log->looked_at),
    };

    return values[metric];
}

static int put_logs(const struct witness *witness, struct buf *out, struct err *err)
{
    static const struct metric metrics[] = {
        {"jpki_witness_cosigned_total", METRIC_COUNTER, "checkpoints cosigned"},
        {"jpki_witness_refused_total", METRIC_COUNTER, "looks at what must not be cosigned"},
        {"jpki_witness_failed_total", METRIC_COUNTER, "looks without an answer"},
        {"jpki_witness_alarm", METRIC_GAUGE, "whether the log is refused"},
        {"jpki_witness_looked_seconds", METRIC_GAUGE, "when it last was in order, UTC; 0: never"},
    };
    char labels[WITNESS_LOGS_MAX][WITNESS_NAME_MAX + sizeof "log=\"\""];

    for (size_t i = 0; i < witness->log_count; i++)
        (void)snprintf(labels[i], sizeof labels[i], "log=\"%s\"", witness->logs[i].name);
    for (size_t metric = 0; metric < sizeof metrics / sizeof metrics[0]; metric++) {
        struct metric_value values[WITNESS_LOGS_MAX];

        for (size_t i = 0; i < witness->log_count; i++)
            values[i] = (struct metric_value){labels[i], metric_of(&witness->logs[i], metric)};
        TRY(metrics_put(out, &metrics[metric], values, witness->log_count, err));
    }
    return 0;
}

static int get_metrics(struct http_call *call, struct err *err)
{
    static const struct metric open = {"jpki_witness_alarms_open", METRIC_GAUGE,
                                       "alarms that nobody has taken note of"};
    const struct witness *witness = call->context;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int64_t count;

    TRY(witness_count_open(witness->store, &count, err));
    TRY(put_logs(witness, &text, err));
    TRY(metrics_put_one(&text, &open, count, err));
    TRY(metrics_put_faults(&text, err));
    http_reply_buf(&call->response, 200, METRICS_TYPE, &text);
    return 0;
}

/* ---- what they are ---- */

const struct http_about witness_about = {
    "witness", "OpenJPKI witness",
    "Cosigns checkpoints of audit logs that continue what it saw of them before, and keeps proof "
    "of "
    "those that do not. For operators. Times are UTC seconds."};

static const struct http_member log_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what the log is called here"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "what it is called in its checkpoints"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how the last look at it ended",
     .values = witness_sight_words},
    {"looked_at", HTTP_INT, HTTP_REQUIRED, "when it last was in order; 0: never since the start"},
    {"size", HTTP_INT, HTTP_OR_NULL, "records of the largest checkpoint that was cosigned"},
    {"cosigned_at", HTTP_INT, HTTP_OR_NULL, "when that was cosigned last"},
    {NULL},
};
static const struct http_member logs_members[] = {
    {"witness", HTTP_TEXT, HTTP_REQUIRED, "the name that this witness signs with"},
    {"logs", HTTP_ARRAY, HTTP_REQUIRED, "the logs that it looks at", log_members},
    {NULL},
};
static const struct http_answer logs_answers[] = {{200, "all logs", logs_members}, {0}};

static const struct http_member alarm_members[] = {
    {"id", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "which log"},
    {"doubt", HTTP_TEXT, HTTP_REQUIRED, "what is wrong", .values = witness_doubt_words},
    {"at", HTTP_INT, HTTP_REQUIRED, "when it was seen first"},
    {"seen", HTTP_TEXT, HTTP_OR_NULL, "the checkpoint that was cosigned last",
     .form = &http_form_base64},
    {"shown", HTTP_TEXT, HTTP_OR_NULL, "and what the log has shown since",
     .form = &http_form_base64},
    {"noted_at", HTTP_INT, HTTP_OR_NULL, "when an operator took note of it"},
    {NULL},
};
static const struct http_member alarms_members[] = {
    {"alarms", HTTP_ARRAY, HTTP_REQUIRED, "in the order in which they were raised", alarm_members},
    {NULL},
};
static const struct http_answer alarms_answers[] = {{200, "all alarms", alarms_members}, {0}};
static const struct http_answer noted_answers[] = {{204, "somebody has taken note"}, {0}};

const struct route witness_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/logs",
     .access = &http_listed_peer,
     .handle = get_logs,
     .operation = "listLogs",
     .summary = "See which logs are witnessed, and how they are",
     .answers = logs_answers},
    {.method = HTTP_GET,
     .path = "/v1/logs/:name/checkpoint",
     .access = &http_listed_peer,
     .query = audit_checkpoint_query,
     .handle = get_checkpoint,
     .operation = "getCosignedCheckpoint",
     .summary = "Read a cosigned checkpoint",
     .answers = audit_checkpoint_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/alarms",
     .access = &http_listed_peer,
     .handle = get_alarms,
     .operation = "listAlarms",
     .summary = "Read what logs have shown that cannot be true",
     .answers = alarms_answers},
    {.method = HTTP_POST,
     .path = "/v1/alarms/:id/note",
     .access = &http_listed_peer,
     .handle = post_note,
     .operation = "noteAlarm",
     .summary = "Take note of an alarm",
     .answers = noted_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &http_anyone,
     .handle = get_metrics,
     .operation = "getMetrics",
     .summary = "Read what was counted",
     .answers = metrics_answers},
    AUDIT_ROUTES(&http_listed_peer, &http_listed_peer, get_audit, get_audit_tree, on_checkpoint),
    {.path = NULL},
};
