/* SPDX-License-Identifier: Apache-2.0 */
/* signerd's server in a child process, met by its own client and by clients that misbehave. */
#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "crypto/pubkey.h"
#include "rpc/frame.h"
#include "rpc/signer_client.h"
#include "signer/keyring.h"
#include "signer/limits.h"
#include "support/signer_site.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STALL_MS = 3000, PEER_UID = 64102, OTHER_UID = 64103, NOBODY_UID = 65534 };
enum { CROWD = 8, CROWD_NUMBERS = 20 };

static struct test_pki pki;
static struct signer_site site;
static pid_t server;

static int setup_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int teardown_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* For tests that leave nothing behind: the server of the test before may stay. */
static int setup_any(void **state)
{
    (void)state;
    if (server > 0)
        return 0;
    signer_site_make(&site, &pki, PEER_UID);
    server = signer_site_start(&site, STALL_MS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (server > 0)
        assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    server = 0;
    signer_site_done(&site);
    return 0;
}

static int setup_fresh(void **state)
{
    if (server > 0)
        assert_int_equal(teardown(state), 0);
    return setup_any(state);
}

static struct bytes tbs_of(enum profile_kind kind)
{
    return x509_cert_tbs(pki.certs[kind])->der;
}

static int sign(const char *key, struct bytes tbs, struct buf *ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    int rc = signer_open(site.socket, &signer, err);

    return rc < 0 ? rc : signer_sign(signer, key, SIGNER_CERTIFICATE, tbs, ret, err);
}

static int try_sign(const char *key, enum profile_kind kind, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    return sign(key, tbs_of(kind), &signature, err);
}

/* A client of the protocol that does as it likes. */
static int connected(void)
{
    int fd;

    assert_int_equal(sock_connect(site.socket, &fd, NULL), 0);
    assert_int_equal(sock_timeout(fd, 5000, NULL), 0);
    return fd;
}

static void put_frame(struct buf *out, enum rpc_verb verb, uint32_t id, struct bytes body)
{
    const struct rpc_frame frame = {RPC_VERSION_LOWEST, verb, RPC_QUESTION, id, body};

    assert_int_equal(rpc_frame_append(out, &frame, NULL), 0);
}

static void put_hello(struct buf *out, uint32_t lowest, uint32_t highest)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    assert_int_equal(rpc_put_number(&body, RPC_TAG_VERSIONS, lowest << 16 | highest, NULL), 0);
    put_frame(out, RPC_HELLO, 1, buf_bytes(&body));
}

/* One answer, into the caller's buffer. */
static struct rpc_frame answer_of(int fd, struct buf *in)
{
    struct rpc_frame frame = {0};
    struct bytes rest;
    size_t len;

    buf_clear(in);
    assert_int_equal(buf_reserve(in, RPC_HEADER_SIZE + RPC_BODY_MAX, NULL), 0);
    assert_int_equal(sock_read_exact(fd, in->ptr, RPC_HEADER_SIZE, NULL), 0);
    len = (size_t)rpc_number(bytes_of(in->ptr + 16, 4));
    if (len > 0)
        assert_int_equal(sock_read_exact(fd, in->ptr + RPC_HEADER_SIZE, len, NULL), 0);
    rest = bytes_of(in->ptr, RPC_HEADER_SIZE + len);
    assert_int_equal(rpc_frame_take(&rest, &frame, NULL), 0);
    return frame;
}

static void assert_sentence(const struct rpc_frame *frame, const char *sentence)
{
    struct rpc_fields fields;
    char text[RPC_SENTENCE_MAX + 1];

    assert_int_equal(rpc_fields_parse(frame, &fields, NULL), 0);
    rpc_text(fields.value[RPC_TAG_SENTENCE], text, sizeof text);
    assert_string_equal(text, sentence);
}

/* Whether the server has ended the connection. */
static void assert_closed(int fd)
{
    uint8_t byte;

    assert_int_equal(sock_read_exact(fd, &byte, 1, NULL), -ERR_ABSENT);
}

