/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of docs/card-protocol.md are what this client does with them. */
#include "base/file.h"
#include "base/hex.h"
#include "crypto/pubkey.h"
#include "holder/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct buf page = BUF_INIT;

static int read_page(void **state)
{
    (void)state;
    assert_int_equal(file_read(CARD_PROTOCOL, 1024 * 1024, &page, NULL), 0);
    return buf_append_byte(&page, 0, NULL);
}

static int release_page(void **state)
{
    (void)state;
    buf_done(&page);
    return 0;
}

/* What is fenced behind the comment with this name. */
static struct bytes example(const char *name)
{
    char comment[128];
    const char *at, *end;

    (void)snprintf(comment, sizeof comment, "<!-- example: %s", name);
    at = strstr((const char *)page.ptr, comment);
    if (at == NULL)
        fail_msg("no example %s", name);
    at = strstr(at, "```");
    assert_non_null(at);
    at = strchr(at, '\n') + 1;
    end = strstr(at, "```");
    assert_non_null(end);
    return bytes_of(at, (size_t)(end - at));
}

static void example_octets(const char *name, struct buf *ret)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    struct bytes text = example(name);
    const char *hex;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != ' ' && text.ptr[i] != '\n')
            assert_int_equal(buf_append_byte(&digits, text.ptr[i], NULL), 0);
    }
    assert_int_equal(buf_text(&digits, &hex, NULL), 0);
    assert_int_equal(hex_decode(hex, ret, NULL), 0);
}

static void digest_of_message(struct digest *ret)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    example_octets("message", &message);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&message), ret, NULL), 0);
}

static void the_digest_is_that_of_the_message(void **state)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    struct digest digest;

    (void)state;
    example_octets("digest", &written);
    digest_of_message(&digest);
    assert_true(bytes_equal(buf_bytes(&written), digest_bytes(&digest)));
}

static void the_challenge_makes_that_message(void **state)
{
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    struct digest written, ours;

    (void)state;
    digest_of_message(&written);
    assert_int_equal(json_parse(example("challenge"), &json, NULL), 0);
    assert_int_equal(challenge_parse(json, &challenge, NULL), 0);
    assert_int_equal(challenge_digest(&challenge, "https://login.example.jp", &ours, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&written), digest_bytes(&ours)));
    assert_int_equal(challenge_digest(&challenge, "https://login.example", &ours, NULL), 0);
    assert_false(bytes_equal(digest_bytes(&written), digest_bytes(&ours)));
    assert_int_equal(challenge.wants, CHALLENGE_WANTS_NAME | CHALLENGE_WANTS_ADDRESS);
}

static void the_card_gets_that_digestinfo(void **state)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT, ours = BUF_INIT;
    struct digest digest;

    (void)state;
    digest_of_message(&digest);
    example_octets("DigestInfo", &written);
    assert_int_equal(digestinfo_build(&digest, &ours, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&written), buf_bytes(&ours)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digest_is_that_of_the_message),
        cmocka_unit_test(the_challenge_makes_that_message),
        cmocka_unit_test(the_card_gets_that_digestinfo),
    };

    return cmocka_run_group_tests_name("holder/card_protocol", tests, read_page, release_page);
}
