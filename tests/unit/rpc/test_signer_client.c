/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against a signer that misbehaves: a thread of the test answers each question with
 * the bytes of a script. The real signer is met in tests/component.
 */
#include "rpc/signer_client.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/sock.h"
#include "rpc/frame.h"
#include "support/tempdir.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum act {
    END,        /* of the script: close */
    GREET,      /* answer the greeting as one should */
    HANG_UP,    /* close without an answer and take the next connection */
    SILENCE,    /* read the question and never answer */
    SIGNATURE,  /* a right answer to RPC_SIGN */
    NOTHING,    /* and to what is answered without a field */
    PLAIN,      /* and to RPC_UNWRAP */
    GARBAGE,    /* bytes that are no frame */
    CUT,        /* half a frame, then close */
    OTHER_ID,   /* the answer to another question */
    OTHER_VERB, /* an answer of another form */
    BAD_FIELD,  /* a field past its limit */
    TWO,        /* two answers at once */
    REFUSAL,    /* RPC_REFUSED and a sentence */
    BAD_REASON, /* a refusal whose sentence is not UTF-8 */
    FULL,       /* a refusal of the connection: id 0 */
    NEWER,      /* a greeting that chooses version 9 */
};

struct fake {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    int listener;
    const enum act *script;
    pthread_t thread;
};

static void answer(struct buf *out, const struct rpc_frame *question, enum rpc_status status,
                   enum rpc_tag tag, struct bytes value)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_frame frame = *question;

    assert_int_equal(rpc_put(&body, tag, value, NULL), 0);
    frame.status = status;
    frame.body = buf_bytes(&body);
    assert_int_equal(rpc_frame_append(out, &frame, NULL), 0);
}

/* The bytes of one act, as an answer to question. */
static void act_bytes(enum act act, struct rpc_frame question, struct buf *out)
{
    static const uint8_t newer[] = {0, 9};
    static const uint8_t one[] = {0, 1};

    switch (act) {
    case GREET:
        answer(out, &question, RPC_DONE, RPC_TAG_VERSION, BYTES_ARRAY(one));
        break;
    case NEWER:
        answer(out, &question, RPC_DONE, RPC_TAG_VERSION, BYTES_ARRAY(newer));
        break;
    case TWO:
        answer(out, &question, RPC_DONE, RPC_TAG_SIGNATURE, BYTES_LITERAL("sig"));
        answer(out, &question, RPC_DONE, RPC_TAG_SIGNATURE, BYTES_LITERAL("sig"));
        break;
    case OTHER_ID:
        question.id++;
        answer(out, &question, RPC_DONE, RPC_TAG_SIGNATURE, BYTES_LITERAL("sig"));
        break;
    case OTHER_VERB:
        question.verb = RPC_PUBLIC;
        answer(out, &question, RPC_DONE, RPC_TAG_SPKI, BYTES_LITERAL("spki"));
        break;
    case FULL:
        question.id = 0;
        answer(out, &question, RPC_UNAVAILABLE, RPC_TAG_SENTENCE, BYTES_LITERAL("full"));
        break;
    case REFUSAL:
        answer(out, &question, RPC_REFUSED, RPC_TAG_SENTENCE, BYTES_LITERAL("not this"));
        break;
    case BAD_REASON:
        answer(out, &question, RPC_REFUSED, RPC_TAG_SENTENCE, BYTES_LITERAL("\xff"));
        break;
    case GARBAGE:
        assert_int_equal(buf_append_text(out, "HTTP/1.1 400 Bad Request\r\n\r\n", NULL), 0);
        break;
    case PLAIN:
        answer(out, &question, RPC_DONE, RPC_TAG_PLAIN, BYTES_LITERAL("key"));
        break;
    case CUT:
    case SIGNATURE:
    case BAD_FIELD:
        answer(out, &question, RPC_DONE, RPC_TAG_SIGNATURE, BYTES_LITERAL("sig"));
        out->len -= act == CUT ? 2 : 0;
        out->ptr[RPC_HEADER_SIZE + 2] = act == BAD_FIELD ? 1 : 0;
        break;
    case NOTHING:
        question.status = RPC_DONE;
        question.body.len = 0;
        assert_int_equal(rpc_frame_append(out, &question, NULL), 0);
        break;
    case END:
    case HANG_UP:
    case SILENCE:
        break;
    }
}

