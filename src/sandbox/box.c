/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card in the reader is a wish in a file: 'persona card' writes "plugged" and sends SIGHUP,
 * the supervisor does it and answers in state.json with the number of the request. So the
 * supervisor reads nothing from strangers, and the next start finds the wish again.
 */
#include "sandbox/box.h"

#include "base/bytes.h"
#include "base/file.h"
#include "sandbox/clock_file.h"
#include "sandbox/limits.h"
#include "sandbox/plug.h"
#include "sandbox/powers_file.h"
#include "sandbox/roster.h"
#include "sandbox/stage.h"
#include "sandbox/state.h"
#include "sandbox/trace.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct box {
    const struct box_options *options;
    struct layout layout;
    struct namespace ns;
    struct supervisor *supervisor;
    struct roster roster;
    struct ports ports;
    char *pcscd_dir;
    char *bin_dir;    /* where the programs are started from */
    struct plug plug; /* the request that was answered last */
    struct err refusal, no_reader;
    struct state state;
    struct powers_page *powers;
};

static void box_done(struct box *box)
{
    supervisor_freep(&box->supervisor);
    roster_done(&box->roster);
    namespace_done(&box->ns);
    free_text(&box->pcscd_dir);
    free_text(&box->bin_dir);
    ports_done(&box->ports);
    powers_page_done(&box->powers);
    layout_done(&box->layout);
}

static void progress(void *context, const char *text)
{
    const struct box_options *options = ((struct box *)context)->options;

    if (options->progress != NULL)
        options->progress(options->context, text);
}

static void trouble(const struct box *box, const struct err *err)
{
    if (box->options->trouble != NULL)
        box->options->trouble(box->options->context, err);
}

/* A state that cannot be written is a trouble and no reason to take the programs down. */
static void publish(void *context)
{
    struct box *box = context;
    struct err err = {0};

    if (state_write(&box->layout, box->supervisor, &box->state, &err) < 0)
        trouble(box, &err);
}

/* All that is read of it is a number, which says nothing but that it is time. */
static void rotate_keys(struct box *box)
{
    struct err err = {0};
    uint32_t due = box->state.is_ready ? powers_turn_due(box->powers) : 0;
    int rc;

    if (due == 0)
        return;
    rc = roster_rotate(&box->roster, &err);
    powers_turn_seen(box->powers, due, rc == 0);
    if (rc < 0)
        trouble(box, &err);
}

/* Without its directory a sandbox cannot be reached any more, not even to be stopped. */
static bool is_wanted(void *context)
{
    struct box *box = context;
    const struct box_options *options = box->options;
    struct err err = {0};

    rotate_keys(box);
    if (layout_is_there(&box->layout))
        return options->is_wanted == NULL || options->is_wanted(options->context);
    (void)FAIL(&err, ERR_ABSENT, "%s was removed: stopping", box->layout.dir);
    trouble(box, &err);
    return false;
}

static int open_directory(struct box *box, struct err *err)
{
    CLEANUP(free_text) char *state = NULL;

    TRY(layout_init(box->options->dir, &box->layout, err));
    TRY(layout_claim(&box->layout, err));
    TRY(layout_lock(&box->layout, err));
    TRY(layout_path(&box->layout, STATE_FILE, &state, err));
    (void)unlink(state); /* of an earlier run */
    TRY(layout_make(&box->layout, err));
    TRY(clock_file_provide(&box->layout, err));
    TRY(powers_file_provide(&box->layout, err));
    TRY(powers_file_map(&box->layout, &box->powers, err));
    TRY(trace_provide(&box->layout, err));
    TRY(stage_programs(&box->layout, box->options->bin_dir, &box->bin_dir, err));
    return layout_path(&box->layout, "pcscd", &box->pcscd_dir, err);
}

/* Without a reader the card is reached through its own socket; the state says why. */
static void open_reader(struct box *box)
{
    struct stat st;

    if (stat("/usr/sbin/pcscd", &st) < 0 ||
        stat("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", &st) < 0)
        (void)FAIL(&box->no_reader, ERR_ABSENT, "pcscd or its virtual reader is not installed");
    else if (namespace_make(&box->ns, &box->no_reader) == 0)
        return;
    box->state.no_reader = box->no_reader.text;
}

static void answer_plug(struct box *box)
{
    struct plug wanted = {0};
    struct err unreadable = {0};
    struct err *refusal = &box->refusal;

    int rc = plug_read(&box->layout, &wanted, &unreadable);
    if (rc == 0 && strcmp(wanted.request, box->plug.request) == 0)
        return;
    *refusal = unreadable;
    box->plug = wanted;
    roster_unplug(&box->roster);
    if (rc == 0 && wanted.persona[0] != '\0')
        rc = roster_plug(&box->roster, box->plug.persona, refusal);
    box->state.plugged = rc == 0 && wanted.persona[0] != '\0' ? box->plug.persona : NULL;
    box->state.plug_request = box->plug.request;
    box->state.plug_refusal = rc < 0 ? refusal->text : NULL;
    if (rc < 0)
        trouble(box, refusal);
}

static int start(struct box *box, struct err *err)
{
    const struct supervisor_hooks hooks = {
        .changed = publish, .is_wanted = is_wanted, .context = box};

    /* First, so that a signal from here on finds somebody who cleans up. */
    TRY(supervisor_new(&hooks, &box->supervisor, err));
    TRY(open_directory(box, err));
    TRY(ports_claim(PORTS_FIRST, &box->ports, err));
    box->state.ports = &box->ports;
    box->state.timetable = box->options->timetable;
    open_reader(box);
    box->state.are_users_separate = identities_are_separate();
    box->roster = (struct roster){
        .layout = &box->layout,
        .supervisor = box->supervisor,
        .ns = box->state.no_reader == NULL ? &box->ns : NULL,
        .ports = &box->ports,
        .timetable = box->options->timetable,
        .generations = box->options->generations,
        .bin_dir = box->bin_dir,
        .pcscd_dir = box->pcscd_dir,
    };
    TRY(roster_start(&box->roster, progress, box, err));
    TRY(trace_forget(&box->layout, err));
    answer_plug(box);
    box->state.is_ready = true;
    return state_write(&box->layout, box->supervisor, &box->state, err);
}

static int stay(struct box *box, struct err *err)
{
    enum supervisor_event event = SUPERVISOR_RELOAD;

    for (;;) {
        TRY(supervisor_wait(box->supervisor, &event, err));
        if (event == SUPERVISOR_STOP)
            return 0;
        answer_plug(box);
        publish(box);
    }
}

int box_run(const struct box_options *options, struct err *err)
{
    CLEANUP(box_done)
    struct box box = {
        .options = options, .layout = LAYOUT_INIT, .ns = NAMESPACE_INIT, .ports = PORTS_INIT};

    TRY(start(&box, err));
    if (options->ready != NULL)
        options->ready(options->context, box.layout.dir);
    return stay(&box, err);
}
