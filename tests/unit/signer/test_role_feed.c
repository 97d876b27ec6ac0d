/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_feed.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOW = 1790000000, HOURS = 48 };

static const uint8_t own_id[20] = {1, 2, 3};
static const uint8_t ca_id[20] = {4, 5, 6};
static const uint8_t digest[32] = {7};

static struct feed_head good(void)
{
    return (struct feed_head){
        .edition = UINT32_MAX,
        .ca_key_id = BYTES_ARRAY(ca_id),
        .signer_key_id = BYTES_ARRAY(own_id),
        .this_update = NOW,
        .next_update = NOW + HOURS * 3600,
        .to = {12, BYTES_ARRAY(digest)},
        .body_digest = BYTES_ARRAY(digest),
    };
}

static int check(const struct feed_head *head, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct feed_head read;

    assert_int_equal(feed_head_build(head, &der, NULL), 0);
    TRY(role_feed_check(BYTES_ARRAY(own_id), HOURS, buf_bytes(&der), &read, err));
    assert_int_equal(read.edition, head->edition);
    return 0;
}

static void assert_refused(const struct feed_head *head, const char *sentence)
{
    struct err err = {0};

    assert_int_equal(check(head, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, sentence);
}

static void a_head_for_another_key_is_refused(void **state)
{
    struct feed_head head = good();

    (void)state;
    head.signer_key_id = BYTES_ARRAY(ca_id);
    assert_refused(&head, "the feed is to be signed by another key than this one");
    head = good();
    head.ca_key_id = BYTES_ARRAY(own_id);
    assert_refused(&head, "a CA does not sign its feed itself");
    head = good();
    head.algorithm = KEY_P384;
    assert_refused(&head, "this key signs with sha256WithRSAEncryption only");
}

static void a_head_counts_for_so_long_and_no_longer(void **state)
{
    struct feed_head head = good();

    (void)state;
    assert_int_equal(check(&head, NULL), 0);
    head.next_update++;
    assert_refused(&head, "nextUpdate of the feed is later than feed_hours allow");
}

static void what_is_no_head_is_no_input(void **state)
{
    struct feed_head read;

    (void)state;
    assert_int_equal(
        role_feed_check(BYTES_ARRAY(own_id), HOURS, BYTES_LITERAL("\x30\x00"), &read, NULL),
        -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_for_another_key_is_refused),
        cmocka_unit_test(a_head_counts_for_so_long_and_no_longer),
        cmocka_unit_test(what_is_no_head_is_no_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
