/* SPDX-License-Identifier: Apache-2.0 */
/* A signerd that waits for its custodians, in a child process, and who comes to it. */
#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "rpc/frame.h"
#include "rpc/signer_client.h"
#include "signer/unlock.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STALL_MS = 1500, PATIENCE_MS = 60000, NOBODY_UID = 65534, JOINED = 0, STOPPED = 3 };

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static struct secret secret;
static struct quorum quorum;
static struct share shares[SHARES_MAX];
static pid_t child;

static int setup_quorum(void **state)
{
    const struct quorum_plan plan = {2, 3, false};

    (void)state;
    return quorum_secret(&secret, NULL) < 0 ||
                   quorum_split(&secret, &plan, &quorum, shares, NULL) < 0
               ? -1
               : 0;
}

static int teardown_quorum(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARES_MAX; i++)
        share_done(&shares[i]);
    secret_done(&secret);
    return 0;
}

static void ignore(const struct unlock_event *event)
{
    (void)event;
}

static _Noreturn void wait_for_custodians(int listener, int forget_ms)
{
    struct unlock_setup setup = {
        .listener = listener, .stall_ms = STALL_MS, .forget_ms = forget_ms, .on_event = ignore};
    struct secret joined = SECRET_INIT;
    struct err err = {0};
    bool is_stopped = false;
    int rc = daemon_signals(&setup.signals, &err);

    if (rc == 0)
        rc = unlock_wait(&quorum, &setup, &joined, &is_stopped, &err);
    if (is_stopped)
        _exit(joined.len == 0 ? STOPPED : 1);
    _exit(rc == 0 && bytes_equal_secret(secret_bytes(&joined), secret_bytes(&secret)) ? JOINED : 1);
}

static void start(int forget_ms)
{
    CLEANUP(fd_done) int listener = -1;

    dir = tempdir_make();
    (void)tempdir_file(&dir, "u", path);
    assert_int_equal(sock_listen(path, 0666, &listener, NULL), 0);
    assert_int_equal(chmod(dir.path, 0755), 0);
    child = fork();
    if (child == 0)
        wait_for_custodians(listener, forget_ms);
    assert_true(child > 0);
}

static int ended(void)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int teardown(void **state)
{
    (void)state;
    if (child > 0) {
        (void)kill(child, SIGKILL);
        (void)ended();
    }
    tempdir_done(&dir);
    return 0;
}

static struct signer *come(void)
{
    struct signer *signer = NULL;
    struct err err = {0};

    if (signer_open(path, &signer, &err) < 0)
        fail_msg("%s", err.text);
    signer_set_deadline(signer, PATIENCE_MS);
    return signer;
}

static int give(struct signer *signer, size_t index, struct signer_quorum *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;

    assert_int_equal(share_write(&shares[index], &whole, NULL), 0);
    return signer_give_share(signer, &whole, ret, err);
}

static void what_is_not_for_custodians_is_refused_and_told(void **state)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct signer_key keys[RPC_KEYS_MAX];
    struct signer_quorum standing;
    struct err err = {0};
    size_t count;

    (void)state;
    start(PATIENCE_MS);
    signer = come();
    assert_int_equal(signer_list(signer, keys, &count, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "the keys are not open"));
    assert_int_equal(signer_quorum(signer, &standing, NULL), 0);
    assert_int_equal(standing.needed, 2);
    assert_int_equal(standing.total, 3);
    assert_int_equal(standing.given, 0);
    assert_memory_equal(standing.set, quorum.set, RPC_SET_SIZE);
}

static void a_share_before_the_greeting_is_refused(void **state)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct rpc_frame frame = {.version = 1, .verb = RPC_SHARE, .id = 1};
    uint8_t header[RPC_HEADER_SIZE];

    (void)state;
    start(PATIENCE_MS);
    assert_int_equal(share_write(&shares[0], &whole, NULL), 0);
    assert_int_equal(rpc_put(&body, RPC_TAG_SHARE, secret_bytes(&whole), NULL), 0);
    frame.body = buf_bytes(&body);
    assert_int_equal(rpc_frame_append(&out, &frame, NULL), 0);
    assert_int_equal(sock_connect(path, &fd, NULL), 0);
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    assert_int_equal(sock_read_exact(fd, header, sizeof header, NULL), 0);
    assert_int_equal(header[9], RPC_MALFORMED);
}