/* What a process of another user gets: the negative of signer_open and signer_sign, or 0. */
static int as_user(uid_t uid, const char *key, enum profile_kind kind)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
            _exit(255);
        _exit(-try_sign(key, kind, NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void a_user_who_is_not_listed_is_turned_away(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can be somebody else; the next test is for everybody */
    assert_int_equal(as_user(NOBODY_UID, "sign-ca", PROFILE_SIGN_CA), -ERR_DENIED);
    /* One key is not the other: PEER_UID is listed for sign-ca only. */
    assert_int_equal(as_user(PEER_UID, "auth-ca", PROFILE_AUTH_CA), -ERR_DENIED);
    assert_int_equal(as_user(PEER_UID, "sign-ca", PROFILE_SIGN_CA), 0);
}

static void neither_root_nor_our_own_user_may_sign_unless_listed(void **state)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct signer_key keys[RPC_KEYS_MAX];
    struct signer_status status;
    size_t count;

    (void)state;
    signer_site_configure(&site, "64102", "");
    assert_int_equal(kill(server, SIGHUP), 0);
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    /* The reload may come after our first question, but not after this many. */
    for (int i = 0; i < 200 && signer_public(signer, "sign-ca", &spki, NULL) == 0; i++) {
        buf_done(&spki);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(signer_public(signer, "sign-ca", &spki, NULL), -ERR_DENIED);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), -ERR_DENIED);
    assert_int_equal(signer_list(signer, keys, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_string_equal(keys[0].name, "auth-ca");
    assert_int_equal(signer_status(signer, &status, NULL), 0);
    assert_int_equal(status.keys, 2);
}

static void what_the_role_forbids_is_refused_with_a_sentence(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(try_sign("no-such-key", PROFILE_SIGN_CA, &err), -ERR_ABSENT);
    assert_string_equal(err.text, "there is no key no-such-key here");
    assert_int_equal(try_sign("sign-ca", PROFILE_AUTH_CA, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "CA:TRUE for a key that is not this one");
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "this key has no CA certificate yet");
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, &err), 0);
    assert_int_equal(try_sign("sign-ca", PROFILE_AUTH, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "the issuer is not this key's own name");
}

static void versions_are_agreed_on_by_the_first_frame(void **state)
{
    static const struct {
        uint32_t lowest, highest;
        enum rpc_status status;
    } rows[] = {
        {1, 1, RPC_DONE},      {0, 1, RPC_DONE},      {1, 7, RPC_DONE},
        {2, 3, RPC_MALFORMED}, {0, 0, RPC_MALFORMED}, {7, 1, RPC_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(fd_done) int fd = connected();
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        CLEANUP(buf_done) struct buf in = BUF_INIT;
        struct rpc_frame frame;
        struct rpc_fields fields;

        put_hello(&out, rows[i].lowest, rows[i].highest);
        assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
        frame = answer_of(fd, &in);
        assert_int_equal(frame.status, rows[i].status);
        assert_int_equal(frame.id, 1);
        assert_int_equal(rpc_fields_parse(&frame, &fields, NULL), 0);
        if (frame.status == RPC_DONE)
            assert_int_equal(rpc_number(fields.value[RPC_TAG_VERSION]), 1);
    }
}

static void nothing_is_answered_before_the_greeting_or_after_a_second(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf in = BUF_INIT;
    struct rpc_frame frame;

    (void)state;
    put_frame(&out, RPC_LIST, 5, bytes_of(NULL, 0));
    put_hello(&out, 1, 1);
    put_hello(&out, 1, 1);
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    frame = answer_of(fd, &in);
    assert_int_equal(frame.id, 5);
    assert_int_equal(frame.status, RPC_MALFORMED);
    assert_sentence(&frame, "the greeting comes first and once");
    frame = answer_of(fd, &in);
    assert_int_equal(frame.status, RPC_DONE);
    frame = answer_of(fd, &in);
    assert_int_equal(frame.status, RPC_MALFORMED);
}

static void what_is_no_frame_is_refused_and_ends_the_connection(void **state)
{
    static const char *const rows[] = {
        "GET / HTTP/1.1\r\n\r\n", "JPKS\0\1\0\1\0\0\0\1\0\0\0\0\0\0\0\0", /* reserved bytes */
        "JPKS\0\1\0\4\0\0\0\0\0\0\0\1\0\0\x40\1",                         /* RPC_BODY_MAX + 1 */
        "JPKS\0\2\0\1\0\0\0\0\0\0\0\1\0\0\0\0", /* a version that is not there */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(fd_done) int fd = connected();
        CLEANUP(buf_done) struct buf in = BUF_INIT;
        struct rpc_frame frame;

        assert_int_equal(sock_write_all(fd, bytes_of(rows[i], 18 + (i > 0) * 2), NULL), 0);
        frame = answer_of(fd, &in);
        assert_int_equal(frame.status, RPC_MALFORMED);
        assert_int_equal(frame.id, 0);
        assert_closed(fd);
    }
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
}

static void several_questions_at_once_are_answered_in_order(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf in = BUF_INIT;

    (void)state;
    put_hello(&out, 1, 1);
    for (uint32_t id = 2; id < 300; id++)
        put_frame(&out, RPC_LIST, id, bytes_of(NULL, 0));
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    for (uint32_t id = 1; id < 300; id++)
        assert_int_equal(answer_of(fd, &in).id, id);
}

static void what_is_no_frame_is_refused_after_the_questions_before_it(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf in = BUF_INIT;
    uint32_t last = 2 * SIGNERD_QUESTIONS_AT_ONCE + 1;

    (void)state;
    put_hello(&out, 1, 1);
    for (uint32_t id = 2; id <= last; id++)
        put_frame(&out, RPC_LIST, id, bytes_of(NULL, 0));
    assert_int_equal(buf_append(&out, BYTES_LITERAL("GET / HTTP/1.1\r\n"), NULL), 0);
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    for (uint32_t id = 1; id <= last; id++)
        assert_int_equal(answer_of(fd, &in).id, id);
    assert_int_equal(answer_of(fd, &in).status, RPC_MALFORMED);
    assert_closed(fd);
}

static void a_half_closed_client_still_gets_its_answers(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf in = BUF_INIT;

    (void)state;
    put_hello(&out, 1, 1);
    put_frame(&out, RPC_LIST, 2, bytes_of(NULL, 0));
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(answer_of(fd, &in).id, 1);
    assert_int_equal(answer_of(fd, &in).id, 2);
    assert_closed(fd);
}

static void a_client_that_drips_bytes_is_cut_and_holds_up_nobody(void **state)
{
    CLEANUP(fd_done) int slow = connected();
    CLEANUP(fd_done) int silent = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int64_t started = monotonic_ms();
    bool is_cut = false;
    int pause_ms;

    (void)state;
    put_hello(&out, 1, 1);
    pause_ms = 2 * STALL_MS / (int)out.len; /* the whole of it takes too long */
    for (size_t i = 0; i < out.len && !is_cut; i++) {
        int64_t asked = monotonic_ms();

        is_cut = sock_write_all(slow, bytes_of(out.ptr + i, 1), NULL) < 0;
        assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
        assert_true(monotonic_ms() - asked < STALL_MS);
        (void)poll(NULL, 0, pause_ms);
    }
    assert_true(is_cut);
    assert_true(monotonic_ms() - started < 10 * STALL_MS);
    /* The same for one who never says a word. */
    assert_closed(silent);
}

static void a_client_that_does_not_read_is_cut_and_holds_up_nobody(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int64_t deadline = monotonic_ms() + 20LL * STALL_MS;
    ssize_t put;

    (void)state;
    put_hello(&out, 1, 1);
    for (uint32_t id = 2; id < 500; id++)
        put_frame(&out, RPC_STATUS, id, bytes_of(NULL, 0));
    do {
        put = send(fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
        (void)poll(NULL, 0, 5);
    } while ((put > 0 || errno == EAGAIN) && monotonic_ms() < deadline);
    assert_int_equal(put, -1);
    assert_true(errno == EPIPE || errno == ECONNRESET);
}

/* Open count connections and greet on each; returns how many the server kept. */
static int hold(int fds[], int count)
{
    int kept = 0;

    for (int i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        CLEANUP(buf_done) struct buf in = BUF_INIT;

        fds[i] = connected();
        put_hello(&out, 1, 1);
        (void)send(fds[i], out.ptr, out.len, MSG_NOSIGNAL);
        kept += answer_of(fds[i], &in).status == RPC_DONE;
    }
    return kept;
}

static void let_go(const int fds[], int count)
{
    for (int i = 0; i < count; i++)
        (void)close(fds[i]);
}

static void one_connection_of_a_user_too_many_is_refused(void **state)
{
    int fds[SIGNERD_CONNECTIONS_PER_USER + 1];
    struct err err;

    (void)state;
    assert_int_equal(hold(fds, SIGNERD_CONNECTIONS_PER_USER), SIGNERD_CONNECTIONS_PER_USER);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "has 32 connections already"));
    let_go(fds, 1);
    assert_int_equal(hold(fds, 1), 1);
    let_go(fds, SIGNERD_CONNECTIONS_PER_USER);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, &err), 0);
}

