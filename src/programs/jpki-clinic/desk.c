/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-clinic/desk.h"

#include "base/clock.h"
#include "programs/jpki/key_file.h"

#include <time.h>

enum { MICROSECONDS = 1000000, PAUSE_NS = 300 * 1000 * 1000 };

int desk_open(const struct desk_options *options, struct remote **ret, struct err *err)
{
    const char *portal = options->portal != NULL ? options->portal : environment("JPKI_PORTAL");
    const char *file = options->key_file != NULL ? options->key_file
                                                 : environment("JPKI_TERMINAL_KEY_FILE");
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct origin origin;
    const char *path;

    if (portal == NULL || file == NULL)
        return FAIL(err, ERR_USAGE, "--portal and --terminal-key-file are needed");
    if (options->wait > DESK_WAIT_MAX)
        return FAIL(err, ERR_USAGE, "--wait is at most %d seconds", DESK_WAIT_MAX);
    TRY(origin_parse(portal, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "--portal takes an address without a path");
    TRY(remote_new(&origin, &remote, err));
    remote_keys_at(remote, "/v1/eligibility/keys");
    TRY(key_file_read(file, TENANT_KEY_MAX, &key, err));
    TRY(err_prefix(err, remote_authorise(remote, &key, err), "%s", file));
    *ret = remote;
    remote = NULL;
    return 0;
}

bool desk_pause(const struct desk_options *options, int64_t began)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    if (monotonic_us() - began >= options->wait * MICROSECONDS)
        return false;
    (void)nanosleep(&pause, NULL);
    return true;
}

int desk_await(const struct desk_options *options, const struct remote *remote,
               struct eligibility_answer *answer, struct err *err)
{
    const int64_t began = monotonic_us();

    while (answer->state == ELIGIBILITY_ASKING && desk_pause(options, began)) {
        char lookup[sizeof answer->lookup];

        memcpy(lookup, answer->lookup, sizeof lookup);
        TRY(eligibility_get(remote, lookup, answer, err));
    }
    return 0;
}

int desk_finish(int rc, bool json, const struct err *err)
{
    return finish_as("jpki-clinic", rc, json, err);
}
