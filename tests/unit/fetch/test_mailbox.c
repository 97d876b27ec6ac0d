/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text)
{
    struct mailbox mailbox;

    return mailbox_parse(bytes_text(text), &mailbox, NULL);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const bad[] = {
        "",
        "@",
        "a",
        "a@",
        "@b.test",
        "a@b",
        "a@b@c.test",
        ".a@b.test",
        "a.@b.test",
        "a..b@c.test",
        "a b@c.test",
        "a@b..test",
        "a@.b.test",
        "a@b.test.",
        "a@-b.test",
        "a@b-.test",
        "a@b_c.test",
        "\"a\"@b.test",
        "a@[1.2.3.4]",
        "a@1.2.3.4",
        "<a@b.test>",
        "a@b.test>",
        "a,b@c.test",
        "a@b.test\r\n",
        "a\n@b.test",
        "a(c)@b.test",
        "あ@b.test",
        "a@日本.test",
        "a@b.test c",
        "a:b@c.test",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i]) != -ERR_INPUT)
            fail_msg("%s is taken for an address", bad[i]);
    {
        struct mailbox mailbox;

        assert_int_equal(mailbox_parse(BYTES_LITERAL("a\0@b.test"), &mailbox, NULL), -ERR_INPUT);
    }
}

static void takes_addresses_of_people(void **state)
{
    static const char *const good[] = {"a@b.test", "taro.yamada+portal@mail.example.co.jp",
                                       "o'neil_x@a-b.c1.test", "A!#$%&'*+-/=?^_`{|}~z@B.TEST"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (parse(good[i]) != 0)
            fail_msg("%s is taken for none", good[i]);
}

static void splits_an_address(void **state)
{
    struct mailbox mailbox;

    (void)state;
    assert_int_equal(mailbox_parse(bytes_text("taro@mail.example"), &mailbox, NULL), 0);
    assert_true(bytes_equal(mailbox.local, bytes_text("taro")));
    assert_true(bytes_equal(mailbox.domain, bytes_text("mail.example")));
}

/* local of so many, and a domain that makes the whole as long as said. */
static void fill(char *ret, size_t local, size_t whole)
{
    memset(ret, 'a', local);
    ret[local] = '@';
    for (size_t i = local + 1; i < whole; i++)
        ret[i] = (i - local) % 50 == 0 ? '.' : 'b';
    ret[whole] = '\0';
}

static void ends_at_its_limits(void **state)
{
    char text[MAILBOX_MAX + 2];

    (void)state;
    fill(text, 64, MAILBOX_MAX);
    assert_int_equal(parse(text), 0);
    fill(text, 64, MAILBOX_MAX + 1);
    assert_int_equal(parse(text), -ERR_INPUT);
    fill(text, 65, 200);
    assert_int_equal(parse(text), -ERR_INPUT);
    (void)snprintf(text, sizeof text, "a@%063d.test", 0);
    assert_int_equal(parse(text), 0);
    (void)snprintf(text, sizeof text, "a@%064d.test", 0);
    assert_int_equal(parse(text), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(takes_addresses_of_people),
        cmocka_unit_test(splits_an_address),
        cmocka_unit_test(ends_at_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