static void one_connection_too_many_in_all_is_refused(void **state)
{
    enum { MINE = SIGNERD_CONNECTIONS_PER_USER, THEIRS = SIGNERD_CONNECTIONS_MAX - MINE };
    int fds[SIGNERD_CONNECTIONS_MAX];
    int ready[2];
    uint8_t kept;
    pid_t pid;

    (void)state;
    if (geteuid() != 0)
        skip(); /* needs three users */
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        if (setresuid(PEER_UID, PEER_UID, PEER_UID) < 0)
            _exit(1);
        kept = (uint8_t)hold(fds, THEIRS);
        (void)!write(ready[1], &kept, 1);
        (void)pause();
    }
    assert_int_equal(read(ready[0], &kept, 1), 1);
    assert_int_equal(kept, THEIRS);
    signer_site_configure(&site, "0 64102 64103", "");
    assert_int_equal(kill(server, SIGHUP), 0);
    assert_int_equal(hold(fds, MINE - 1), MINE - 1);
    assert_int_equal(as_user(OTHER_UID, "sign-ca", PROFILE_SIGN_CA), 0);
    assert_int_equal(hold(fds + MINE - 1, 1), 1);
    assert_int_equal(as_user(OTHER_UID, "sign-ca", PROFILE_SIGN_CA), -ERR_REMOTE);
    let_go(fds, MINE);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void a_broken_configuration_changes_nothing(void **state)
{
    struct signer_status status;
    CLEANUP(signer_closep) struct signer *signer = NULL;

    (void)state;
    signer_site_configure(&site, "64102", "colour = red\n");
    assert_int_equal(kill(server, SIGHUP), 0);
    (void)poll(NULL, 0, 200);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
    /* One that is whole but names a key that was never made. */
    signer_site_configure(&site, "64102",
                          "[key new]\nrole = ca\nallow_uid = 1\nsubject = C=JP\npolicies = 1.2\n");
    assert_int_equal(kill(server, SIGHUP), 0);
    (void)poll(NULL, 0, 200);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN, NULL), 0);
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    assert_int_equal(signer_status(signer, &status, NULL), 0);
    assert_int_equal(status.keys, 2);
    assert_int_equal(status.signatures, 2);
}

