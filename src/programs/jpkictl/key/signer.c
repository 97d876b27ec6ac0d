/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/key/signer.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "signer/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_DEADLINE_MS = 120000 };

/* The one key that is asked for comes first, and is the only one. */
static int keep_only(struct signer_config *config, const char *key, struct err *err)
{
    const struct key_config *row;
    struct key_config first = config->key[0];
    size_t at;

    TRY(signer_config_key(config, key, &row, err));
    at = (size_t)(row - config->key);
    config->key[0] = *row;
    config->key[at] = first;
    config->key_count = 1;
    return 0;
}

static int serve(struct key_site *site, const char *key, const struct secret *passphrase,
                 int listener, struct err *err)
{
    CLEANUP(keyring_freep) struct keyring *keyring = NULL;
    CLEANUP(fd_done) int signals = -1;
    struct server_setup setup = {.listener = listener, .stall_ms = STEP_DEADLINE_MS};
    struct signer_config *config = site->config;

    TRY(daemon_signals(&signals, err));
    TRY(keep_only(config, key, err));
    site->config = NULL; /* the keyring's */
    TRY(keyring_open_with(config, passphrase, &keyring, err));
    setup.signals = signals;
    setup.config_path = "";
    return server_run(keyring, &setup, err);
}

static _Noreturn void be_signer(struct key_site *site, const char *key,
                                const struct secret *passphrase, int listener, pid_t parent)
{
    struct err err = {0};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        serve(site, key, passphrase, listener, &err) < 0)
        (void)fprintf(stderr, "jpkictl: %s\n", err.text);
    _exit(err.kind == ERR_NONE ? 0 : 1);
}

int step_signer_start(struct key_site *site, const char *key, const struct secret *passphrase,
                      struct step_signer *ret, struct err *err)
{
    CLEANUP(fd_done) int listener = -1;
    pid_t parent = getpid();

    *ret = (struct step_signer){.pid = -1};
    TRY(path_format(&ret->socket, err, "%s", site->config->socket));
    TRY(sock_listen(ret->socket, 0600, &listener, err));
    (void)fflush(NULL);
    ret->pid = fork();
    if (ret->pid < 0)
        return FAIL_ERRNO(err, "cannot start a signer");
    if (ret->pid == 0)
        be_signer(site, key, passphrase, listener, parent);
    TRY(signer_open(ret->socket, &ret->client, err));
    signer_set_deadline(ret->client, STEP_DEADLINE_MS);
    return 0;
}

void step_signer_stop(struct step_signer *signer)
{
    signer_closep(&signer->client);
    if (signer->pid > 0) {
        (void)kill(signer->pid, SIGTERM);
        (void)waitpid(signer->pid, NULL, 0);
    }
    if (signer->socket != NULL)
        (void)unlink(signer->socket);
    free_text(&signer->socket);
}
