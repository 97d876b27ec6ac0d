/* SPDX-License-Identifier: Apache-2.0 */
/* signerd's server asked for lists in pieces and for unwrapping, by clients good and bad. */
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
static char more_keys[256]; /* their sections */

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    test_pki_make(&pki);
    signer_site_make(&site, &pki, PEER_UID);
    signer_site_add_key(&site, "wrap", pki.keys[PROFILE_SIGN]);
    signer_site_add_key(&site, "shown", pki.keys[PROFILE_SIGN]);
    (void)snprintf(more_keys, sizeof more_keys,
                   "[key wrap]\nrole = token\nallow_uid = %u\n"
                   "[key shown]\nrole = ocsp\nallow_uid = 64102\npublic_uid = %u\n",
                   (unsigned)geteuid(), (unsigned)geteuid());
    signer_site_configure(&site, "64102", more_keys);
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

static struct crl_head head_of(uint64_t number)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);

    return (struct crl_head){.issuer = ca->subject,
                             .authority_key_id = ca->subject_key_id,
                             .number = number,
                             .this_update = TEST_PKI_NOW,
                             .next_update = TEST_PKI_NOW + 86400,
                             .scope = CRL_SCOPE_USERS};
}

/* The list of the auth CA with this number. */
static void make_list(uint64_t number, size_t entry_count, struct buf *ret)
{
    static struct revocation entries[ENTRIES];
    const struct crl_head head = head_of(number);
    struct test_revocations all = {.entries = entries, .count = entry_count};
    const struct revocation_source source = test_revocations_source(&all);
    const struct crl_sink sink = crl_sink_buf(ret);

    for (uint32_t i = 0; i < entry_count; i++)
        entries[i] = (struct revocation){i + 1, TEST_PKI_NOW, CRL_AFFILIATION_CHANGED};
    assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
}

static int sign_bytes(struct bytes tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct pubkey *public = x509_cert_pubkey(pki.certs[PROFILE_AUTH_CA]);
    struct digest digest;

    TRY(signer_list_begin(signer, "auth-ca", err));
    TRY(signer_list_add(signer, tbs, err));
    TRY(signer_list_end(signer, &signature, err));
    assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
    return pubkey_verify(public, &digest, buf_bytes(&signature), err);
}

static int sign_list(uint64_t number, size_t entry_count, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    make_list(number, entry_count, &tbs);
    return sign_bytes(buf_bytes(&tbs), err);
}

static void a_list_in_pieces_is_checked_as_any_other(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(signer_list_begin(signer, "nobody", NULL), -ERR_ABSENT);
    assert_int_equal(signer_list_begin(signer, "shown", NULL), -ERR_DENIED);
    assert_int_equal(signer_list_begin(signer, "wrap", &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "keys of role token sign no lists");
    assert_int_equal(sign_bytes(BYTES_LITERAL("garbage"), NULL), -ERR_INPUT);
    assert_int_equal(sign_bytes(bytes_of(NULL, 0), NULL), -ERR_INPUT);
    make_list(2, 1000, &tbs);
    assert_int_equal(sign_bytes(bytes_of(tbs.ptr, tbs.len - 1), &err), -ERR_INPUT);
    assert_string_equal(err.text, "a list that is cut off");
    assert_int_equal(buf_append_byte(&tbs, 0, NULL), 0);
    assert_int_equal(sign_bytes(buf_bytes(&tbs), NULL), -ERR_INPUT);
}

/* Somewhere in the middle, where a reader that looks at the ends alone would not notice. */
static void a_list_with_one_entry_out_of_order_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct crl crl;
    struct err err;
    uint8_t *entry;

    (void)state;
    make_list(3, ENTRIES, &tbs);
    assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL), 0);
    entry = tbs.ptr + (crl.entries.ptr - tbs.ptr);
    while (entry < tbs.ptr + tbs.len / 2)
        entry += 2 + (size_t)entry[1];
    entry[4]--; /* the first octet of three of its serial number */
    assert_int_equal(sign_bytes(buf_bytes(&tbs), &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "entries of the CRL are not in ascending order");
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

static void put_begin(struct buf *out, uint32_t id, const char *key)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    assert_int_equal(rpc_put(&body, RPC_TAG_KEY, bytes_text(key), NULL), 0);
    put_frame(out, RPC_LIST_BEGIN, id, buf_bytes(&body));
}