static void a_reload_keeps_the_memory_of_keys(void **state)
{
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    inputs.not_after--;
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &other, NULL), 0);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
        assert_int_equal(try_sign("sign-ca", PROFILE_SIGN, NULL), 0);
        assert_int_equal(sign("sign-ca", buf_bytes(&other), &signature, NULL), -ERR_CONFLICT);
        assert_int_equal(kill(server, SIGHUP), 0);
        (void)poll(NULL, 0, 100);
    }
}

static void a_question_on_its_way_is_answered_before_the_end(void **state)
{
    CLEANUP(fd_done) int fd = connected();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf in = BUF_INIT;
    int64_t started = monotonic_ms();
    int status;
    int other;

    (void)state;
    put_hello(&out, 1, 1);
    assert_int_equal(sock_write_all(fd, bytes_of(out.ptr, 7), NULL), 0);
    (void)poll(NULL, 0, 50);
    assert_int_equal(kill(server, SIGTERM), 0);
    while (sock_connect(site.socket, &other, NULL) == 0) {
        fd_done(&other);
        assert_true(monotonic_ms() - started < STALL_MS);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(sock_write_all(fd, bytes_of(out.ptr + 7, 10), NULL), 0);
    (void)poll(NULL, 0, 50);
    assert_int_equal(sock_write_all(fd, bytes_of(out.ptr + 17, out.len - 17), NULL), 0);
    assert_int_equal(answer_of(fd, &in).status, RPC_DONE);
    assert_closed(fd);
    assert_int_equal(waitpid(server, &status, 0), server);
    server = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_client_goes_on_after_signerd_was_killed(void **state)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN_CA);
    struct bytes tbs = tbs_of(PROFILE_SIGN_CA);

    (void)state;
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    assert_int_equal(signer_sign(signer, "sign-ca", SIGNER_CERTIFICATE, tbs, &first, NULL), 0);
    assert_int_equal(signer_site_stop(server, SIGKILL), 128 + SIGKILL);
    server = 0;
    assert_int_equal(signer_sign(signer, "sign-ca", SIGNER_CERTIFICATE, tbs, &again, NULL),
                     -ERR_REMOTE);
    server = signer_site_start(&site, STALL_MS);
    assert_int_equal(signer_sign(signer, "sign-ca", SIGNER_CERTIFICATE, tbs, &again, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&again)));
    /* And signerd remembers across its death. */
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN_CA);
    inputs.serial = 3;
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN_CA), &inputs, &other, NULL), 0);
    buf_clear(&again);
    assert_int_equal(
        signer_sign(signer, "sign-ca", SIGNER_CERTIFICATE, buf_bytes(&other), &again, NULL),
        -ERR_CONFLICT);
}

