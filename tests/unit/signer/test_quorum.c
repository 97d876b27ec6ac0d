/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/quorum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct split {
    struct secret secret;
    struct quorum quorum;
    struct share shares[SHARES_MAX];
};

static void split_make(struct split *split, unsigned needed, unsigned total, bool is_rehearsal)
{
    const struct quorum_plan plan = {needed, total, is_rehearsal};

    memset(split, 0, sizeof *split);
    assert_int_equal(quorum_secret(&split->secret, NULL), 0);
    assert_int_equal(quorum_split(&split->secret, &plan, &split->quorum, split->shares, NULL), 0);
}

static void split_done(struct split *split)
{
    for (size_t i = 0; i < SHARES_MAX; i++)
        share_done(&split->shares[i]);
    secret_done(&split->secret);
}

static int add(struct gathering *gathering, const struct share *share, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;

    assert_int_equal(share_write(share, &whole, NULL), 0);
    return gathering_add(gathering, secret_bytes(&whole), err);
}

static void a_split_that_cannot_be_is_refused(void **state)
{
    static const struct quorum_plan bad[] = {
        {SHARES_NEEDED_MIN - 1, 5, false}, {6, 5, false}, {3, SHARES_MAX + 1, false}};
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    struct quorum quorum;
    struct share shares[SHARES_MAX];

    (void)state;
    assert_int_equal(quorum_secret(&secret, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(quorum_split(&secret, &bad[i], &quorum, shares, NULL), -ERR_USAGE);
    secret_cut(&secret, SHARE_SECRET_SIZE - 1);
    assert_int_equal(
        quorum_split(&secret, &(struct quorum_plan){3, 5, false}, &quorum, shares, NULL),
        -ERR_USAGE);
}

static void fewer_than_needed_make_nothing(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split.quorum};
    CLEANUP(secret_done) struct secret joined = SECRET_INIT;

    (void)state;
    split_make(&split, 3, 5, false);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(add(&gathering, &split.shares[i], NULL), 0);
        assert_false(gathering_is_complete(&gathering));
        assert_int_equal(gathering_join(&gathering, &joined, NULL), -ERR_USAGE);
    }
}

static void a_share_twice_is_told_by_its_number(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split.quorum};
    struct err err = {0};

    (void)state;
    split_make(&split, 3, 5, false);
    assert_int_equal(add(&gathering, &split.shares[3], NULL), 0);
    assert_int_equal(add(&gathering, &split.shares[3], &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "share 4 was given already"));
    assert_int_equal(gathering.count, 1);
}

static void a_share_of_another_splitting_is_told_with_both_sets(void **state)
{
    CLEANUP(split_done) struct split ours;
    CLEANUP(split_done) struct split theirs;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &ours.quorum};
    char set[QUORUM_SET_TEXT_SIZE];
    struct err err = {0};

    (void)state;
    split_make(&ours, 3, 5, false);
    split_make(&theirs, 3, 5, false);
    assert_int_equal(add(&gathering, &theirs.shares[0], &err), -ERR_UNTRUSTED);
    quorum_set_text(theirs.quorum.set, set);
    assert_non_null(strstr(err.text, set));
    quorum_set_text(ours.quorum.set, set);
    assert_non_null(strstr(err.text, set));
}

static void a_rehearsal_and_keys_in_use_do_not_mix(void **state)
{
    CLEANUP(split_done) struct split real;
    CLEANUP(split_done) struct split rehearsal;
    struct gathering gathering = {.quorum = &real.quorum};
    struct err err = {0};

    (void)state;
    split_make(&real, 3, 5, false);
    split_make(&rehearsal, 3, 5, true);
    assert_int_equal(add(&gathering, &rehearsal.shares[0], &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "of a rehearsal"));
    gathering.quorum = &rehearsal.quorum;
    assert_int_equal(add(&gathering, &real.shares[0], &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "of keys in use"));
}

/* Not a slip of the pen: somebody made a share that is right in itself. */
static void a_forged_share_is_told_by_its_number(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split.quorum};
    struct err err = {0};

    (void)state;
    split_make(&split, 3, 5, false);
    split.shares[2].piece.ptr[31] ^= 1;
    assert_int_equal(add(&gathering, &split.shares[2], &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "share 3 is not the one that was given"));
    split.shares[1].needed = 2;
    assert_int_equal(add(&gathering, &split.shares[1], &err), -ERR_UNTRUSTED);
    split.shares[0].number = 2;
    assert_int_equal(add(&gathering, &split.shares[0], &err), -ERR_UNTRUSTED);
    assert_int_equal(gathering.count, 0);
}

/* The quorum file itself was changed: then the commitment tells. */
static void another_secret_than_was_split_is_noticed(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split.quorum};
    CLEANUP(secret_done) struct secret joined = SECRET_INIT;

    (void)state;
    split_make(&split, 2, 2, false);
    split.quorum.commitment[0] ^= 1;
    assert_int_equal(add(&gathering, &split.shares[0], NULL), 0);
    assert_int_equal(add(&gathering, &split.shares[1], NULL), 0);
    assert_int_equal(gathering_join(&gathering, &joined, NULL), -ERR_UNTRUSTED);
    assert_int_equal(joined.len, 0);
}