static void put_piece(struct buf *out, uint32_t id, struct bytes piece)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    assert_int_equal(rpc_put(&body, RPC_TAG_PIECE, piece, NULL), 0);
    put_frame(out, RPC_LIST_PIECE, id, buf_bytes(&body));
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

/* Send what stands in out, and empty it; the answer's status. */
static enum rpc_status told(int fd, struct buf *out)
{
    assert_int_equal(sock_write_all(fd, buf_bytes(out), NULL), 0);
    buf_clear(out);
    return answer_of(fd);
}

static enum rpc_status told_begin(int fd, const char *key)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    put_begin(&out, 2, key);
    return told(fd, &out);
}

static enum rpc_status told_piece(int fd, struct bytes piece)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    put_piece(&out, 3, piece);
    return told(fd, &out);
}

static enum rpc_status told_verb(int fd, enum rpc_verb verb)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    put_frame(&out, verb, 4, bytes_of(NULL, 0));
    return told(fd, &out);
}

static void pieces_without_a_beginning_are_refused(void **state)
{
    CLEANUP(fd_done) int fd = greeted();
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    make_list(30, 2, &tbs);
    assert_int_equal(told_piece(fd, buf_bytes(&tbs)), RPC_MALFORMED);
    assert_int_equal(told_verb(fd, RPC_LIST_END), RPC_MALFORMED);
    assert_int_equal(told_verb(fd, (enum rpc_verb)6), RPC_MALFORMED); /* of long ago */
    assert_int_equal(told_begin(fd, "wrap"), RPC_REFUSED);
    assert_int_equal(told_piece(fd, buf_bytes(&tbs)), RPC_MALFORMED);
    assert_int_equal(told_begin(fd, "auth-ca"), RPC_DONE);
    assert_int_equal(told_piece(fd, BYTES_LITERAL("0")), RPC_DONE);
    assert_int_equal(told_verb(fd, RPC_LIST), RPC_DONE); /* gives it up */
    assert_int_equal(told_piece(fd, buf_bytes(&tbs)), RPC_MALFORMED);
    assert_int_equal(told_begin(fd, "auth-ca"), RPC_DONE);
    assert_int_equal(told_piece(fd, BYTES_LITERAL("0")), RPC_DONE);
    assert_int_equal(told_begin(fd, "auth-ca"), RPC_DONE); /* so does another one */
    assert_int_equal(told_piece(fd, buf_bytes(&tbs)), RPC_DONE);
    assert_int_equal(told_verb(fd, RPC_LIST_END), RPC_DONE);
    assert_int_equal(told_verb(fd, RPC_LIST_END), RPC_MALFORMED); /* once */
}

/* What was refused once does not become good by what comes behind it. */
static void a_refused_piece_ends_its_list(void **state)
{
    CLEANUP(fd_done) int fd = greeted();
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    make_list(31, 400, &tbs);
    assert_int_equal(told_begin(fd, "auth-ca"), RPC_DONE);
    assert_int_equal(told_piece(fd, bytes_of(tbs.ptr, 5000)), RPC_DONE);
    assert_int_equal(told_piece(fd, bytes_of(tbs.ptr, 5000)), RPC_MALFORMED);
    assert_int_equal(told_piece(fd, bytes_of(tbs.ptr + 5000, tbs.len - 5000)), RPC_MALFORMED);
    assert_int_equal(told_verb(fd, RPC_LIST_END), RPC_MALFORMED);
    assert_int_equal(sign_bytes(buf_bytes(&tbs), NULL), 0);
}

/* Two lists at a time, of two connections, do not mix. */
static void lists_of_two_connections_are_apart(void **state)
{
    CLEANUP(fd_done) int one = greeted();
    CLEANUP(fd_done) int other = greeted();
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf second = BUF_INIT;

    (void)state;
    make_list(32, 300, &first);
    make_list(33, 300, &second);
    assert_int_equal(told_begin(one, "auth-ca"), RPC_DONE);
    assert_int_equal(told_begin(other, "auth-ca"), RPC_DONE);
    for (size_t at = 0; at < first.len; at += 100) {
        assert_int_equal(told_piece(one, bytes_part(buf_bytes(&first), at, 100)), RPC_DONE);
        assert_int_equal(told_piece(other, bytes_part(buf_bytes(&second), at, 100)), RPC_DONE);
    }
    assert_int_equal(told_verb(other, RPC_LIST_END), RPC_DONE);
    assert_int_equal(told_verb(one, RPC_LIST_END), RPC_USED); /* a lower number, now */
}

