/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signer_site.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "signer/keyfile.h"
#include "signer/ledger.h"
#include "signer/server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { OPEN_TRIES = 6 }; /* of SIGNER_DEADLINE_MS each */

/*
 * Encrypting takes long by design, so each key is encrypted once in a run. It is found by what it
 * is: by its address, a key made where another was released would be taken for that one.
 */
static void sealed(const struct privkey *key, const struct digest *fingerprint, struct buf *ret)
{
    static struct {
        struct digest fingerprint;
        uint8_t der[SIGNERD_KEY_FILE_MAX];
        size_t len;
    } cache[PROFILES_];
    static size_t count;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;

    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(digest_bytes(&cache[i].fingerprint), digest_bytes(fingerprint))) {
            assert_int_equal(buf_append(ret, bytes_of(cache[i].der, cache[i].len), NULL), 0);
            return;
        }
    }
    assert_int_equal(secret_copy(BYTES_LITERAL("a passphrase of tests"), &passphrase, NULL), 0);
    assert_int_equal(privkey_seal(key, &passphrase, ret, NULL), 0);
    assert_true(ret->len <= sizeof cache[0].der);
    if (count == PROFILES_)
        return;
    memcpy(cache[count].der, ret->ptr, ret->len);
    cache[count].len = ret->len;
    cache[count++].fingerprint = *fingerprint;
}

void signer_site_add_key(const struct signer_site *site, const char *name,
                         const struct privkey *key)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *ledger = NULL;
    struct digest fingerprint;

    assert_int_equal(path_format(&path, NULL, "%s/%s.key", site->keys, name), 0);
    assert_int_equal(path_format(&ledger, NULL, "%s/%s.ledger", site->keys, name), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&spki), &fingerprint, NULL), 0);
    assert_int_equal(ledger_create(ledger, &fingerprint, NULL), 0);
    sealed(key, &fingerprint, &der);
    assert_int_equal(file_create(path, 0600, buf_bytes(&der), NULL), 0);
}

void signer_site_configure(const struct signer_site *site, const char *allow, const char *more)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(
        buf_append_format(
            &text, NULL,
            "[signer]\nsocket = %s\nsocket_mode = 0666\nkeys = %s\npassphrase_file = %s/pass\n"
            "[key sign-ca]\nrole = ca\nallow_uid = %s\npolicies = 1.2.392.200149.8.5.1.0.20 "
            "1.2.392.200149.8.5.1.1.40\n"
            "subject = OU=OpenJPKI TEST Certification Authority,"
            "OU=OpenJPKI TEST for digital signature,O=OpenJPKI TEST,C=JP\n"
            "[key auth-ca]\nrole = ca\nallow_uid = %u\npolicies = 1.2.392.200149.8.5.1.3.30 "
            "2.999.8.5.1.3.40\n"
            "purposes = 1.3.6.1.5.5.7.3.2\nsubject = OU=OpenJPKI TEST Certification Authority,"
            "OU=OpenJPKI TEST for user authentication,O=OpenJPKI TEST,C=JP\n%s",
            site->socket, site->keys, site->dir.path, allow, (unsigned)geteuid(), more),
        0);
    assert_int_equal(file_replace(site->config, 0600, buf_bytes(&text), NULL), 0);
}

void signer_site_make(struct signer_site *site, const struct test_pki *pki, uid_t allow_uid)
{
    char allow[32];
    char pass[TEMPDIR_FILE_SIZE];

    site->dir = tempdir_make();
    assert_int_equal(chmod(site->dir.path, 0711), 0);
    (void)tempdir_file(&site->dir, "conf", site->config);
    (void)tempdir_file(&site->dir, "s", site->socket);
    (void)tempdir_file(&site->dir, "keys", site->keys);
    (void)tempdir_file(&site->dir, "pass", pass);
    assert_int_equal(mkdir(site->keys, 0700), 0);
    assert_int_equal(file_create(pass, 0600, BYTES_LITERAL("a passphrase of tests\n"), NULL), 0);
    signer_site_add_key(site, "sign-ca", pki->keys[PROFILE_SIGN_CA]);
    signer_site_add_key(site, "auth-ca", pki->keys[PROFILE_AUTH_CA]);
    (void)snprintf(allow, sizeof allow, "%u %u", (unsigned)geteuid(), (unsigned)allow_uid);
    signer_site_configure(site, allow, "");
}

void signer_site_done(struct signer_site *site)
{
    tempdir_done(&site->dir);
}

static int serve(const struct signer_site *site, int stall_ms, int listener)
{
    CLEANUP(keyring_freep) struct keyring *keyring = NULL;
    CLEANUP(fd_done) int lock = -1;
    CLEANUP(fd_done) int signals = -1;
    struct server_setup setup = {
        .listener = listener, .config_path = site->config, .stall_ms = stall_ms};

    if (daemon_signals(&signals, NULL) < 0 || keyring_lock(site->keys, &lock, NULL) < 0 ||
        keyring_open(site->config, &keyring, NULL) < 0)
        return 1;
    setup.signals = signals;
    return server_run(keyring, &setup, NULL) < 0 ? 2 : 0;
}

/* Opening its keys takes a signerd long when the machine is busy, and longer under a sanitizer. */
static int wait_for(const struct signer_site *site, pid_t pid)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    int rc = -ERR_REMOTE;

    for (int tries = 0; tries < OPEN_TRIES && rc == -ERR_REMOTE; tries++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return -ERR_SYSTEM;
        rc = signer_open(site->socket, &signer, NULL);
    }
    return rc;
}

pid_t signer_site_start(const struct signer_site *site, int stall_ms)
{
    int listener;
    pid_t pid;

    /* Listening before the fork: whoever connects next is served. */
    assert_int_equal(sock_listen(site->socket, 0666, &listener, NULL), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(serve(site, stall_ms, listener));
    }
    (void)close(listener);
    assert_int_equal(wait_for(site, pid), 0);
    return pid;
}

int signer_site_stop(pid_t pid, int signal)
{
    int status;

    assert_true(pid > 0); /* else it is a set-up that failed, and kill() means others */
    assert_int_equal(kill(pid, signal), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
