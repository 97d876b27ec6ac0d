/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void frame_of(enum rpc_verb verb, enum rpc_status status, struct bytes body, struct buf *ret)
{
    const struct rpc_frame frame = {RPC_VERSION_HIGHEST, verb, status, 7, body};

    assert_int_equal(rpc_frame_append(ret, &frame, NULL), 0);
}

static void assert_taken(struct bytes whole, int rc)
{
    struct rpc_frame frame = {.id = 99};
    struct bytes rest = whole;

    assert_int_equal(rpc_frame_take(&rest, &frame, NULL), rc);
    if (rc < 0) {
        assert_ptr_equal(rest.ptr, whole.ptr);
        assert_int_equal(rest.len, whole.len);
        assert_int_equal(frame.id, 99);
    }
}

static void a_header_with_one_wrong_byte_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 'G'},  /* magic: refused at the first byte */
        {3, 's'},  /* magic */
        {5, 0},    /* version below */
        {5, 2},    /* version above */
        {4, 1},    /* version far above */
        {7, 0},    /* no verb */
        {7, 13},   /* a verb too many */
        {9, 8},    /* a status too many */
        {11, 1},   /* reserved */
        {16, 1},   /* 16 MiB */
        {18, 255}, /* past RPC_BODY_MAX */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CLEANUP(buf_done) struct buf whole = BUF_INIT;

        frame_of(RPC_LIST, RPC_QUESTION, bytes_of(NULL, 0), &whole);
        whole.ptr[wrong[i].at] = wrong[i].value;
        assert_taken(buf_bytes(&whole), -ERR_INPUT);
    }
    assert_taken(BYTES_LITERAL("G"), -ERR_INPUT);
}

static void a_part_of_a_frame_is_waited_for(void **state)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT;

    (void)state;
    frame_of(RPC_PUBLIC, RPC_QUESTION, BYTES_LITERAL("body"), &whole);
    for (size_t len = 0; len < whole.len; len++)
        assert_taken(bytes_of(whole.ptr, len), -ERR_ABSENT);
    assert_taken(buf_bytes(&whole), 0);
}

static void a_body_at_the_limit_passes_and_one_past_it_does_not(void **state)
{
    static uint8_t body[RPC_BODY_MAX + 1];
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    const struct rpc_frame over = {1, RPC_SIGN, RPC_QUESTION, 1, BYTES_ARRAY(body)};

    (void)state;
    assert_int_equal(rpc_frame_append(&whole, &over, NULL), -ERR_USAGE);
    frame_of(RPC_SIGN, RPC_QUESTION, bytes_of(body, RPC_BODY_MAX), &whole);
    assert_taken(buf_bytes(&whole), 0);
    whole.ptr[19] = 1; /* RPC_BODY_MAX + 1 */
    assert_taken(buf_bytes(&whole), -ERR_INPUT);
}

static void what_is_appended_is_taken_again(void **state)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    struct rpc_frame frame;
    struct bytes rest;

    (void)state;
    frame_of(RPC_PUBLIC, RPC_QUESTION, BYTES_LITERAL("one"), &whole);
    frame_of(RPC_SIGN, RPC_REFUSED, BYTES_LITERAL("three"), &whole);
    rest = buf_bytes(&whole);
    assert_int_equal(rpc_frame_take(&rest, &frame, NULL), 0);
    assert_int_equal(frame.verb, RPC_PUBLIC);
    assert_int_equal(frame.status, RPC_QUESTION);
    assert_int_equal(frame.id, 7);
    assert_true(bytes_equal(frame.body, BYTES_LITERAL("one")));
    assert_int_equal(rpc_frame_take(&rest, &frame, NULL), 0);
    assert_int_equal(frame.status, RPC_REFUSED);
    assert_true(bytes_equal(frame.body, BYTES_LITERAL("three")));
    assert_int_equal(rest.len, 0);
}

static int parse(enum rpc_verb verb, enum rpc_status status, const struct buf *body,
                 struct rpc_fields *ret)
{
    const struct rpc_frame frame = {1, verb, status, 1, buf_bytes(body)};

    return rpc_fields_parse(&frame, ret, NULL);
}

