/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets live in memory only, so an interruption loses them. Before the shares were tried nobody
 * knows that they open anything: all of that begins anew. Afterwards the custodians can open what
 * was made.
 */
#include "programs/jpkictl/key/resume.h"

#include "base/i18n.h"

#include <stdio.h>

/* The restore that shows that the shares open what is made. */
static size_t proving_step(const struct script *script)
{
    size_t split = script_find(script, 0, STEP_SPLIT);

    return script_find(script, split < script->count ? split : 0, STEP_RESTORE);
}

static size_t first_secret_step(const struct script *script)
{
    size_t split = script_find(script, 0, STEP_SPLIT);
    size_t restore = script_find(script, 0, STEP_RESTORE);

    return split < restore ? split : restore;
}

static void undo_secret_steps(struct held *held)
{
    for (size_t i = first_secret_step(held->script); i < held->script->count; i++)
        held->done[i] = false;
    held->handed_count = 0;
}

static int replay_share(struct held *held, const struct json *entry, struct err *err)
{
    struct handed *handed = &held->handed[held->handed_count];
    const struct json *facts;
    const char *set;
    const char *file;
    const char *who;
    int64_t number;

    if (held->handed_count == SHARES_MAX)
        return FAIL(err, ERR_INPUT, "more shares than there can be");
    TRY(json_get_text(entry, "who", &who, err));
    TRY(json_get_object(entry, "facts", &facts, err));
    TRY(json_get_text(facts, "set", &set, err));
    TRY(json_get_text(facts, "file", &file, err));
    TRY(json_get_int(facts, "share", &number, err));
    handed->number = (unsigned)number;
    (void)snprintf(handed->set, sizeof handed->set, "%s", set);
    (void)snprintf(handed->who, sizeof handed->who, "%s", who);
    (void)snprintf(handed->file, sizeof handed->file, "%s", file);
    held->handed_count++;
    return 0;
}

static int replay_step(struct held *held, const struct json *entry, struct err *err)
{
    const char *name;

    TRY(json_get_text(entry, "step", &name, err));
    for (size_t i = 0; i < held->script->count; i++) {
        if (strcmp(held->script->steps[i].name, name) != 0)
            continue;
        held->done[i] = true;
        return held->script->steps[i].kind == STEP_SHARE ? replay_share(held, entry, err) : 0;
    }
    return FAIL(err, ERR_INPUT, "the script has no step %s", name);
}

static int check_begin(struct held *held, const struct json *entry, struct err *err)
{
    const struct json *facts;
    const char *text;
    const char *id;
    bool is_rehearsal;

    TRY(json_get_object(entry, "facts", &facts, err));
    TRY(json_get_text(facts, "script_sha256", &text, err));
    TRY(json_get_text(facts, "id", &id, err));
    TRY(json_get_bool(facts, "rehearsal", &is_rehearsal, err));
    if (strcmp(text, held->script_sha256) != 0)
        return FAIL(err, ERR_CONFLICT, "it was begun with another script");
    if (is_rehearsal != (held->site->root != NULL))
        return FAIL(err, ERR_CONFLICT, "a rehearsal goes on as a rehearsal, and nothing else does");
    (void)snprintf(held->site->ceremony, sizeof held->site->ceremony, "%s", id);
    held->is_begun = true;
    return 0;
}

int held_replay(void *context, const struct json *entry, struct err *err)
{
    struct held *held = context;
    const char *act;

    TRY(json_get_text(entry, "do", &act, err));
    if (strcmp(act, "begin") == 0)
        return check_begin(held, entry, err);
    if (strcmp(act, "step") == 0 || strcmp(act, "close") == 0)
        return replay_step(held, entry, err);
    if (strcmp(act, "void") == 0)
        undo_secret_steps(held);
    return 0;
}

/* Which shares are worth nothing from now on. */
static int put_destroy(struct json *facts, const struct held *held, struct err *err)
{
    CLEANUP(json_freep) struct json *all = json_array_new();

    for (size_t i = 0; i < held->handed_count; i++) {
        const struct handed *handed = &held->handed[i];
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(json_put_text(one, "who", handed->who, err));
        TRY(json_put_text(one, "set", handed->set, err));
        TRY(json_put_int(one, "share", handed->number, err));
        TRY(json_put_text(one, "file", handed->file, err));
        TRY(json_add(all, json_steal(&one), err));
        (void)fprintf(stderr, tr("To be destroyed by %s: share %u of set %s, %s and on paper\n"),
                      handed->who, handed->number, handed->set, handed->file);
    }
    return json_put(facts, "destroy", json_steal(&all), err);
}

static int note_with_destroy(struct held *held, const char *act, struct err *err)
{
    CLEANUP(json_freep) struct json *facts = json_object_new();

    TRY(put_destroy(facts, held, err));
    return held_note(held, act, NULL, json_steal(&facts), err);
}

int held_go_on(struct held *held, bool is_torn, struct err *err)
{
    CLEANUP(json_freep) struct json *facts = json_object_new();
    size_t first = first_secret_step(held->script);
    size_t proving = proving_step(held->script);
    bool is_tried = proving == held->script->count || held->done[proving];

    if (!held->is_begun)
        return FAIL(err, ERR_INPUT, "the transcript has no beginning; start anew");
    TRY(json_put_bool(facts, "unfinished_line", is_torn, err));
    TRY(held_note(held, "resume", NULL, json_steal(&facts), err));
    if (is_tried || first == held->script->count)
        return 0;
    TRY(site_discard(held->site, err));
    if (!held->done[first])
        return 0;
    TRY(note_with_destroy(held, "void", err));
    undo_secret_steps(held);
    return 0;
}

int held_abort(struct held *held, struct err *err)
{
    if (site_is_installed(held->site))
        return FAIL(err, ERR_CONFLICT, "the keys were installed; go on with --resume");
    TRY(site_discard(held->site, err));
    return note_with_destroy(held, "abort", err);
}
