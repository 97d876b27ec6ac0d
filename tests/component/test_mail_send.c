/* SPDX-License-Identifier: Apache-2.0 */
/* One mail to a real server, which takes it, refuses it, or says nothing. */
#include "support/mail_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SHORT_MS = 1500, AT = 1790000000 };

static struct mail_site site;
static unsigned handed;
static enum err_kind hand_fails;
static char said[ERR_TEXT_MAX]; /* why the last mail did not arrive */

static int start(void **state)
{
    (void)state;
    mail_site_start(&site, false);
    handed = 0;
    hand_fails = ERR_NONE;
    return 0;
}

static int start_with_tls(void **state)
{
    (void)state;
    mail_site_start(&site, true);
    handed = 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mail_site_done(&site);
    return 0;
}

static int hand(void *context, struct err *err)
{
    (void)context;
    handed++;
    return hand_fails == ERR_NONE ? 0 : FAIL(err, hand_fails, "as the test wants it");
}

static struct mail mail_to(const char *address)
{
    return (struct mail){.from = "portal@portal.test",
                         .to = address,
                         .name = "ポータル",
                         .subject = "お知らせ",
                         .text = "一行目\r\n.\r\n三行目\r\n",
                         .id = "id-1",
                         .at = AT,
                         .hand = hand};
}

static enum mail_outcome send_to(const char *address)
{
    const struct mail mail = mail_to(address);
    enum mail_outcome outcome = MAIL_ACCEPTED;
    struct err why = {0};

    assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), 0);
    assert_int_equal(outcome == MAIL_ACCEPTED, why.kind == ERR_NONE);
    assert_null(strstr(why.text, "@"));
    memcpy(said, why.text, sizeof said);
    return outcome;
}

static void a_mail_arrives_as_it_was_written(void **state)
{
    CLEANUP(json_freep) struct json *taken = NULL;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text = NULL;

    (void)state;
    assert_int_equal(send_to("taro@example.test"), MAIL_ACCEPTED);
    assert_int_equal(handed, 1);
    assert_int_equal(mail_site_count(&site), 1);
    taken = mail_site_get(&site, 1);
    assert_int_equal(json_get_text(taken, "from", &text, NULL), 0);
    assert_string_equal(text, "portal@portal.test");
    assert_int_equal(json_get_text(taken, "ehlo", &text, NULL), 0);
    assert_string_equal(text, "portal.test");
    mail_site_body(taken, &body);
    assert_true(bytes_equal(buf_bytes(&body), bytes_text("一行目\r\n.\r\n三行目\r\n")));
}

/* Nothing has left before the server has agreed, so nothing is in doubt. */
static void what_is_refused_before_it_goes_out_was_not_handed_over(void **state)
{
    (void)state;
    assert_int_equal(send_to("later@example.test"), MAIL_LATER);
    assert_int_equal(send_to("refused@example.test"), MAIL_REFUSED);
    mail_site_say(&site, "full", true);
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    mail_site_say(&site, "full", false);
    mail_site_say(&site, "down", true);
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_int_equal(handed, 0);
    assert_int_equal(mail_site_count(&site), 0);
}

static void what_is_refused_behind_it_has_not_arrived(void **state)
{
    (void)state;
    assert_int_equal(send_to("later-data@example.test"), MAIL_LATER);
    assert_int_equal(send_to("refused-data@example.test"), MAIL_REFUSED);
    assert_int_equal(handed, 2);
}

static void nobody_knows_what_became_of_a_mail_without_an_answer(void **state)
{
    (void)state;
    assert_int_equal(send_to("cut@example.test"), MAIL_UNCLEAR);
    assert_null(strstr(said, "354")); /* that was the answer before */
    site.server.timeout_ms = SHORT_MS;
    assert_int_equal(send_to("silent@example.test"), MAIL_UNCLEAR);
    assert_int_equal(handed, 2);
}

static void a_slow_server_is_waited_for(void **state)
{
    (void)state;
    assert_int_equal(send_to("slow@example.test"), MAIL_ACCEPTED);
}

static void a_server_that_is_not_there_is_tried_later(void **state)
{
    (void)state;
    mail_site_stop(&site);
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_int_equal(handed, 0);
}

static void nothing_is_sent_that_could_not_be_noted(void **state)
{
    const struct mail mail = mail_to("taro@example.test");
    enum mail_outcome outcome;
    struct err why = {0};

    (void)state;
    hand_fails = ERR_ABSENT;
    assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), -ERR_ABSENT);
    assert_int_equal(handed, 1);
    assert_int_equal(mail_site_count(&site), 0);
}