static void fields_in_another_order_missing_or_left_over_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_fields fields;

    (void)state;
    assert_int_equal(parse(RPC_PUBLIC, RPC_QUESTION, &body, &fields), -ERR_INPUT);
    assert_int_equal(rpc_put(&body, RPC_TAG_TBS, BYTES_LITERAL("0"), NULL), 0);
    assert_int_equal(rpc_put(&body, RPC_TAG_KEY, BYTES_LITERAL("key"), NULL), 0);
    assert_int_equal(rpc_put_number(&body, RPC_TAG_KIND, 1, NULL), 0);
    assert_int_equal(parse(RPC_SIGN, RPC_QUESTION, &body, &fields), -ERR_INPUT);
    buf_clear(&body);
    assert_int_equal(rpc_put(&body, RPC_TAG_KEY, BYTES_LITERAL("key"), NULL), 0);
    assert_int_equal(parse(RPC_PUBLIC, RPC_QUESTION, &body, &fields), 0);
    assert_int_equal(parse(RPC_SIGN, RPC_QUESTION, &body, &fields), -ERR_INPUT);
    assert_int_equal(parse(RPC_LIST, RPC_QUESTION, &body, &fields), -ERR_INPUT);
    /* The last byte of the value is not there. */
    body.len--;
    assert_int_equal(parse(RPC_PUBLIC, RPC_QUESTION, &body, &fields), -ERR_INPUT);
    body.len = 5;
    assert_int_equal(parse(RPC_PUBLIC, RPC_QUESTION, &body, &fields), -ERR_INPUT);
}

static void each_field_has_its_limit(void **state)
{
    static const struct {
        enum rpc_tag tag;
        size_t max;
    } rows[] = {{RPC_TAG_KEY, RPC_NAME_MAX},
                {RPC_TAG_ROLE, RPC_WORD_MAX},
                {RPC_TAG_TBS, RPC_TBS_MAX},
                {RPC_TAG_SPKI, RPC_SPKI_MAX},
                {RPC_TAG_SENTENCE, RPC_SENTENCE_MAX},
                {RPC_TAG_VERSION, 2},
                {RPC_TAG_WRAPPED, RPC_WRAPPED_MAX},
                {RPC_TAG_PLAIN, RPC_PLAIN_MAX},
                {RPC_TAG_SIGNATURE, RPC_SIGNATURE_MAX}};
    static uint8_t value[RPC_TBS_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf body = BUF_INIT;

        assert_int_equal(rpc_put(&body, rows[i].tag, bytes_of(value, rows[i].max), NULL), 0);
        assert_int_equal(rpc_put(&body, rows[i].tag, bytes_of(value, rows[i].max + 1), NULL),
                         -ERR_INPUT);
        assert_int_equal(rpc_put(&body, rows[i].tag, bytes_of(value, 0), NULL), -ERR_INPUT);
    }
}

static void a_received_field_past_its_limit_is_refused(void **state)
{
    /* RPC_TAG_KEY with 33 bytes, one past RPC_NAME_MAX. */
    uint8_t bytes[6 + RPC_NAME_MAX + 1] = {0, RPC_TAG_KEY, 0, 0, 0, RPC_NAME_MAX + 1};
    struct rpc_frame frame = {1, RPC_PUBLIC, RPC_QUESTION, 1, BYTES_ARRAY(bytes)};
    struct rpc_fields fields;

    (void)state;
    memset(bytes + 6, 'k', RPC_NAME_MAX + 1);
    assert_int_equal(rpc_fields_parse(&frame, &fields, NULL), -ERR_INPUT);
    bytes[5] = RPC_NAME_MAX;
    frame.body.len--;
    assert_int_equal(rpc_fields_parse(&frame, &fields, NULL), 0);
    assert_int_equal(fields.value[RPC_TAG_KEY].len, RPC_NAME_MAX);
}