/* Whoever dawdles, sends nonsense or goes away does not keep the others out. */
static void who_is_slow_or_talks_nonsense_is_cut_off(void **state)
{
    static const char *const said[] = {"J", "JPKS\0\1", "GET / HTTP/1.1\r\n\r\n................",
                                       ""};
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct signer_quorum standing;

    (void)state;
    start(PATIENCE_MS);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        CLEANUP(fd_done) int fd = -1;
        uint8_t byte;

        assert_int_equal(sock_connect(path, &fd, NULL), 0);
        assert_int_equal(sock_write_all(fd, bytes_text(said[i]), NULL), 0);
        assert_true(read(fd, &byte, 1) <= 0);
    }
    signer = come();
    assert_int_equal(signer_quorum(signer, &standing, NULL), 0);
}

static void another_user_is_turned_away(void **state)
{
    pid_t other;
    int status;

    (void)state;
    if (geteuid() != 0)
        skip();
    start(PATIENCE_MS);
    other = fork();
    if (other == 0) {
        struct signer *signer = NULL;

        if (setgid(NOBODY_UID) < 0 || setuid(NOBODY_UID) < 0)
            _exit(2);
        _exit(signer_open(path, &signer, NULL) == -ERR_REMOTE ? 0 : 1);
    }
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void shares_that_nobody_adds_to_are_forgotten(void **state)
{
    struct signer_quorum standing = {.given = 1};
    int64_t end = monotonic_ms() + PATIENCE_MS;

    (void)state;
    start(200);
    {
        CLEANUP(signer_closep) struct signer *signer = come();

        assert_int_equal(give(signer, 2, &standing, NULL), 0);
        assert_int_equal(standing.given, 1 << 2);
    }
    while (standing.given != 0 && monotonic_ms() < end) {
        CLEANUP(signer_closep) struct signer *signer = NULL;

        (void)usleep(250000); /* nobody comes in the meantime */
        signer = come();
        assert_int_equal(signer_quorum(signer, &standing, NULL), 0);
    }
    assert_int_equal(standing.given, 0);
}

static void a_signal_ends_the_waiting_without_a_secret(void **state)
{
    (void)state;
    start(PATIENCE_MS);
    {
        CLEANUP(signer_closep) struct signer *signer = come();
        struct signer_quorum standing;

        assert_int_equal(give(signer, 0, &standing, NULL), 0);
    }
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(ended(), STOPPED);
}

static void enough_custodians_one_after_the_other_open(void **state)
{
    struct signer_quorum standing;
    struct err err = {0};

    (void)state;
    start(PATIENCE_MS);
    {
        CLEANUP(signer_closep) struct signer *signer = come();

        assert_int_equal(give(signer, 2, &standing, NULL), 0);
        assert_int_equal(give(signer, 2, &standing, &err), -ERR_CONFLICT);
        assert_non_null(strstr(err.text, "share 3 was given already"));
    }
    {
        CLEANUP(signer_closep) struct signer *signer = come();

        assert_int_equal(give(signer, 0, &standing, NULL), 0);
        assert_int_equal(standing.given, 1 << 2 | 1);
    }
    assert_int_equal(ended(), JOINED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_not_for_custodians_is_refused_and_told, teardown),
        cmocka_unit_test_teardown(a_share_before_the_greeting_is_refused, teardown),
        cmocka_unit_test_teardown(who_is_slow_or_talks_nonsense_is_cut_off, teardown),
        cmocka_unit_test_teardown(another_user_is_turned_away, teardown),
        cmocka_unit_test_teardown(shares_that_nobody_adds_to_are_forgotten, teardown),
        cmocka_unit_test_teardown(a_signal_ends_the_waiting_without_a_secret, teardown),
        cmocka_unit_test_teardown(enough_custodians_one_after_the_other_open, teardown),
    };

    return cmocka_run_group_tests(tests, setup_quorum, teardown_quorum);
}
