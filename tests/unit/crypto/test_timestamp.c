/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of an authority as OpenSSL has one: of other data, of another query, by nobody known. */
#include "crypto/timestamp.h"

#include <openssl/obj_mac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "timestamp_authority.h"

static const struct bytes data = {(const uint8_t *)"a report", 8};
static const struct bytes other = {(const uint8_t *)"a repost", 8};

struct fixture {
    struct timestamp_authority *authority, *stranger;
    struct timestamp_roots *roots, *of_stranger;
    struct buf query, answer, token;
};

static struct timestamp_roots *roots_of(const struct timestamp_authority *authority)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct timestamp_roots *roots = NULL;

    timestamp_authority_pem(authority, &pem);
    assert_int_equal(timestamp_roots_read(buf_bytes(&pem), &roots, NULL), 0);
    return roots;
}

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.query = BUF_INIT, .answer = BUF_INIT, .token = BUF_INIT};
    f.authority = timestamp_authority_new();
    f.stranger = timestamp_authority_new();
    f.roots = roots_of(f.authority);
    f.of_stranger = roots_of(f.stranger);
    assert_int_equal(timestamp_ask(data, &f.query, NULL), 0);
    timestamp_authority_answer(f.authority, buf_bytes(&f.query), &f.answer);
    assert_int_equal(
        timestamp_receive(buf_bytes(&f.query), buf_bytes(&f.answer), f.roots, &f.token, NULL), 0);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    timestamp_roots_freep(&f->roots);
    timestamp_roots_freep(&f->of_stranger);
    timestamp_authority_freep(&f->authority);
    timestamp_authority_freep(&f->stranger);
    buf_done(&f->query);
    buf_done(&f->answer);
    buf_done(&f->token);
    return 0;
}

static void assert_not_received(struct bytes query, struct bytes answer,
                                const struct timestamp_roots *roots, enum err_kind kind)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT;

    assert_int_equal(timestamp_receive(query, answer, roots, &token, NULL), -(int)kind);
    assert_int_equal(token.len, 0);
}

static void assert_not_believed(struct bytes token, struct bytes of,
                                const struct timestamp_roots *roots, enum err_kind kind)
{
    int64_t at = 77;

    assert_int_equal(timestamp_check(token, of, roots, &at, NULL), -(int)kind);
    assert_int_equal(at, 77);
}

static void an_answer_to_another_query_is_none(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    CLEANUP(buf_done) struct buf of_other = BUF_INIT;

    assert_int_equal(timestamp_ask(data, &again, NULL), 0);
    assert_not_received(buf_bytes(&again), buf_bytes(&f->answer), f->roots, ERR_UNTRUSTED);
    assert_int_equal(timestamp_ask(other, &of_other, NULL), 0);
    assert_not_received(buf_bytes(&of_other), buf_bytes(&f->answer), f->roots, ERR_UNTRUSTED);
}

static void an_answer_by_nobody_known_is_not_believed(void **state)
{
    const struct fixture *f = *state;

    assert_not_received(buf_bytes(&f->query), buf_bytes(&f->answer), f->of_stranger, ERR_UNTRUSTED);
    assert_not_believed(buf_bytes(&f->token), data, f->of_stranger, ERR_UNTRUSTED);
}

static void a_refusal_is_told_as_such(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf refusal = BUF_INIT;

    timestamp_authority_answer(f->authority, BYTES_LITERAL("no query"), &refusal);
    assert_not_received(buf_bytes(&f->query), buf_bytes(&refusal), f->roots, ERR_REMOTE);
}

