/* SPDX-License-Identifier: Apache-2.0 */
/* signerd's server asked for lists by descriptor and for unwrapping, by clients good and bad. */
#include "base/file.h"
#include "base/sock.h"
#include "crypto/pubkey.h"
#include "revocation/crl_write.h"
#include "rpc/frame.h"
#include "rpc/signer_client.h"
#include "support/revocations.h"
#include "support/signer_site.h"
#include "support/wrap.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STALL_MS = 1000, PEER_UID = 64102, ENTRIES = 400000 };

static struct test_pki pki;
static struct signer_site site;
static struct signer *signer;
static pid_t server;

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char more[256];

    (void)state;
    test_pki_make(&pki);
    signer_site_make(&site, &pki, PEER_UID);
    signer_site_add_key(&site, "wrap", pki.keys[PROFILE_SIGN]);
    signer_site_add_key(&site, "shown", pki.keys[PROFILE_SIGN]);
    (void)snprintf(more, sizeof more,
                   "[key wrap]\nrole = token\nallow_uid = %u\n"
                   "[key shown]\nrole = ocsp\nallow_uid = 64102\npublic_uid = %u\n",
                   (unsigned)geteuid(), (unsigned)geteuid());
    signer_site_configure(&site, "64102", more);
    server = signer_site_start(&site, STALL_MS);
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    return signer_sign(signer, "auth-ca", SIGNER_CERTIFICATE,
                       x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->der, &signature, NULL);
}

static int teardown(void **state)
{
    (void)state;
    signer_closep(&signer);
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

static void who_may_see_a_key_may_not_use_it(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;

    (void)state;
    assert_int_equal(
        signer_sign(signer, "shown", SIGNER_OCSP_RESPONSE, BYTES_LITERAL("x"), &signature, NULL),
        -ERR_DENIED);
    assert_int_equal(signer_unwrap(signer, "shown", BYTES_LITERAL("x"), &plain, NULL), -ERR_DENIED);
    assert_int_equal(signer_public(signer, "shown", &spki, NULL), 0);
    assert_true(spki.len > 256);
}

/* The list of the auth CA with this number, in a file in memory. */
static int list_file(uint64_t number, size_t entry_count)
{
    static struct revocation entries[ENTRIES];
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = number,
                                  .this_update = TEST_PKI_NOW,
                                  .next_update = TEST_PKI_NOW + 86400,
                                  .scope = CRL_SCOPE_USERS};
    struct test_revocations all = {.entries = entries, .count = entry_count};
    const struct revocation_source source = test_revocations_source(&all);
    struct crl_sink sink;
    int fd;

    for (uint32_t i = 0; i < entry_count; i++)
        entries[i] = (struct revocation){i + 1, TEST_PKI_NOW, CRL_AFFILIATION_CHANGED};
    assert_int_equal(signer_memfd(&fd, NULL), 0);
    sink = crl_sink_fd(&fd);
    assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
    return fd;
}

