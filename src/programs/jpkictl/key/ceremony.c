/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl key ceremony: a script, step by step, with the people who are there. Each step is in the
 * transcript, on the disk, before the next one begins (docs/key-ceremony.md).
 */
#include "programs/jpkictl/key/ceremony.h"
#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/rand.h"
#include "programs/exit.h"
#include "programs/jpkictl/commands.h"
#include "programs/jpkictl/key/held.h"
#include "programs/jpkictl/key/resume.h"
#include "programs/output.h"

#include <stdio.h>
#include <unistd.h>

enum { SCRIPT_MAX = 65536, PROGRAM_MAX = 1 << 28, ID_BYTES = 16 };

static const struct cli_option rows[] = {CEREMONY_OPTIONS, CLI_OPTIONS_END};

static int put_file_sha256(struct json *facts, const char *key, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(path, PROGRAM_MAX, &file, err));
    return put_sha256(facts, key, buf_bytes(&file), err);
}

static int make_id(struct key_site *site, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    uint8_t id[ID_BYTES];
    const char *text;

    TRY(rand_fill(id, sizeof id, err));
    TRY(hex_append(&hex, BYTES_ARRAY(id), err));
    TRY(buf_text(&hex, &text, err));
    (void)snprintf(site->ceremony, sizeof site->ceremony, "%s", text);
    return 0;
}

/* What all that follows is done with. */
static int begin(struct held *held, struct err *err)
{
    CLEANUP(json_freep) struct json *facts = json_object_new();
    char host[256] = "";

    TRY(make_id(held->site, err));
    (void)gethostname(host, sizeof host - 1);
    TRY(json_put_text(facts, "id", held->site->ceremony, err));
    TRY(json_put_text(facts, "title", held->script->title, err));
    TRY(json_put_bool(facts, "rehearsal", held->site->root != NULL, err));
    TRY(json_put_text(facts, "script_sha256", held->script_sha256, err));
    TRY(put_file_sha256(facts, "config_sha256", held->script->config, err));
    TRY(put_file_sha256(facts, "jpkictl_sha256", "/proc/self/exe", err));
    TRY(json_put_text(facts, "version", cli_version(), err));
    TRY(json_put_text(facts, "host", host, err));
    TRY(json_put_int(facts, "uid", getuid(), err));
    TRY(json_put_bool(facts, "memory_locked", daemon_lock_memory(), err));
    return held_note(held, "begin", NULL, json_steal(&facts), err);
}

static int note_fault(struct held *held, const struct script_step *step, const struct err *why,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *facts = json_object_new();

    TRY(json_put_text(facts, "why", why->text, err));
    return held_note(held, "refused", step, json_steal(&facts), err);
}

static int hold_step(struct held *held, size_t at, struct err *err)
{
    const struct script_step *step = &held->script->steps[at];
    CLEANUP(json_freep) struct json *facts = json_object_new();
    struct err why = {0};

    (void)fprintf(stderr, tr("\nStep %zu of %zu, %s: %s\n"), at + 1, held->script->count,
                  step->name, step->act);
    if (step_functions[step->kind](held, step, facts, &why) < 0) {
        TRY(note_fault(held, step, &why, err));
        return err_prefix(err, err_copy(err, &why), "step %s", step->name);
    }
    TRY(held_note(held, step->kind == STEP_CLOSE ? "close" : "step", step, json_steal(&facts),
                  err));
    held->done[at] = true;
    return 0;
}

static int hold(struct held *held, struct err *err)
{
    if (held->site->root != NULL)
        (void)fprintf(stderr, "%s\n", tr("TEST: this is a rehearsal; its keys are thrown away."));
    for (size_t i = 0; i < held->script->count; i++)
        if (!held->done[i] && hold_step(held, i, err) < 0) {
            (void)fprintf(stderr, "%s\n",
                          tr("The ceremony has stopped. Go on with --resume, or end it with "
                             "--abort."));
            return -(int)err->kind;
        }
    return 0;
}