static int read_question(int fd, struct rpc_frame *ret)
{
    static uint8_t bytes[RPC_HEADER_SIZE + RPC_BODY_MAX];
    struct bytes rest;
    size_t len;

    if (sock_read_exact(fd, bytes, RPC_HEADER_SIZE, NULL) < 0)
        return -1;
    len = (size_t)rpc_number(bytes_of(bytes + 16, 4));
    if (len > 0 && sock_read_exact(fd, bytes + RPC_HEADER_SIZE, len, NULL) < 0)
        return -1;
    rest = bytes_of(bytes, RPC_HEADER_SIZE + len);
    return rpc_frame_take(&rest, ret, NULL);
}

static void *play(void *context)
{
    const struct fake *fake = context;
    int fd = -1;

    for (const enum act *act = fake->script; *act != END; act++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct rpc_frame question;

        if (fd < 0)
            fd = accept(fake->listener, NULL, NULL);
        if (*act != HANG_UP && read_question(fd, &question) < 0)
            break;
        if (*act != HANG_UP)
            act_bytes(*act, question, &out);
        if (out.len > 0 && sock_write_all(fd, buf_bytes(&out), NULL) < 0)
            break;
        if (*act == HANG_UP || *act == CUT)
            fd_done(&fd);
        if (*act == SILENCE)
            (void)read_question(fd, &question); /* until the client hangs up */
    }
    fd_done(&fd);
    return NULL;
}

static void fake_start(struct fake *fake, const enum act *script)
{
    fake->dir = tempdir_make();
    fake->script = script;
    (void)tempdir_file(&fake->dir, "s", fake->path);
    assert_int_equal(sock_listen(fake->path, 0600, &fake->listener, NULL), 0);
    assert_int_equal(pthread_create(&fake->thread, NULL, play, fake), 0);
}

static void fake_stop(struct fake *fake)
{
    assert_int_equal(pthread_join(fake->thread, NULL), 0);
    (void)close(fake->listener);
    tempdir_done(&fake->dir);
}

/* What signer_sign says to a signer that plays the script. */
static int sign_against(const enum act *script, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct fake fake;
    int rc;

    fake_start(&fake, script);
    rc = signer_open(fake.path, &signer, err);
    if (rc == 0) {
        signer_set_deadline(signer, 300);
        rc = signer_sign(signer, "ca", SIGNER_CERTIFICATE, BYTES_LITERAL("0"), &signature, err);
        assert_int_equal(signature.len, rc == 0 ? 3 : 0);
    }
    signer_close(signer);
    signer = NULL;
    fake_stop(&fake);
    return rc;
}

#define SCRIPT(...) ((const enum act[]){__VA_ARGS__, END})

static void a_broken_answer_is_the_signers_fault(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(sign_against(SCRIPT(GARBAGE), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(NEWER), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, GARBAGE), &err), -ERR_REMOTE);
    assert_int_equal(err.kind, ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, OTHER_ID), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, OTHER_VERB), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, BAD_FIELD), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, BAD_REASON), &err), -ERR_REMOTE);
    assert_int_equal(sign_against(SCRIPT(GREET, TWO), &err), -ERR_REMOTE);
}

static void a_silent_signer_is_given_up_at_the_deadline(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(sign_against(SCRIPT(GREET, SILENCE), &err), -ERR_REMOTE);
    assert_string_equal(err.text, "the signer did not answer in time");
    assert_true(fault_count(FAULT_SIGNER_UNAVAILABLE) > 0);
}

static void nobody_there_is_remote(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(signer_closep) struct signer *signer = NULL;
    char path[TEMPDIR_FILE_SIZE];
    int fd;

    (void)state;
    (void)tempdir_file(&dir, "s", path);
    assert_int_equal(signer_open(path, &signer, NULL), -ERR_REMOTE);
    assert_int_equal(sock_listen(path, 0600, &fd, NULL), 0);
    (void)close(fd);
    assert_int_equal(signer_open(path, &signer, NULL), -ERR_REMOTE);
    assert_null(signer);
}