/* Kill it in the middle of signing, again and again: an answered number is never free. */
static void what_was_answered_before_a_kill_is_remembered(void **state)
{
    (void)state;
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
    for (int round = 0; round < 3; round++) {
        struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
        uint32_t answered = 0;
        pid_t killer = fork();

        if (killer == 0) {
            (void)poll(NULL, 0, 20 + 30 * round);
            _exit(kill(server, SIGKILL) == 0 ? 0 : 1);
        }
        inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
        for (inputs.serial = (uint32_t)(1000 * (round + 1));; inputs.serial++) {
            CLEANUP(buf_done) struct buf tbs = BUF_INIT;
            CLEANUP(buf_done) struct buf signature = BUF_INIT;

            assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, NULL), 0);
            if (sign("sign-ca", buf_bytes(&tbs), &signature, NULL) < 0)
                break;
            answered = inputs.serial;
        }
        assert_int_equal(waitpid(killer, NULL, 0), killer);
        assert_int_equal(waitpid(server, NULL, 0), server);
        server = signer_site_start(&site, STALL_MS);
        if (answered > 0) {
            CLEANUP(buf_done) struct buf tbs = BUF_INIT;
            CLEANUP(buf_done) struct buf signature = BUF_INIT;

            inputs.serial = answered;
            inputs.not_after--;
            assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, NULL), 0);
            assert_int_equal(sign("sign-ca", buf_bytes(&tbs), &signature, NULL), -ERR_CONFLICT);
        }
    }
}

/* Whoever asks, beside others, for as many certificates as there are numbers. */
struct crowd_member {
    pthread_t thread;
    const char *key;
    struct buf asked[CROWD_NUMBERS], got[CROWD_NUMBERS];
    int rcs[CROWD_NUMBERS];
};