static int print(const struct ceremony_options *options, const struct held *held, struct err *err)
{
    const struct transcript_state *state = transcript_standing(held->transcript);
    CLEANUP(json_freep) struct json *object = json_object_new();
    char head[TRANSCRIPT_HEAD_SIZE];

    transcript_head(state, head);
    if (!options->json) {
        printf(tr("%s: the transcript has %u entries; everybody writes down the last hash:\n%s\n"),
               options->transcript, state->entries, head);
        return 0;
    }
    TRY(json_put_text(object, "title", held->script->title, err));
    TRY(json_put_bool(object, "rehearsal", held->site->root != NULL, err));
    TRY(json_put_bool(object, "aborted", options->abort, err));
    TRY(json_put_text(object, "keys", held->site->keys, err));
    TRY(json_put_text(object, "transcript", options->transcript, err));
    TRY(json_put_int(object, "entries", state->entries, err));
    TRY(json_put_text(object, "head", head, err));
    return output_json(object, err);
}

static int print_plan(const struct ceremony_options *options, const struct script *script,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *steps = json_array_new();

    for (size_t i = 0; i < script->count; i++) {
        const struct script_step *step = &script->steps[i];
        CLEANUP(json_freep) struct json *one = json_object_new();

        if (!options->json)
            printf("%3zu  %-16s %-12s %-16s %s\n", i + 1, step->name, step->act,
                   step->who != NULL ? step->who : "-", step->say != NULL ? step->say : "");
        TRY(json_put_text(one, "step", step->name, err));
        TRY(json_put_text(one, "do", step->act, err));
        TRY(json_put_optional(one, "who", step->who, err));
        TRY(json_add(steps, json_steal(&one), err));
    }
    if (!options->json)
        return 0;
    TRY(json_put_text(object, "title", script->title, err));
    TRY(json_put_int(object, "needed", script->needed, err));
    TRY(json_put_int(object, "shares", script->shares, err));
    TRY(json_put(object, "steps", json_steal(&steps), err));
    return output_json(object, err);
}

static int read_script(const char *path, struct held *held, struct script **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *sha256;

    TRY(file_read(path, SCRIPT_MAX, &text, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &sha256, err));
    (void)snprintf(held->script_sha256, sizeof held->script_sha256, "%s", sha256);
    return script_parse(buf_bytes(&text), path, ret, err);
}

static int open_transcript(const struct ceremony_options *options, struct held *held,
                           struct err *err)
{
    bool is_torn = false;

    if (!options->resume && !options->abort) {
        TRY(transcript_create(options->transcript, &held->transcript, err));
        return begin(held, err);
    }
    TRY(transcript_resume(options->transcript, held_replay, held, &held->transcript, &is_torn,
                          err));
    if (transcript_standing(held->transcript)->is_closed)
        return FAIL(err, ERR_CONFLICT, "%s: the ceremony is over", options->transcript);
    return options->abort ? 0 : held_go_on(held, is_torn, err);
}

static void held_done(struct held *held)
{
    held_wipe(held);
    transcript_closep(&held->transcript);
    site_closep(&held->site);
}

static int hold_or_abort(const struct ceremony_options *options, struct held *held, struct err *err)
{
    TRY(daemon_harden(err));
    if (options->rehearsal != NULL)
        TRY(dir_make(options->rehearsal, 0700, err));
    TRY(site_open(held->script, options->rehearsal, &held->site, err));
    TRY(open_transcript(options, held, err));
    if (options->abort)
        TRY(held_abort(held, err));
    else
        TRY(hold(held, err));
    return print(options, held, err);
}

int ceremony_hold(const struct ceremony_options *options, const char *path,
                  int (*accepts)(const struct script *script, const void *context, struct err *err),
                  const void *context, struct err *err)
{
    CLEANUP(script_freep) struct script *script = NULL;
    CLEANUP(held_done) struct held held = {.is_begun = false};

    TRY(read_script(path, &held, &script, err));
    if (accepts != NULL && !options->resume && !options->abort)
        TRY(err_prefix(err, accepts(script, context, err), "%s", path));
    if (options->plan)
        return print_plan(options, script, err);
    if (options->transcript == NULL)
        return FAIL(err, ERR_USAGE, "--transcript is needed");
    held.script = script;
    return hold_or_abort(options, &held, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return ceremony_hold(parsed, argv[0], NULL, NULL, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_key_ceremony = {
    .path = "key ceremony",
    .arguments = N_("SCRIPT"),
    .description = N_("hold a key ceremony, step by step, and write it down"),
    .options = rows,
    .size = sizeof(struct ceremony_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