static void a_refusal_keeps_its_kind_and_sentence(void **state)
{
    const uint64_t before = fault_count(FAULT_SIGNER_REFUSED);
    struct err err;

    (void)state;
    assert_int_equal(sign_against(SCRIPT(GREET, REFUSAL), &err), -ERR_UNTRUSTED);
    assert_int_equal(fault_count(FAULT_SIGNER_REFUSED), before + 1);
    assert_string_equal(err.text, "not this");
    assert_int_equal(sign_against(SCRIPT(FULL), &err), -ERR_REMOTE);
    assert_string_equal(err.text, "full");
}

static void a_signer_that_was_restarted_is_asked_again_once(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(sign_against(SCRIPT(GREET, HANG_UP, GREET, SIGNATURE), &err), 0);
    assert_int_equal(sign_against(SCRIPT(GREET, CUT, GREET, SIGNATURE), &err), 0);
    assert_int_equal(sign_against(SCRIPT(GREET, CUT, GREET, HANG_UP), &err), -ERR_REMOTE);
}

static void a_refusal_is_not_asked_again(void **state)
{
    static const enum act script[] = {GREET, REFUSAL, SIGNATURE, END};
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct fake fake;

    (void)state;
    fake_start(&fake, script);
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    assert_int_equal(
        signer_sign(signer, "ca", SIGNER_CERTIFICATE, BYTES_LITERAL("0"), &signature, NULL),
        -ERR_UNTRUSTED);
    /* The same connection goes on. */
    assert_int_equal(
        signer_sign(signer, "ca", SIGNER_CERTIFICATE, BYTES_LITERAL("0"), &signature, NULL), 0);
    fake_stop(&fake);
}

static void what_is_too_long_is_not_sent(void **state)
{
    static uint8_t tbs[RPC_TBS_MAX + 1];
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct fake fake;

    (void)state;
    fake_start(&fake, SCRIPT(GREET, SIGNATURE));
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    assert_int_equal(signer_sign(signer, "ca", SIGNER_CERTIFICATE, BYTES_ARRAY(tbs), &out, NULL),
                     -ERR_INPUT);
    assert_int_equal(signer_sign(signer, "ca", SIGNER_CERTIFICATE, bytes_of(tbs, 0), &out, NULL),
                     -ERR_INPUT);
    assert_int_equal(signer_public(signer, "a-name-of-thirty-three-characters", &out, NULL),
                     -ERR_INPUT);
    assert_int_equal(
        signer_sign(signer, "ca", SIGNER_CERTIFICATE, bytes_of(tbs, RPC_TBS_MAX), &out, NULL), 0);
    fake_stop(&fake);
}

enum { WISHES = 3 };

/* What three wishes in one round trip come to, the second of which cannot be asked if so told. */
static void wish_against(const enum act *script, size_t second_len, struct signer_wish *wishes)
{
    static uint8_t tbs[RPC_TBS_MAX + 1];
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct fake fake;

    for (size_t i = 0; i < WISHES; i++)
        wishes[i] = (struct signer_wish){
            .key = "ca", .kind = SIGNER_CERTIFICATE, .tbs = bytes_of(tbs, i == 1 ? second_len : 1)};
    fake_start(&fake, script);
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    signer_set_deadline(signer, 300);
    signer_sign_all(signer, wishes, WISHES);
    signer_close(signer);
    signer = NULL;
    fake_stop(&fake);
}

static void assert_wishes(struct signer_wish *wishes, int first, int second, int third)
{
    const int expected[WISHES] = {first, second, third};

    for (size_t i = 0; i < WISHES; i++) {
        assert_int_equal(wishes[i].rc, expected[i]);
        assert_int_equal(wishes[i].err.kind, -expected[i]);
        assert_int_equal(wishes[i].signature.len, expected[i] == 0 ? 3 : 0);
        buf_done(&wishes[i].signature);
    }
}