static void what_is_cut_or_longer_is_no_answer(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf longer = BUF_INIT;

    for (size_t len = 0; len < f->answer.len; len += 7)
        assert_not_received(buf_bytes(&f->query), bytes_of(f->answer.ptr, len), f->roots,
                            ERR_INPUT);
    assert_int_equal(buf_append(&longer, buf_bytes(&f->answer), NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_not_received(buf_bytes(&f->query), buf_bytes(&longer), f->roots, ERR_INPUT);
    for (size_t len = 0; len < f->token.len; len += 7)
        assert_not_believed(bytes_of(f->token.ptr, len), data, f->roots, ERR_INPUT);
}

static void a_token_of_other_data_is_not_believed(void **state)
{
    const struct fixture *f = *state;

    assert_not_believed(buf_bytes(&f->token), other, f->roots, ERR_UNTRUSTED);
}

/* Whoever finds two texts with one SHA-1 has a time for both. */
static void a_token_over_a_weaker_hash_is_not_believed(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;

    timestamp_query_of(data, NID_sha1, &query);
    timestamp_authority_answer(f->authority, buf_bytes(&query), &answer);
    timestamp_token_in(buf_bytes(&answer), &token);
    assert_not_believed(buf_bytes(&token), data, f->roots, ERR_UNTRUSTED);
}

/* What a token says of the time is signed: no changed one tells another. */
static void a_changed_token_tells_no_other_time(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    int64_t good;
    unsigned refused = 0;

    assert_int_equal(timestamp_check(buf_bytes(&f->token), data, f->roots, &good, NULL), 0);
    assert_int_equal(buf_append(&changed, buf_bytes(&f->token), NULL), 0);
    for (size_t at = 0; at < changed.len; at++) {
        int64_t told = good;

        changed.ptr[at] ^= 1;
        refused += timestamp_check(buf_bytes(&changed), data, f->roots, &told, NULL) < 0;
        assert_int_equal(told, good);
        changed.ptr[at] ^= 1;
    }
    assert_true(refused > changed.len / 2);
}

static void roots_are_certificates(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct timestamp_roots *roots = NULL;

    assert_int_equal(timestamp_roots_read(BYTES_LITERAL(""), &roots, NULL), -ERR_INPUT);
    assert_int_equal(timestamp_roots_read(BYTES_LITERAL("none\n"), &roots, NULL), -ERR_INPUT);
    timestamp_authority_pem(f->authority, &pem);
    assert_int_equal(timestamp_roots_read(bytes_of(pem.ptr, pem.len / 2), &roots, NULL),
                     -ERR_INPUT);
    pem.ptr[pem.len / 2] = '!';
    assert_int_equal(timestamp_roots_read(buf_bytes(&pem), &roots, NULL), -ERR_INPUT);
    assert_null(roots);
}

static void roots_are_as_long_as_the_limit_allows(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct timestamp_roots *roots = NULL;

    timestamp_authority_pem(f->authority, &pem);
    while (pem.len < TIMESTAMP_ROOTS_MAX)
        assert_int_equal(buf_append_byte(&pem, '\n', NULL), 0);
    assert_int_equal(timestamp_roots_read(buf_bytes(&pem), &roots, NULL), 0);
    timestamp_roots_freep(&roots);
    assert_int_equal(buf_append_byte(&pem, '\n', NULL), 0);
    assert_int_equal(timestamp_roots_read(buf_bytes(&pem), &roots, NULL), -ERR_INPUT);
}

/* An answer of just that length; signatures differ in theirs, so it takes some. */
static void answer_of(struct timestamp_authority *authority, struct bytes query, size_t len,
                      struct buf *ret)
{
    size_t filled = len / 2;

    do {
        timestamp_authority_fill(authority, filled);
        ret->len = 0;
        timestamp_authority_answer(authority, query, ret);
        filled = filled + len - ret->len;
    } while (ret->len != len);
}

static void an_answer_is_as_long_as_the_limit_allows(void **state)
{
    const struct fixture *f = *state;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;

    answer_of(f->authority, buf_bytes(&f->query), TIMESTAMP_MAX, &answer);
    assert_int_equal(
        timestamp_receive(buf_bytes(&f->query), buf_bytes(&answer), f->roots, &token, NULL), 0);
    answer_of(f->authority, buf_bytes(&f->query), TIMESTAMP_MAX + 1, &answer);
    assert_not_received(buf_bytes(&f->query), buf_bytes(&answer), f->roots, ERR_INPUT);
}

static void a_good_token_tells_the_time(void **state)
{
    const struct fixture *f = *state;
    int64_t at = 0, now = (int64_t)time(NULL);

    assert_int_equal(timestamp_check(buf_bytes(&f->token), data, f->roots, &at, NULL), 0);
    assert_true(at <= now && at > now - 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_to_another_query_is_none),
        cmocka_unit_test(an_answer_by_nobody_known_is_not_believed),
        cmocka_unit_test(a_refusal_is_told_as_such),
        cmocka_unit_test(what_is_cut_or_longer_is_no_answer),
        cmocka_unit_test(a_token_of_other_data_is_not_believed),
        cmocka_unit_test(a_token_over_a_weaker_hash_is_not_believed),
        cmocka_unit_test(a_changed_token_tells_no_other_time),
        cmocka_unit_test(roots_are_certificates),
        cmocka_unit_test(roots_are_as_long_as_the_limit_allows),
        cmocka_unit_test(an_answer_is_as_long_as_the_limit_allows),
        cmocka_unit_test(a_good_token_tells_the_time),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