static void *ask_for_all(void *argument)
{
    struct crowd_member *member = argument;
    struct signer *signer = NULL;
    int opened = signer_open(site.socket, &signer, NULL);

    for (size_t i = 0; i < CROWD_NUMBERS; i++)
        member->rcs[i] = opened < 0
                             ? opened
                             : signer_sign(signer, member->key, SIGNER_CERTIFICATE,
                                           buf_bytes(&member->asked[i]), &member->got[i], NULL);
    signer_close(signer);
    return NULL;
}

static void prepare_member(struct crowd_member *member, size_t number)
{
    enum profile_kind kind = number % 2 == 0 ? PROFILE_SIGN : PROFILE_AUTH;
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);

    member->key = kind == PROFILE_SIGN ? "sign-ca" : "auth-ca";
    inputs.spki = test_pki_spki(&pki, kind);
    inputs.not_after -= (int64_t)number;
    for (uint32_t i = 0; i < CROWD_NUMBERS; i++) {
        inputs.serial = 70000 + i;
        assert_int_equal(profile_build_tbs(profile_of(kind), &inputs, &member->asked[i], NULL), 0);
    }
}

static void check_signed(const struct crowd_member *member, size_t number, size_t i)
{
    const struct x509_cert *ca = pki.certs[number % 2 == 0 ? PROFILE_SIGN_CA : PROFILE_AUTH_CA];
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&member->asked[i]), &digest, NULL), 0);
    assert_int_equal(pubkey_verify(x509_cert_pubkey(ca), &digest, buf_bytes(&member->got[i]), NULL),
                     0);
}

/* Signatures are made by several threads at a time, with two keys; the ledger is still one. */
static void one_of_a_crowd_gets_each_number_and_a_right_signature(void **state)
{
    static struct crowd_member crowd[CROWD];

    (void)state;
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
    assert_int_equal(try_sign("auth-ca", PROFILE_AUTH_CA, NULL), 0);
    for (size_t n = 0; n < CROWD; n++)
        prepare_member(&crowd[n], n);
    for (size_t n = 0; n < CROWD; n++)
        assert_int_equal(pthread_create(&crowd[n].thread, NULL, ask_for_all, &crowd[n]), 0);
    for (size_t n = 0; n < CROWD; n++)
        assert_int_equal(pthread_join(crowd[n].thread, NULL), 0);
    for (size_t i = 0; i < CROWD_NUMBERS; i++) {
        unsigned given[2] = {0, 0}; /* by each key */

        for (size_t n = 0; n < CROWD; n++) {
            given[n % 2] += crowd[n].rcs[i] == 0;
            if (crowd[n].rcs[i] == 0)
                check_signed(&crowd[n], n, i);
            else
                assert_int_equal(crowd[n].rcs[i], -ERR_CONFLICT);
            buf_done(&crowd[n].asked[i]);
            buf_done(&crowd[n].got[i]);
        }
        assert_int_equal(given[0], 1);
        assert_int_equal(given[1], 1);
    }
}

/* In one round, too, the ledger sees one after the other. */
static void of_wishes_for_one_number_the_first_is_granted(void **state)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct buf tbs[RPC_WISHES_MAX] = {BUF_INIT};
    struct signer_wish wishes[RPC_WISHES_MAX];
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);

    (void)state;
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, NULL), 0);
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    for (uint32_t i = 0; i < RPC_WISHES_MAX; i++) {
        inputs.serial = 80000 + i / 2;
        inputs.not_after--;
        assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs[i], NULL), 0);
        wishes[i] = (struct signer_wish){"sign-ca", SIGNER_CERTIFICATE, buf_bytes(&tbs[i])};
    }
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    signer_sign_all(signer, wishes, RPC_WISHES_MAX);
    for (size_t i = 0; i < RPC_WISHES_MAX; i++) {
        struct digest digest;

        assert_int_equal(wishes[i].rc, i % 2 == 0 ? 0 : -ERR_CONFLICT);
        assert_int_equal(digest_compute(DIGEST_SHA256, wishes[i].tbs, &digest, NULL), 0);
        assert_int_equal(pubkey_verify(x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]), &digest,
                                       buf_bytes(&wishes[i].signature), NULL),
                         i % 2 == 0 ? 0 : -ERR_UNTRUSTED);
        buf_done(&wishes[i].signature);
        buf_done(&tbs[i]);
    }
}

