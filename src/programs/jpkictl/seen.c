/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/seen.h"

#include "base/caltime.h"
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/jpkictl/log.h"

#include <stdio.h>

static int load_key(const char *path, enum note_algorithm algorithm, struct note_key *ret,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(path, NOTE_KEY_MAX + 1, &file, err));
    TRY(err_prefix(err, note_key_parse(buf_bytes(&file), ret, err), "%s", path));
    return ret->algorithm == algorithm ? 0
                                       : FAIL(err, ERR_INPUT, "%s: is the key of a %s", path,
                                              algorithm == NOTE_ED25519 ? "witness, not of a log"
                                                                        : "log, not of a witness");
}

int seen_load(const struct seen_options *options, struct seen_keys *ret, struct err *err)
{
    struct seen_keys keys = {.is_asked = options->origin_key != NULL,
                             .has_witness = options->witness != NULL};

    if (!keys.is_asked && (keys.has_witness || options->witness_socket != NULL))
        return FAIL(err, ERR_USAGE, "--witness and --witness-socket need --origin-key");
    if (keys.is_asked)
        TRY(load_key(options->origin_key, NOTE_ED25519, &keys.origin, err));
    if (keys.has_witness)
        TRY(load_key(options->witness, NOTE_COSIGNATURE, &keys.witness, err));
    *ret = keys;
    return 0;
}

int seen_check(const struct seen_keys *keys, struct bytes note, struct seen *ret, struct err *err)
{
    struct seen seen = {.cosigned_at = 0};
    struct note parsed;
    int64_t none;

    TRY(note_parse(note, &parsed, err));
    TRY(checkpoint_parse(parsed.text, &seen.checkpoint, err));
    if (strcmp(seen.checkpoint.origin, keys->origin.name) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the checkpoint is of the log %s, not of %s",
                    seen.checkpoint.origin, keys->origin.name);
    TRY(err_prefix(err, note_verify(&parsed, &keys->origin, &none, err), "the checkpoint"));
    if (keys->has_witness)
        TRY(err_prefix(err, note_verify(&parsed, &keys->witness, &seen.cosigned_at, err),
                       "the checkpoint"));
    *ret = seen;
    return 0;
}

static int fetch_note(const char *socket, const char *url, struct buf *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {
        .socket = socket, .url = url, .accept = "text/plain", .limit = NOTE_MAX};

    TRY(fetch(&request, &response, err));
    buf_move(ret, &response.body);
    return 0;
}

/* What the witness calls the log of this origin. */
static int find_name(const char *socket, const char *origin, struct fetch_response *response,
                     const char **ret, struct err *err)
{
    const struct fetch_request request = {.socket = socket, .url = "/v1/logs"};
    const struct json *logs;

    TRY(fetch(&request, response, err));
    if (response->json == NULL)
        return FAIL(err, ERR_REMOTE, "the witness's answer is not JSON");
    TRY(log_blame(json_get_array(response->json, "logs", &logs, err), err));
    for (size_t i = 0; i < json_count(logs); i++) {
        const char *told;

        TRY(log_blame(json_get_text(json_at(logs, i), "origin", &told, err), err));
        if (strcmp(told, origin) == 0)
            return log_blame(json_get_text(json_at(logs, i), "name", ret, err), err);
    }
    return FAIL(err, ERR_ABSENT, "the witness does not know the log %s", origin);
}

static int fetch_witnessed(const char *socket, const char *origin, struct buf *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    const char *name;
    const char *text;

    TRY(find_name(socket, origin, &response, &name, err));
    TRY(buf_append_text(&url, "/v1/logs/", err));
    TRY(fetch_escape(&url, name, err));
    TRY(buf_append_text(&url, "/checkpoint", err));
    TRY(buf_text(&url, &text, err));
    return fetch_note(socket, text, ret, err);
}

int seen_fetch(const struct seen_options *options, const struct seen_keys *keys, const char *log,
               struct buf *ret_note, struct seen *ret, struct err *err)
{
    if (options->witness_socket != NULL)
        TRY(fetch_witnessed(options->witness_socket, keys->origin.name, ret_note, err));
    else
        TRY(fetch_note(log, "/v1/audit/checkpoint", ret_note, err));
    return log_blame(seen_check(keys, buf_bytes(ret_note), ret, err), err);
}

int seen_continues(const char *log, const struct seen *seen, int64_t size,
                   const struct merkle_hash *root, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    struct audit_growth growth = {.first = seen->checkpoint.size, .size = size, .root = *root};

    memcpy(growth.first_root.value, seen->checkpoint.root, MERKLE_HASH_SIZE);
    if (growth.first > size)
        return FAIL(err, ERR_UNTRUSTED, "the log has %lld records, its checkpoint is of %lld",
                    (long long)size, (long long)growth.first);
    TRY(log_growth(log, size, growth.first, &tree, err));
    return log_blame(audit_check_growth(tree, &growth, err), err);
}

int seen_put(const struct seen *seen, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "origin", seen->checkpoint.origin, err));
    TRY(json_put_int(object, "size", seen->checkpoint.size, err));
    if (seen->cosigned_at == 0)
        TRY(json_put_null(object, "cosigned_at", err));
    else
        TRY(json_put_int(object, "cosigned_at", seen->cosigned_at, err));
    return json_put(body, "checkpoint", json_steal(&object), err);
}

void seen_print(const struct seen *seen)
{
    char time[CALTIME_TEXT_SIZE];

    printf(tr("checkpoint of %lld records of %s: signed by the log\n"),
           (long long)seen->checkpoint.size, seen->checkpoint.origin);
    if (seen->cosigned_at == 0)
        return;
    caltime_format(seen->cosigned_at, JST_OFFSET_SECONDS, time);
    printf(tr("cosigned by the witness at %s\n"), time);
}

/* The checkpoint is the one that the proof leads to. */
static int check_checkpoint(const struct seen_keys *keys, const char *note,
                            struct seen_proof *proof, struct err *err)
{
    TRY(seen_check(keys, bytes_text(note), &proof->seen, err));
    if (proof->seen.checkpoint.size != proof->size ||
        !bytes_equal(BYTES_ARRAY(proof->seen.checkpoint.root), BYTES_ARRAY(proof->root.value)))
        return FAIL(err, ERR_UNTRUSTED, "the proof does not lead to its checkpoint");
    return 0;
}

int seen_proof_check(const struct seen_keys *keys, const struct json *proof, struct seen_proof *ret,
                     struct err *err)
{
    struct seen_proof found = {.has_checkpoint = json_has(proof, "checkpoint")};
    const char *note;

    TRY(audit_check_proof(proof, &found.root, &found.size, err));
    if (keys->is_asked && !found.has_checkpoint)
        return FAIL(err, ERR_UNTRUSTED, "no checkpoint is in the proof");
    if (keys->is_asked) {
        TRY(json_get_text(proof, "checkpoint", &note, err));
        TRY(check_checkpoint(keys, note, &found, err));
    }
    *ret = found;
    return 0;
}
