/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/signerd.h"

#include "base/clock.h"
#include "base/file.h"
#include "programs/jpki-bench/bench.h"
#include "sandbox/process.h"

#include <poll.h>
#include <sys/stat.h>

enum { READY_MS = 30000, LOOK_MS = 10 };

static int write_config(const struct bench_signerd *made, const char *socket, const char *path,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err,
                          "[signer]\nsocket = %s\nkeys = %s/keys\npassphrase_file = %s/pass\n%s",
                          socket, made->dir, made->dir, made->section));
    return file_replace(path, 0600, buf_bytes(&text), err);
}

int bench_signerd_start(const struct bench_signerd *made, char **ret_socket, pid_t *ret,
                        struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *config = NULL;
    CLEANUP(free_text) char *keys = NULL;
    CLEANUP(free_text) char *log = NULL;
    double unused;

    TRY(beside("jpki-signerd", &program, err));
    TRY(path_format(&config, err, "%s/signerd.conf", made->dir));
    TRY(path_format(&keys, err, "%s/keys", made->dir));
    TRY(path_format(&log, err, "%s/log", made->dir));
    TRY(path_format(ret_socket, err, "%s/signer", made->dir));
    TRY(write_config(made, *ret_socket, config, err));
    if (mkdir(keys, 0700) < 0)
        return FAIL_ERRNO(err, "%s", keys);
    const char *const make[] = {program,   "keygen", "--config", config, "--new-passphrase",
                                made->key, NULL};
    TRY(run_command(make, &unused, NULL, err));
    const char *const again[] = {program, "keygen", "--config", config, made->more, NULL};
    if (made->more != NULL)
        TRY(run_command(again, &unused, NULL, err));
    const char *const argv[] = {program, "serve", "--config", config, NULL};
    const struct process process = {.argv = argv, .log_path = log, .identity = IDENTITY_OWNER};
    return process_start(&process, ret, err);
}

int bench_signerd_connect(const char *socket, struct signer **ret, struct err *err)
{
    int64_t until_ms = monotonic_ms() + READY_MS;

    for (;;) {
        int rc = signer_open(socket, ret, err);

        if (rc != -ERR_REMOTE || monotonic_ms() > until_ms)
            return rc;
        (void)poll(NULL, 0, LOOK_MS);
    }
}