static void a_directory_of_keys_in_use_is_locked(void **state)
{
    CLEANUP(fd_done) int lock = -1;
    struct err err;

    (void)state;
    assert_int_equal(keyring_lock(site.keys, &lock, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another jpki-signerd is using it"));
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    server = 0;
    assert_int_equal(keyring_lock(site.keys, &lock, NULL), 0);
}

/* Everything lies on a file system of 256 KiB that is filled up and emptied again. */
static void a_full_disk_stops_signing_until_there_is_room(void **state)
{
    static uint8_t block[4096];
    char filler[TEMPDIR_FILE_SIZE];
    struct err err;
    int fd;

    (void)state;
    if (server > 0)
        assert_int_equal(teardown(state), 0);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/tmp", "tmpfs", 0, "size=256k") < 0)
        skip(); /* not permitted to mount */
    signer_site_make(&site, &pki, PEER_UID);
    server = signer_site_start(&site, STALL_MS);
    (void)tempdir_file(&site.dir, "filler", filler);
    fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, block, sizeof block) > 0)
        ;
    (void)close(fd);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, &err), -ERR_REMOTE);
    assert_string_equal(err.text, "signerd has a fault of its own, see its log");
    assert_int_equal(unlink(filler), 0);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN_CA, &err), 0);
    assert_int_equal(try_sign("sign-ca", PROFILE_SIGN, &err), 0);
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    server = 0;
    signer_site_done(&site);
    assert_int_equal(umount2("/tmp", MNT_DETACH), 0);
}

/* On any server; on one of its own; on one that nobody can use afterwards. */
#define SHARED(test) cmocka_unit_test_setup(test, setup_any)
#define FRESH(test)  cmocka_unit_test_setup(test, setup_fresh)
#define LAST(test)   cmocka_unit_test_setup_teardown(test, setup_any, teardown)
#define OWN(test)    cmocka_unit_test_setup_teardown(test, setup_fresh, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARED(a_user_who_is_not_listed_is_turned_away),
        OWN(neither_root_nor_our_own_user_may_sign_unless_listed),
        FRESH(what_the_role_forbids_is_refused_with_a_sentence),
        SHARED(versions_are_agreed_on_by_the_first_frame),
        SHARED(nothing_is_answered_before_the_greeting_or_after_a_second),
        SHARED(what_is_no_frame_is_refused_and_ends_the_connection),
        SHARED(several_questions_at_once_are_answered_in_order),
        SHARED(what_is_no_frame_is_refused_after_the_questions_before_it),
        SHARED(a_half_closed_client_still_gets_its_answers),
        SHARED(a_client_that_drips_bytes_is_cut_and_holds_up_nobody),
        SHARED(a_client_that_does_not_read_is_cut_and_holds_up_nobody),
        SHARED(one_connection_of_a_user_too_many_is_refused),
        SHARED(a_reload_keeps_the_memory_of_keys),
        LAST(a_question_on_its_way_is_answered_before_the_end),
        OWN(one_connection_too_many_in_all_is_refused),
        OWN(a_broken_configuration_changes_nothing),
        FRESH(a_client_goes_on_after_signerd_was_killed),
        SHARED(what_was_answered_before_a_kill_is_remembered),
        SHARED(one_of_a_crowd_gets_each_number_and_a_right_signature),
        SHARED(of_wishes_for_one_number_the_first_is_granted),
        LAST(a_directory_of_keys_in_use_is_locked),
        cmocka_unit_test(a_full_disk_stops_signing_until_there_is_room),
    };

    return cmocka_run_group_tests(tests, setup_pki, teardown_pki);
}