static void join_these(const struct split *split, const unsigned numbers[], unsigned count)
{
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split->quorum};
    CLEANUP(secret_done) struct secret joined = SECRET_INIT;

    for (unsigned i = 0; i < count; i++)
        assert_int_equal(add(&gathering, &split->shares[numbers[i]], NULL), 0);
    assert_true(gathering_is_complete(&gathering));
    assert_int_equal(gathering_join(&gathering, &joined, NULL), 0);
    assert_true(bytes_equal_secret(secret_bytes(&joined), secret_bytes(&split->secret)));
}

static void every_three_of_five_make_the_secret_in_any_order(void **state)
{
    CLEANUP(split_done) struct split split;

    (void)state;
    split_make(&split, 3, 5, false);
    for (unsigned a = 0; a < 5; a++)
        for (unsigned b = 0; b < 5; b++)
            for (unsigned c = 0; c < 5; c++)
                if (a != b && b != c && a != c)
                    join_these(&split, (const unsigned[]){a, b, c}, 3);
}

static void a_fourth_is_not_taken_where_three_are_enough(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = &split.quorum};

    (void)state;
    split_make(&split, 3, 5, false);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(add(&gathering, &split.shares[i], NULL), 0);
    assert_int_equal(add(&gathering, &split.shares[3], NULL), -ERR_CONFLICT);
}

static void the_most_there_can_be_works(void **state)
{
    CLEANUP(split_done) struct split split;
    unsigned numbers[SHARES_MAX];

    (void)state;
    for (unsigned i = 0; i < SHARES_MAX; i++)
        numbers[i] = SHARES_MAX - 1 - i;
    split_make(&split, SHARES_MAX, SHARES_MAX, false);
    join_these(&split, numbers, SHARES_MAX);
}

static void a_quorum_comes_back_from_its_file(void **state)
{
    CLEANUP(split_done) struct split split;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct quorum read;

    (void)state;
    split_make(&split, 3, SHARES_MAX, true);
    assert_int_equal(quorum_write(&split.quorum, &text, NULL), 0);
    assert_int_equal(quorum_parse(buf_bytes(&text), &read, NULL), 0);
    assert_memory_equal(&read, &split.quorum, sizeof read);
}

static void malformed_quorums_are_refused(void **state)
{
    static const char check[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const struct {
        const char *version, *set, *needed, *commitment;
        unsigned checks;
        int rc;
    } rows[] = {
        {"1", "0011223344556677", "2", check, 2, 0},
        {"2", "0011223344556677", "2", check, 2, -ERR_INPUT},
        {"1", "00112233445566", "2", check, 2, -ERR_INPUT},
        {"1", "0011223344556677", "1", check, 2, -ERR_INPUT},
        {"1", "0011223344556677", "17", check, 16, -ERR_INPUT},
        {"1", "0011223344556677", "3", check, 2, -ERR_INPUT},
        {"1", "0011223344556677", "2", "00", 2, -ERR_INPUT},
        {"1", "0011223344556677", "2", check, SHARES_MAX, 0},
        {"1", "0011223344556677", "2", check, SHARES_MAX + 1, -ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct quorum quorum;

        assert_int_equal(
            buf_append_format(&text, NULL,
                              "{\"version\":%s,\"set\":\"%s\",\"rehearsal\":false,\"needed\":%s,"
                              "\"commitment\":\"%s\",\"checks\":[",
                              rows[i].version, rows[i].set, rows[i].needed, rows[i].commitment),
            0);
        for (unsigned c = 0; c < rows[i].checks; c++)
            assert_int_equal(buf_append_format(&text, NULL, "%s\"%s\"", c == 0 ? "" : ",", check),
                             0);
        assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
        assert_int_equal(quorum_parse(buf_bytes(&text), &quorum, NULL), rows[i].rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_split_that_cannot_be_is_refused),
        cmocka_unit_test(fewer_than_needed_make_nothing),
        cmocka_unit_test(a_share_twice_is_told_by_its_number),
        cmocka_unit_test(a_share_of_another_splitting_is_told_with_both_sets),
        cmocka_unit_test(a_rehearsal_and_keys_in_use_do_not_mix),
        cmocka_unit_test(a_forged_share_is_told_by_its_number),
        cmocka_unit_test(another_secret_than_was_split_is_noticed),
        cmocka_unit_test(every_three_of_five_make_the_secret_in_any_order),
        cmocka_unit_test(a_fourth_is_not_taken_where_three_are_enough),
        cmocka_unit_test(the_most_there_can_be_works),
        cmocka_unit_test(a_quorum_comes_back_from_its_file),
        cmocka_unit_test(malformed_quorums_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
