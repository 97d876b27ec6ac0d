/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/child.h"

/* 2026-09-21 23:13:20 in Japan, a Monday. */
static struct mail plain(void)
{
    return (struct mail){
        .from = "portal@portal.test",
        .to = "taro@example.test",
        .name = "ポータル（試験用）",
        .subject = "とても長い件名のお知らせが届いていますのでご確認をお願いします",
        .text = "内容はログインしてご確認ください。\r\n",
        .id = "id-1",
        .at = 1790000000};
}

static void refuses_what_would_be_more_than_one_line(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct mail mail = plain();

    (void)state;
    mail.name = "a\r\nX: y";
    assert_int_equal(mail_write(&mail, &text, NULL), -ERR_INPUT);
    mail = plain();
    mail.subject = "a\nX: y";
    assert_int_equal(mail_write(&mail, &text, NULL), -ERR_INPUT);
    mail = plain();
    mail.id = "";
    assert_int_equal(mail_write(&mail, &text, NULL), -ERR_INPUT);
    mail = plain();
    mail.text = "\xff";
    assert_int_equal(mail_write(&mail, &text, NULL), -ERR_INPUT);
    assert_int_equal(text.len, 0);
}

/* RFC 5322, 2.1.1 and RFC 2047, 2: no line is longer than 78, and all is ASCII. */
static void writes_short_lines_of_ascii(void **state)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const struct mail mail = plain();
    size_t len = 0;

    (void)state;
    assert_int_equal(mail_write(&mail, &written, NULL), 0);
    for (size_t i = 0; i < written.len; i++) {
        assert_true(written.ptr[i] < 0x80);
        assert_true(written.ptr[i] != '\n' || written.ptr[i - 1] == '\r');
        len = written.ptr[i] == '\n' ? 0 : len + 1;
        assert_true(len <= 78);
    }
}

/* Python's own parser of mails reads what was written. */
static void is_read_by_others(void **state)
{
    static const char script[] =
        "import email.policy, sys\n"
        "sys.stdout.reconfigure(encoding='utf-8')\n"
        "m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)\n"
        "print(m['from'], m['to'], m['subject'], m['message-id'], m['auto-submitted'],"
        " m['date'].datetime.isoformat(), m.get_content().strip(), len(m.defects), sep='|')\n";
    static const char *const argv[] = {"python3", "-c", script, NULL};
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const struct mail mail = plain();
    struct child_result result;

    (void)state;
    assert_int_equal(mail_write(&mail, &written, NULL), 0);
    result = child_run(argv, buf_bytes(&written), 60000);
    if (result.exit_code != 0)
        fail_msg("%.*s", (int)result.err.len, (const char *)result.err.ptr);
    assert_true(
        bytes_equal(buf_bytes(&result.out),
                    bytes_text("ポータル（試験用） <portal@portal.test>|taro@example.test|"
                               "とても長い件名のお知らせが届いていますのでご確認をお願いします|"
                               "<id-1@portal.test>|auto-generated|2026-09-21T23:13:20+09:00|"
                               "内容はログインしてご確認ください。|0\n")));
    child_result_done(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_would_be_more_than_one_line),
        cmocka_unit_test(writes_short_lines_of_ascii),
        cmocka_unit_test(is_read_by_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
