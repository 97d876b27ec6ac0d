/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/plug.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/rand.h"
#include "sandbox/limits.h"
#include "sandbox/state.h"
#include "sandbox/timing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { PLUG_EVERY_MS = 20 };

static int take_text(const struct json *object, const char *key, char *ret, size_t size,
                     struct err *err)
{
    const char *text = NULL;

    TRY(json_get_text(object, key, &text, err));
    if (strlen(text) >= size || strchr(text, '/') != NULL || text[0] == '.')
        return FAIL(err, ERR_INPUT, "the file \"plugged\" of the sandbox is malformed");
    snprintf(ret, size, "%s", text);
    return 0;
}

int plug_read(const struct layout *layout, struct plug *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct plug plug = {0};

    TRY(layout_path(layout, "plugged", &path, err));
    int rc = file_read(path, SANDBOX_PLUG_BYTES_MAX, &text, err);
    if (err_kind_of(rc) == ERR_ABSENT) {
        *ret = plug;
        return 0;
    }
    TRY(rc);
    TRY(json_parse(buf_bytes(&text), &object, err));
    TRY(take_text(object, "persona", plug.persona, sizeof plug.persona, err));
    TRY(take_text(object, "request", plug.request, sizeof plug.request, err));
    *ret = plug;
    return 0;
}

static int write_wish(const struct layout *layout, const char *persona,
                      char ret_request[PLUG_REQUEST_LEN + 1], struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *request = "";
    uint8_t random[PLUG_REQUEST_LEN / 2];

    TRY(rand_fill(random, sizeof random, err));
    TRY(hex_append(&hex, BYTES_ARRAY(random), err));
    TRY(buf_text(&hex, &request, err));
    TRY(json_put_text(object, "persona", persona, err));
    TRY(json_put_text(object, "request", request, err));
    TRY(json_write(object, &text, err));
    TRY(layout_path(layout, "plugged", &path, err));
    TRY(file_replace(path, 0600, buf_bytes(&text), err));
    snprintf(ret_request, PLUG_REQUEST_LEN + 1, "%s", request);
    return 0;
}

static int read_answer(const struct layout *layout, const char *request, bool *ret_answered,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *state = NULL;
    const char *answered = NULL;
    const char *refusal = NULL;

    TRY(state_read(layout, &state, err));
    if (json_get_text(state, "plug_request", &answered, NULL) < 0 || strcmp(answered, request) != 0)
        return 0;
    if (json_get_text(state, "plug_refusal", &refusal, NULL) == 0)
        return FAIL(err, ERR_REMOTE, "the card could not be plugged in: %s", refusal);
    *ret_answered = true;
    return 0;
}

int plug_ask(const struct layout *layout, const char *persona, struct err *err)
{
    char request[PLUG_REQUEST_LEN + 1];
    bool is_answered = false;
    pid_t pid = 0;

    TRY(layout_check(layout, err));
    TRY(layout_running(layout, &pid, err));
    TRY(write_wish(layout, persona, request, err));
    if (kill(pid, SIGHUP) < 0)
        return FAIL_ERRNO(err, "the sandbox (process %d) cannot be asked", (int)pid);
    int64_t deadline = monotonic_ms() + READY_MS + STOP_MS;
    while (!is_answered) {
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "the sandbox did not plug the card in within %d seconds",
                        (READY_MS + STOP_MS) / 1000);
        if (poll(NULL, 0, PLUG_EVERY_MS) < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "poll");
        TRY(read_answer(layout, request, &is_answered, err));
    }
    return 0;
}