static void no_text_becomes_a_header_or_a_command(void **state)
{
    static const char *const bad[] = {"a@b.test\r\nBcc: c@d.test", "a@b.test>\r\nRCPT TO:<c@d.test",
                                      "a b@c.test", "<a@b.test>", "a@b.test\n"};
    struct mail mail;
    enum mail_outcome outcome;
    struct err why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        mail = mail_to(bad[i]);
        assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), -ERR_INPUT);
        mail = mail_to("taro@example.test");
        mail.from = bad[i];
        assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), -ERR_INPUT);
    }
    mail = mail_to("taro@example.test");
    mail.subject = "x\r\nBcc: c@d.test";
    assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), -ERR_INPUT);
    mail = mail_to("taro@example.test");
    mail.id = "x>\r\nBcc: c@d.test";
    assert_int_equal(mail_send(&site.server, &mail, &outcome, &why, NULL), -ERR_INPUT);
    assert_int_equal(handed, 0);
}

/* STARTTLS of a server that is known by our own certificate. */
static void the_connection_is_encrypted(void **state)
{
    CLEANUP(json_freep) struct json *taken = NULL;
    bool is_encrypted = false;

    (void)state;
    assert_int_equal(send_to("taro@example.test"), MAIL_ACCEPTED);
    taken = mail_site_get(&site, 1);
    assert_int_equal(json_get_bool(taken, "tls", &is_encrypted, NULL), 0);
    assert_true(is_encrypted);
}

static void a_server_by_another_certificate_gets_nothing(void **state)
{
    (void)state;
    site.server.authorities = "/etc/ssl/certs/ca-certificates.crt";
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_non_null(strstr(said, "certificate"));
    assert_int_equal(handed, 0);
    assert_int_equal(mail_site_count(&site), 0);
}

/* Whoever stands between could take STARTTLS out of what a server offers. */
static void a_server_without_tls_gets_nothing(void **state)
{
    (void)state;
    site.server.authorities = "/etc/ssl/certs/ca-certificates.crt";
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_int_equal(handed, 0);
    assert_int_equal(mail_site_count(&site), 0);
}

/* Characters that mean something in an URL, in a shell, in what a mail server's settings expand. */
static const char password[] = "geheim%41&+:@/?#$";

static void a_wrong_password_sends_nothing(void **state)
{
    (void)state;
    mail_site_ask(&site, "portal", password);
    site.server.password = "geheimA&+:@/?#$";
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    mail_site_say(&site, "old", true);
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_int_equal(handed, 0);
    assert_int_equal(mail_site_count(&site), 0);
}

static void a_password_goes_out_as_it_is(void **state)
{
    (void)state;
    mail_site_ask(&site, "portal", password);
    assert_int_equal(send_to("taro@example.test"), MAIL_ACCEPTED);
    mail_site_say(&site, "old", true);
    assert_int_equal(send_to("taro@example.test"), MAIL_ACCEPTED);
    assert_int_equal(mail_site_count(&site), 2);
}

/* RFC 4954, 4: the initial response, which some servers never ask for. */
static void a_login_says_all_at_once(void **state)
{
    (void)state;
    mail_site_ask(&site, "portal", password);
    mail_site_say(&site, "mute", true);
    assert_int_equal(send_to("taro@example.test"), MAIL_ACCEPTED);
    assert_int_equal(mail_site_count(&site), 1);
}

/* What is refused is not this mail but whoever has no login: 530 of RFC 4954, 6. */
static void a_login_that_is_missing_gives_no_mail_up(void **state)
{
    (void)state;
    mail_site_ask(&site, "portal", password);
    site.server.user = NULL;
    site.server.password = NULL;
    assert_int_equal(send_to("taro@example.test"), MAIL_LATER);
    assert_int_equal(handed, 0);
}

static void only_this_computer_is_spoken_to_in_the_open(void **state)
{
    (void)state;
    assert_true(mail_is_loopback("127.0.0.1"));
    assert_true(mail_is_loopback("localhost"));
    assert_true(mail_is_loopback("::1"));
    assert_false(mail_is_loopback("127.0.0.1.evil.test"));
    assert_false(mail_is_loopback("mail.example.test"));
}

#define OPEN(test)      cmocka_unit_test_setup_teardown(test, start, stop)
#define ENCRYPTED(test) cmocka_unit_test_setup_teardown(test, start_with_tls, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(no_text_becomes_a_header_or_a_command),
        OPEN(what_is_refused_before_it_goes_out_was_not_handed_over),
        OPEN(what_is_refused_behind_it_has_not_arrived),
        OPEN(nobody_knows_what_became_of_a_mail_without_an_answer),
        OPEN(a_server_that_is_not_there_is_tried_later),
        OPEN(nothing_is_sent_that_could_not_be_noted),
        OPEN(a_server_without_tls_gets_nothing),
        ENCRYPTED(a_server_by_another_certificate_gets_nothing),
        ENCRYPTED(a_wrong_password_sends_nothing),
        ENCRYPTED(a_password_goes_out_as_it_is),
        ENCRYPTED(a_login_says_all_at_once),
        ENCRYPTED(a_login_that_is_missing_gives_no_mail_up),
        ENCRYPTED(the_connection_is_encrypted),
        OPEN(a_slow_server_is_waited_for),
        OPEN(a_mail_arrives_as_it_was_written),
        cmocka_unit_test(only_this_computer_is_spoken_to_in_the_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
