/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/hand.h"

#include "base/clock.h"
#include "base/file.h"
#include "reader/direct.h"
#include "sandbox/builds.h"
#include "sandbox/clerk.h"
#include "sandbox/issue.h"
#include "sandbox/probe.h"
#include "sandbox/process.h"
#include "sandbox/setup_parts.h"
#include "sandbox/state.h"
#include "sandbox/timing.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

enum { LOOK_EVERY_MS = 20 };

void hand_done(struct hand *hand)
{
    process_stop(hand->pid, STOP_MS);
    hand->pid = 0;
    free_text(&hand->direct);
    free_text(&hand->control);
}

static bool is_in_reader(const struct layout *layout, const char *name)
{
    CLEANUP(json_freep) struct json *state = NULL;
    const char *plugged = NULL;

    return state_read(layout, &state, NULL) == 0 &&
           json_get_text(state, "plugged", &plugged, NULL) == 0 && strcmp(plugged, name) == 0;
}

static int start(const struct hand_options *options, const char *const *words, pid_t *ret,
                 struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *log = NULL;
    const char *argv[12] = {NULL};
    const struct process process = {
        .argv = argv, .directory = options->layout->dir, .identity = IDENTITY_CARD};
    struct process logged = process;

    TRY(build_path(options->bin_dir, "jpki-softcard", &program, err));
    TRY(layout_path(options->layout, "log/jpki-softcard-phone.log", &log, err));
    argv[0] = program;
    for (size_t i = 0; words[i] != NULL; i++)
        argv[i + 1] = words[i];
    logged.log_path = log;
    return process_start(&logged, ret, err);
}

static int make_card(const struct hand_options *options, const char *card, struct err *err)
{
    const char *const words[] = {"make", "--output", card, NULL};
    int status = 0;
    pid_t pid = 0;

    if (setup_exists(card))
        return 0;
    TRY(start(options, words, &pid, err));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return FAIL(err, ERR_REMOTE, "a card could not be made: see log/jpki-softcard-phone.log");
    return 0;
}

static int await_card(const struct hand *hand, struct err *err)
{
    int64_t deadline = monotonic_ms() + READY_MS;

    while (!probe_is_ready(PROBE_SOCKET, hand->control)) {
        if (waitpid(hand->pid, NULL, WNOHANG) == hand->pid || monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE,
                        "the card could not be taken: see log/jpki-softcard-phone.log");
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    return 0;
}

static int serve(const struct hand_options *options, const struct persona *persona,
                 struct hand *hand, struct err *err)
{
    const char *dir = options->layout->dir;
    CLEANUP(free_text) char *folder = NULL;
    CLEANUP(free_text) char *card = NULL;

    TRY(path_format(&folder, err, "%s/card/%s", dir, persona->name));
    TRY(path_format(&card, err, "%s/card", folder));
    TRY(path_format(&hand->direct, err, "%s/phone/%u.direct", dir, options->place));
    TRY(path_format(&hand->control, err, "%s/phone/%u.control", dir, options->place));
    TRY(setup_make_owned(folder, IDENTITY_CARD, err));
    TRY(make_card(options, card, err));
    const char *const words[] = {"serve",     card,          "--direct", hand->direct,
                                 "--control", hand->control, NULL};
    TRY(start(options, words, &hand->pid, err));
    return await_card(hand, err);
}

int hand_take(const struct hand_options *options, const struct persona *persona, struct hand *ret,
              struct err *err)
{
    struct issued issued = {0};

    if (is_in_reader(options->layout, persona->name)) {
        TRY(layout_path(options->layout, "card/direct.sock", &ret->direct, err));
        TRY(layout_path(options->layout, "card/control.sock", &ret->control, err));
    } else {
        TRY(serve(options, persona, ret, err));
    }
    TRY(issue_own_card(options->layout, ret->control, persona, &issued, err));
    ret->is_new = issued.is_new;
    return 0;
}

int hand_open(const struct hand *hand, struct icc **ret, struct err *err)
{
    struct reader *reader = NULL;

    TRY(direct_connect(hand->direct, &reader, err));
    return icc_open(reader, ret, err);
}

int hand_trouble(const struct hand *hand, const char *name, int64_t value, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, name, value, err));
    return clerk_ask(hand->control, "/v1/trouble", body, NULL, err);
}

int hand_mend(const struct hand *hand, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_bool(body, "inserted", true, err));
    return clerk_ask(hand->control, "/v1/insertion", body, NULL, err);
}