static void each_of_several_wishes_has_its_own_outcome(void **state)
{
    struct signer_wish wishes[WISHES];

    (void)state;
    wish_against(SCRIPT(GREET, SIGNATURE, SIGNATURE, SIGNATURE), 1, wishes);
    assert_wishes(wishes, 0, 0, 0);
    wish_against(SCRIPT(GREET, SIGNATURE, REFUSAL, SIGNATURE), 1, wishes);
    assert_string_equal(wishes[1].err.text, "not this");
    assert_wishes(wishes, 0, -ERR_UNTRUSTED, 0);
    wish_against(SCRIPT(GREET, SIGNATURE, SIGNATURE), RPC_TBS_MAX + 1, wishes);
    assert_wishes(wishes, 0, -ERR_INPUT, 0);
    wish_against(SCRIPT(GREET, HANG_UP, GREET, SIGNATURE, SIGNATURE), RPC_TBS_MAX + 1, wishes);
    assert_wishes(wishes, 0, -ERR_INPUT, 0);
}

static void wishes_without_a_right_answer_are_the_signers_fault(void **state)
{
    struct signer_wish wishes[WISHES];

    (void)state;
    wish_against(SCRIPT(GREET, SIGNATURE, OTHER_ID), 1, wishes);
    assert_wishes(wishes, 0, -ERR_REMOTE, -ERR_REMOTE);
    wish_against(SCRIPT(GREET, SIGNATURE, CUT), 1, wishes);
    assert_wishes(wishes, 0, -ERR_REMOTE, -ERR_REMOTE);
    wish_against(SCRIPT(GREET, SIGNATURE, SIGNATURE, BAD_FIELD), 1, wishes);
    assert_wishes(wishes, 0, 0, -ERR_REMOTE);
    wish_against(SCRIPT(GREET, SIGNATURE, SILENCE), 1, wishes);
    assert_wishes(wishes, 0, -ERR_REMOTE, -ERR_REMOTE);
    wish_against(SCRIPT(GREET, OTHER_VERB), 1, wishes);
    assert_wishes(wishes, -ERR_REMOTE, -ERR_REMOTE, -ERR_REMOTE);
}

static void more_wishes_than_the_limit_are_not_asked(void **state)
{
    static struct signer_wish wishes[RPC_WISHES_MAX + 1];
    static enum act script[RPC_WISHES_MAX + 2] = {GREET};
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct fake fake;

    (void)state;
    for (size_t i = 0; i <= RPC_WISHES_MAX; i++)
        wishes[i] = (struct signer_wish){
            .key = "ca", .kind = SIGNER_CERTIFICATE, .tbs = BYTES_LITERAL("0")};
    for (size_t i = 0; i < RPC_WISHES_MAX; i++)
        script[i + 1] = SIGNATURE;
    fake_start(&fake, script);
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    signer_sign_all(signer, wishes, RPC_WISHES_MAX + 1);
    for (size_t i = 0; i <= RPC_WISHES_MAX; i++) {
        assert_int_equal(wishes[i].rc, -ERR_USAGE);
        wishes[i].rc = 0;
    }
    signer_sign_all(signer, wishes, RPC_WISHES_MAX);
    for (size_t i = 0; i < RPC_WISHES_MAX; i++) {
        assert_int_equal(wishes[i].rc, 0);
        buf_done(&wishes[i].signature);
    }
    fake_stop(&fake);
}

/* As many questions as the script has answers, or the signer would be left waiting. */
static void a_list_goes_in_pieces_of_the_limit(void **state)
{
    static uint8_t list[2 * RPC_PIECE_MAX + 1];
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct fake fake;

    (void)state;
    fake_start(&fake, SCRIPT(GREET, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SIGNATURE));
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    assert_int_equal(signer_list_begin(signer, "ca", NULL), 0);
    assert_int_equal(signer_list_add(signer, bytes_of(NULL, 0), NULL), 0);
    assert_int_equal(signer_list_add(signer, bytes_of(list, RPC_PIECE_MAX), NULL), 0);
    assert_int_equal(signer_list_add(signer, BYTES_ARRAY(list), NULL), 0);
    assert_int_equal(signer_list_end(signer, &out, NULL), 0);
    assert_int_equal(out.len, 3);
    fake_stop(&fake);
}