static void texts_hold_only_what_they_may(void **state)
{
    static const struct {
        enum rpc_verb verb;
        enum rpc_status status;
        enum rpc_tag tag;
        const char *text;
        int rc;
    } rows[] = {
        {RPC_PUBLIC, RPC_QUESTION, RPC_TAG_KEY, "sign-ca", 0},
        {RPC_PUBLIC, RPC_QUESTION, RPC_TAG_KEY, "../ca", -ERR_INPUT},
        {RPC_PUBLIC, RPC_QUESTION, RPC_TAG_KEY, "CA", -ERR_INPUT},
        {RPC_PUBLIC, RPC_QUESTION, RPC_TAG_KEY, "a b", -ERR_INPUT},
        {RPC_SIGN, RPC_REFUSED, RPC_TAG_SENTENCE, "署名しません", 0},
        {RPC_SIGN, RPC_REFUSED, RPC_TAG_SENTENCE, "\xe7\xbd", -ERR_INPUT},
        {RPC_SIGN, RPC_REFUSED, RPC_TAG_SENTENCE, "a\nb", -ERR_INPUT},
        {RPC_SIGN, RPC_REFUSED, RPC_TAG_SENTENCE, "\x1b[31m", -ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf body = BUF_INIT;
        struct rpc_fields fields;

        assert_int_equal(rpc_put(&body, rows[i].tag, bytes_text(rows[i].text), NULL), 0);
        assert_int_equal(parse(rows[i].verb, rows[i].status, &body, &fields), rows[i].rc);
    }
}

static void a_list_holds_as_many_keys_as_the_limit_and_not_one_more(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_fields fields;
    struct bytes rest;
    int count = 0;

    (void)state;
    assert_int_equal(parse(RPC_LIST, RPC_DONE, &body, &fields), 0);
    for (int i = 0; i < RPC_KEYS_MAX; i++) {
        assert_int_equal(rpc_put(&body, RPC_TAG_KEY, BYTES_LITERAL("k"), NULL), 0);
        assert_int_equal(rpc_put(&body, RPC_TAG_ROLE, BYTES_LITERAL("ca"), NULL), 0);
        assert_int_equal(rpc_put(&body, RPC_TAG_ALGORITHM, BYTES_LITERAL("RSA-2048"), NULL), 0);
    }
    assert_int_equal(parse(RPC_LIST, RPC_DONE, &body, &fields), 0);
    rest = buf_bytes(&body);
    while (rpc_fields_next(&rest, &fields, NULL) == 0)
        count++;
    assert_int_equal(count, RPC_KEYS_MAX);
    assert_int_equal(buf_append(&body, bytes_of(body.ptr, body.len / RPC_KEYS_MAX), NULL), 0);
    assert_int_equal(parse(RPC_LIST, RPC_DONE, &body, &fields), -ERR_INPUT);
}

static void numbers_and_texts_come_back(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_fields fields;
    char text[4];

    (void)state;
    assert_int_equal(rpc_put_number(&body, RPC_TAG_VERSIONS, 0x00010003, NULL), 0);
    assert_int_equal(parse(RPC_HELLO, RPC_QUESTION, &body, &fields), 0);
    assert_int_equal(rpc_number(fields.value[RPC_TAG_VERSIONS]), 0x00010003);
    rpc_text(BYTES_LITERAL("abc"), text, sizeof text);
    assert_string_equal(text, "abc");
    rpc_text(bytes_of(NULL, 0), text, sizeof text);
    assert_string_equal(text, "");
}

static void each_kind_of_refusal_survives_the_way(void **state)
{
    static const enum err_kind same[] = {ERR_INPUT,     ERR_DENIED,   ERR_ABSENT,
                                         ERR_UNTRUSTED, ERR_CONFLICT, ERR_REMOTE};
    static const enum err_kind own[] = {ERR_USAGE, ERR_NOMEM, ERR_SYSTEM};

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_int_equal(rpc_status_kind(rpc_status_of(same[i])), same[i]);
    /* signerd's own trouble is nobody's business but that it cannot sign now. */
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_int_equal(rpc_status_kind(rpc_status_of(own[i])), ERR_REMOTE);
    assert_int_equal(rpc_status_kind(rpc_status_of(ERR_NONE)), ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_with_one_wrong_byte_is_refused),
        cmocka_unit_test(a_part_of_a_frame_is_waited_for),
        cmocka_unit_test(a_body_at_the_limit_passes_and_one_past_it_does_not),
        cmocka_unit_test(what_is_appended_is_taken_again),
        cmocka_unit_test(fields_in_another_order_missing_or_left_over_are_refused),
        cmocka_unit_test(each_field_has_its_limit),
        cmocka_unit_test(a_received_field_past_its_limit_is_refused),
        cmocka_unit_test(texts_hold_only_what_they_may),
        cmocka_unit_test(a_list_holds_as_many_keys_as_the_limit_and_not_one_more),
        cmocka_unit_test(numbers_and_texts_come_back),
        cmocka_unit_test(each_kind_of_refusal_survives_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