static int sign_list(uint64_t number, size_t entry_count, struct err *err)
{
    CLEANUP(fd_done) int fd = list_file(number, entry_count);
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct pubkey *public = x509_cert_pubkey(pki.certs[PROFILE_AUTH_CA]);
    struct digest digest;

    TRY(signer_sign_fd(signer, "auth-ca", SIGNER_CRL, fd, &signature, err));
    assert_true(lseek(fd, 0, SEEK_SET) == 0);
    assert_int_equal(file_read_fd(fd, RPC_LIST_MAX, &tbs, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    return pubkey_verify(public, &digest, buf_bytes(&signature), err);
}

static void a_list_by_descriptor_is_checked_as_any_other(void **state)
{
    CLEANUP(fd_done) int fd = list_file(1, 0);
    CLEANUP(fd_done) int garbage = -1;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(signer_sign_fd(signer, "nobody", SIGNER_CRL, fd, &signature, NULL),
                     -ERR_ABSENT);
    assert_int_equal(signer_sign_fd(signer, "wrap", SIGNER_CRL, fd, &signature, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(signer_sign_fd(signer, "auth-ca", SIGNER_CERTIFICATE, fd, &signature, &err),
                     -ERR_UNTRUSTED);
    assert_string_equal(err.text, "only a CRL may come as a file");
    assert_int_equal(signer_memfd(&garbage, NULL), 0);
    assert_int_equal(write(garbage, "garbage", 7), 7);
    assert_int_equal(signer_sign_fd(signer, "auth-ca", SIGNER_CRL, garbage, &signature, NULL),
                     -ERR_INPUT);
    assert_null(signature.ptr);
}

static void a_list_of_any_size_is_signed_and_its_number_rises(void **state)
{
    (void)state;
    assert_int_equal(sign_list(10, 3, NULL), 0);
    assert_int_equal(sign_list(10, 4, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_list(9, 3, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_list(11, ENTRIES, NULL), 0);
    assert_int_equal(sign_list(11, ENTRIES, NULL), 0);
}

static void numbers_are_remembered_through_a_kill(void **state)
{
    (void)state;
    assert_int_equal(sign_list(20, 1, NULL), 0);
    assert_int_equal(signer_site_stop(server, SIGKILL), 128 + SIGKILL);
    server = signer_site_start(&site, STALL_MS);
    assert_int_equal(sign_list(20, 2, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_list(19, 1, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_list(21, 1, NULL), 0);
}

/* A client of the protocol that does as it likes. */

static void put_frame(struct buf *out, enum rpc_verb verb, uint32_t id, struct bytes body)
{
    const struct rpc_frame frame = {RPC_VERSION_LOWEST, verb, RPC_QUESTION, id, body};

    assert_int_equal(rpc_frame_append(out, &frame, NULL), 0);
}

static void put_sign_fd(struct buf *out, uint32_t id, uint64_t size)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    assert_int_equal(rpc_put(&body, RPC_TAG_KEY, BYTES_LITERAL("auth-ca"), NULL), 0);
    assert_int_equal(rpc_put_number(&body, RPC_TAG_KIND, SIGNER_CRL, NULL), 0);
    assert_int_equal(rpc_put_number(&body, RPC_TAG_SIZE, size, NULL), 0);
    put_frame(out, RPC_SIGN_FD, id, buf_bytes(&body));
}

/* Sends the bytes with count copies of fd. */
static void send_with(int to, struct bytes data, int fd, size_t count)
{
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec piece = {.iov_len = data.len};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = CMSG_SPACE(count * sizeof fd)};

    memcpy(&piece.iov_base, &data.ptr, sizeof data.ptr);
    *CMSG_FIRSTHDR(&message) = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(count * sizeof fd),
        .cmsg_level = SOL_SOCKET,
        .cmsg_type = SCM_RIGHTS,
    };
    for (size_t i = 0; i < count; i++)
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)) + i * sizeof fd, &fd, sizeof fd);
    assert_int_equal(sendmsg(to, &message, MSG_NOSIGNAL), (ssize_t)data.len);
}

static enum rpc_status answer_of(int fd)
{
    uint8_t header[RPC_HEADER_SIZE];
    uint8_t body[RPC_BODY_MAX];
    size_t len;

    assert_int_equal(sock_read_exact(fd, header, sizeof header, NULL), 0);
    len = (size_t)rpc_number(bytes_of(header + 16, 4));
    assert_true(len <= sizeof body);
    if (len > 0)
        assert_int_equal(sock_read_exact(fd, body, len, NULL), 0);
    return (enum rpc_status)rpc_number(bytes_of(header + 8, 2));
}

static int greeted(void)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int fd;

    assert_int_equal(sock_connect(site.socket, &fd, NULL), 0);
    assert_int_equal(sock_timeout(fd, 5000, NULL), 0);
    assert_int_equal(rpc_put_number(&body, RPC_TAG_VERSIONS, 1 << 16 | 1, NULL), 0);
    put_frame(&out, RPC_HELLO, 1, buf_bytes(&body));
    assert_int_equal(sock_write_all(fd, buf_bytes(&out), NULL), 0);
    assert_int_equal(answer_of(fd), RPC_DONE);
    return fd;
}

static void a_file_that_can_be_changed_is_refused(void **state)
{
    CLEANUP(fd_done) int fd = greeted();
    CLEANUP(fd_done) int list = list_file(30, 2);
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    off_t size = lseek(list, 0, SEEK_END);

    (void)state;
    put_sign_fd(&out, 2, (uint64_t)size);
    send_with(fd, buf_bytes(&out), list, 1);
    assert_int_equal(answer_of(fd), RPC_MALFORMED);
    assert_int_equal(fcntl(list, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
    send_with(fd, buf_bytes(&out), list, 1);
    assert_int_equal(answer_of(fd), RPC_MALFORMED);
    assert_int_equal(fcntl(list, F_ADD_SEALS, F_SEAL_WRITE), 0);
    send_with(fd, buf_bytes(&out), list, 1);
    assert_int_equal(answer_of(fd), RPC_DONE);
}

static void a_file_that_does_not_belong_to_its_question_is_refused(void **state)
{
    CLEANUP(fd_done) int fd = greeted();
    CLEANUP(fd_done) int list = list_file(31, 2);
    CLEANUP(buf_done) struct buf question = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    off_t size = lseek(list, 0, SEEK_END);

    (void)state;
    put_sign_fd(&question, 2, (uint64_t)size);
    assert_int_equal(sock_write_all(fd, buf_bytes(&question), NULL), 0); /* without one */
    assert_int_equal(answer_of(fd), RPC_MALFORMED);
    put_frame(&out, RPC_LIST, 3, bytes_of(NULL, 0)); /* with one that takes none */
    send_with(fd, buf_bytes(&out), list, 1);
    assert_int_equal(answer_of(fd), RPC_MALFORMED);
    /* It was closed: the next question without one has none. */
    assert_int_equal(sock_write_all(fd, buf_bytes(&question), NULL), 0);
    assert_int_equal(answer_of(fd), RPC_MALFORMED);
    assert_int_equal(signer_sign_fd(signer, "auth-ca", SIGNER_CRL, list, &signature, NULL), 0);
}

static size_t descriptors_of(pid_t pid)
{
    char path[64];
    size_t count = 0;
    DIR *dir;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}

/* Until the server has noticed that the connections of tests before are gone. */
static void settle(void)
{
    struct signer_status status = {.connections = 2};

    for (int i = 0; i < 100 && status.connections > 1; i++) {
        assert_int_equal(signer_status(signer, &status, NULL), 0);
        (void)poll(NULL, 0, 20);
    }
    assert_int_equal(status.connections, 1);
}

static void greedy_clients_lose_their_connection_and_leave_no_descriptor(void **state)
{
    size_t before;

    (void)state;
    settle();
    before = descriptors_of(server);
    for (size_t count = 1; count <= 4; count++) {
        CLEANUP(fd_done) int fd = greeted();
        CLEANUP(fd_done) int list = list_file(32, 2);
        uint8_t byte;

        /* Part of a frame, and then nothing more; or more descriptors than one. */
        send_with(fd, BYTES_LITERAL("JPKS"), list, count);
        if (count > 1)
            assert_int_equal(sock_read_exact(fd, &byte, 1, NULL), -ERR_ABSENT);
    }
    for (int i = 0; i < 2; i++) { /* one message after the other */
        CLEANUP(fd_done) int fd = greeted();
        CLEANUP(fd_done) int list = list_file(32, 2);

        send_with(fd, BYTES_LITERAL("JP"), list, 1);
        send_with(fd, BYTES_LITERAL("KS"), list, 1);
    }
    settle();
    assert_int_equal(descriptors_of(server), before);
}

static int unwrap_with(struct bytes wrapped, struct err *err)
{
    CLEANUP(signer_closep) struct signer *own = NULL;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    int rc = signer_open(site.socket, &own, err);

    if (rc == 0)
        rc = signer_unwrap(own, "wrap", wrapped, &key, err);
    if (rc == 0)
        assert_true(bytes_equal(secret_bytes(&key), BYTES_LITERAL("0123456789abcdef")));
    return rc;
}

static void a_key_is_unwrapped_for_its_peer_alone(void **state)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    int status;
    pid_t pid;

    (void)state;
    wrap_for(test_pki_spki(&pki, PROFILE_SIGN), BYTES_LITERAL("0123456789abcdef"), &wrapped);
    assert_int_equal(unwrap_with(buf_bytes(&wrapped), NULL), 0);
    if (geteuid() != 0)
        skip(); /* only root can be somebody else */
    pid = fork();
    if (pid == 0) {
        if (setresgid(PEER_UID, PEER_UID, PEER_UID) < 0 ||
            setresuid(PEER_UID, PEER_UID, PEER_UID) < 0)
            _exit(255);
        _exit(-unwrap_with(buf_bytes(&wrapped), NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_DENIED);
}

static void what_cannot_be_unwrapped_is_always_told_the_same(void **state)
{
    static const uint8_t zeros[RPC_WRAPPED_MAX];
    static const size_t sizes[] = {1, 255, 256, 257, 512};
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(unwrap_with(bytes_of(zeros, sizes[i]), &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, "it cannot be unwrapped with this key");
    }
    wrap_for(test_pki_spki(&pki, PROFILE_AUTH), BYTES_LITERAL("0123456789abcdef"), &other);
    assert_int_equal(unwrap_with(buf_bytes(&other), &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "it cannot be unwrapped with this key");
}

static void a_key_past_the_limit_is_told_as_if_it_were_broken(void **state)
{
    static const uint8_t plain[RPC_PLAIN_MAX + 1];
    CLEANUP(buf_done) struct buf limit = BUF_INIT;
    CLEANUP(buf_done) struct buf past = BUF_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct bytes spki = test_pki_spki(&pki, PROFILE_SIGN);
    struct err err;

    (void)state;
    wrap_for(spki, BYTES_ARRAY(plain), &past);
    assert_int_equal(unwrap_with(buf_bytes(&past), &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "it cannot be unwrapped with this key");
    wrap_for(spki, bytes_of(plain, RPC_PLAIN_MAX), &limit);
    assert_int_equal(signer_unwrap(signer, "wrap", buf_bytes(&limit), &key, NULL), 0);
    assert_int_equal(key.len, RPC_PLAIN_MAX);
}

/* A role says what a key was used for; changing it under a running signerd would undo that. */
static void a_role_does_not_change_by_a_reload(void **state)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    char more[128];

    (void)state;
    wrap_for(test_pki_spki(&pki, PROFILE_SIGN), BYTES_LITERAL("0123456789abcdef"), &wrapped);
    (void)snprintf(more, sizeof more, "[key wrap]\nrole = ocsp\nallow_uid = 64102\n");
    signer_site_configure(&site, "64102", more);
    assert_int_equal(kill(server, SIGHUP), 0);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(unwrap_with(buf_bytes(&wrapped), NULL), 0);
        (void)poll(NULL, 0, 20);
    }
}

/* A nation's takes seconds where nothing else does, and the usual time is for small things. */
static void a_long_list_may_take_longer(void **state)
{
    (void)state;
    signer_set_deadline(signer, 1);
    assert_int_equal(sign_list(40, ENTRIES, NULL), 0);
    signer_set_deadline(signer, SIGNER_DEADLINE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_see_a_key_may_not_use_it),
        cmocka_unit_test(a_list_by_descriptor_is_checked_as_any_other),
        cmocka_unit_test(a_list_of_any_size_is_signed_and_its_number_rises),
        cmocka_unit_test(numbers_are_remembered_through_a_kill),
        cmocka_unit_test(a_file_that_can_be_changed_is_refused),
        cmocka_unit_test(a_file_that_does_not_belong_to_its_question_is_refused),
        cmocka_unit_test(greedy_clients_lose_their_connection_and_leave_no_descriptor),
        cmocka_unit_test(a_key_is_unwrapped_for_its_peer_alone),
        cmocka_unit_test(what_cannot_be_unwrapped_is_always_told_the_same),
        cmocka_unit_test(a_key_past_the_limit_is_told_as_if_it_were_broken),
        cmocka_unit_test(a_role_does_not_change_by_a_reload),
        cmocka_unit_test(a_long_list_may_take_longer),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