/* Have a user use sign-ca, and nobody else, and wait until that is so. */
static void give_sign_ca_to(uid_t uid, enum rpc_status expected)
{
    char allow[32];

    (void)snprintf(allow, sizeof allow, "%u", (unsigned)uid);
    signer_site_configure(&site, allow, more_keys);
    assert_int_equal(kill(server, SIGHUP), 0);
    for (int i = 0; i < 3000; i++) {
        CLEANUP(fd_done) int fd = greeted();

        if (told_begin(fd, "sign-ca") == expected)
            return;
        (void)poll(NULL, 0, 20);
    }
    fail_msg("the configuration was not read");
}

/* The list is begun under one configuration and ends under another. */
static void who_may_use_the_key_is_asked_again_at_the_end(void **state)
{
    CLEANUP(fd_done) int fd = greeted();
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    make_list(34, 3, &tbs);
    give_sign_ca_to(geteuid(), RPC_DONE);
    assert_int_equal(told_begin(fd, "sign-ca"), RPC_DONE);
    assert_int_equal(told_piece(fd, buf_bytes(&tbs)), RPC_DONE);
    give_sign_ca_to(PEER_UID, RPC_NOT_YOURS);
    assert_int_equal(told_verb(fd, RPC_LIST_END), RPC_NOT_YOURS);
}

/* Nobody waits for the rest of a list that may never come. */
static void a_list_on_its_way_does_not_hold_up_the_end(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    make_list(35, 300, &tbs);
    assert_int_equal(signer_list_begin(signer, "auth-ca", NULL), 0);
    assert_int_equal(signer_list_add(signer, bytes_of(tbs.ptr, 5000), NULL), 0);
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    server = signer_site_start(&site, STALL_MS);
    assert_int_equal(signer_list_add(signer, bytes_of(tbs.ptr + 5000, tbs.len - 5000), NULL),
                     -ERR_REMOTE);
    assert_int_equal(signer_list_end(signer, &signature, NULL), -ERR_REMOTE);
    assert_int_equal(sign_bytes(buf_bytes(&tbs), NULL), 0);
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

/* Nobody asks for descriptors, so they are nowhere, and what they came with counts. */
static void descriptors_that_come_along_are_dropped(void **state)
{
    size_t before;

    (void)state;
    settle();
    before = descriptors_of(server);
    for (size_t count = 1; count <= 4; count++) {
        CLEANUP(fd_done) int fd = greeted();
        CLEANUP(buf_done) struct buf out = BUF_INIT;

        put_frame(&out, RPC_LIST, 2, bytes_of(NULL, 0));
        send_with(fd, buf_bytes(&out), fd, count);
        assert_int_equal(answer_of(fd), RPC_DONE);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_see_a_key_may_not_use_it),
        cmocka_unit_test(a_list_in_pieces_is_checked_as_any_other),
        cmocka_unit_test(a_list_with_one_entry_out_of_order_is_refused),
        cmocka_unit_test(a_list_of_any_size_is_signed_and_its_number_rises),
        cmocka_unit_test(numbers_are_remembered_through_a_kill),
        cmocka_unit_test(pieces_without_a_beginning_are_refused),
        cmocka_unit_test(a_refused_piece_ends_its_list),
        cmocka_unit_test(lists_of_two_connections_are_apart),
        cmocka_unit_test(who_may_use_the_key_is_asked_again_at_the_end),
        cmocka_unit_test(a_list_on_its_way_does_not_hold_up_the_end),
        cmocka_unit_test(descriptors_that_come_along_are_dropped),
        cmocka_unit_test(a_key_is_unwrapped_for_its_peer_alone),
        cmocka_unit_test(what_cannot_be_unwrapped_is_always_told_the_same),
        cmocka_unit_test(a_key_past_the_limit_is_told_as_if_it_were_broken),
        cmocka_unit_test(a_role_does_not_change_by_a_reload),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