/* Another signerd knows nothing of the pieces before, so it is not asked. */
static void a_list_ends_with_its_connection(void **state)
{
    static const struct {
        enum act script[6];
        int rc;
    } rows[] = {
        {{GREET, NOTHING, REFUSAL, END}, -ERR_UNTRUSTED},
        {{GREET, NOTHING, HANG_UP, END}, -ERR_REMOTE},
        {{GREET, NOTHING, SIGNATURE, END}, -ERR_REMOTE}, /* a wrong answer */
        {{GREET, NOTHING, CUT, END}, -ERR_REMOTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(signer_closep) struct signer *signer = NULL;
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct pollfd again = {.events = POLLIN}; /* readable: somebody connects */
        struct fake fake;

        fake_start(&fake, rows[i].script);
        assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
        again.fd = fake.listener;
        assert_int_equal(signer_list_begin(signer, "ca", NULL), 0);
        assert_int_equal(signer_list_add(signer, BYTES_LITERAL("0"), NULL), rows[i].rc);
        if (rows[i].rc == -ERR_REMOTE) {
            assert_int_equal(signer_list_add(signer, BYTES_LITERAL("0"), NULL), -ERR_REMOTE);
            assert_int_equal(signer_list_end(signer, &out, NULL), -ERR_REMOTE);
        }
        assert_int_equal(poll(&again, 1, 0), 0);
        signer_closep(&signer);
        fake_stop(&fake);
    }
}

static void a_list_is_begun_again_after_a_restart(void **state)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct fake fake;

    (void)state;
    fake_start(&fake, SCRIPT(GREET, HANG_UP, GREET, NOTHING, NOTHING));
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    assert_int_equal(signer_list_begin(signer, "ca", NULL), 0);
    assert_int_equal(signer_list_add(signer, BYTES_LITERAL("0"), NULL), 0);
    fake_stop(&fake);
}

static void a_key_is_unwrapped_within_the_limit(void **state)
{
    static uint8_t wrapped[RPC_WRAPPED_MAX + 1];
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct fake fake;

    (void)state;
    fake_start(&fake, SCRIPT(GREET, REFUSAL, PLAIN));
    assert_int_equal(signer_open(fake.path, &signer, NULL), 0);
    assert_int_equal(signer_unwrap(signer, "t", BYTES_ARRAY(wrapped), &key, NULL), -ERR_INPUT);
    wrapped[0] = 1;
    assert_int_equal(signer_unwrap(signer, "t", bytes_of(wrapped, 1), &key, NULL), -ERR_UNTRUSTED);
    assert_null(key.ptr);
    assert_int_equal(signer_unwrap(signer, "t", bytes_of(wrapped, RPC_WRAPPED_MAX), &key, NULL), 0);
    assert_memory_equal(key.ptr, "key", 3);
    fake_stop(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_answer_is_the_signers_fault),
        cmocka_unit_test(a_silent_signer_is_given_up_at_the_deadline),
        cmocka_unit_test(nobody_there_is_remote),
        cmocka_unit_test(a_refusal_keeps_its_kind_and_sentence),
        cmocka_unit_test(a_signer_that_was_restarted_is_asked_again_once),
        cmocka_unit_test(a_refusal_is_not_asked_again),
        cmocka_unit_test(what_is_too_long_is_not_sent),
        cmocka_unit_test(each_of_several_wishes_has_its_own_outcome),
        cmocka_unit_test(wishes_without_a_right_answer_are_the_signers_fault),
        cmocka_unit_test(more_wishes_than_the_limit_are_not_asked),
        cmocka_unit_test(a_list_goes_in_pieces_of_the_limit),
        cmocka_unit_test(a_list_ends_with_its_connection),
        cmocka_unit_test(a_list_is_begun_again_after_a_restart),
        cmocka_unit_test(a_key_is_unwrapped_within_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
