/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note.h"

#include "note/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Made with openssl; the second line is a witness's, of 1795683052. */
#define TEXT "log.openjpki.test/seed\n12\nLXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=\n"
#define LOG_LINE                                                                                   \
    "\xe2\x80\x94 log.openjpki.test/seed "                                                         \
    "sQfkhjeFfOq6UdDhcIU0AhZv98qXfYLHrdOdqUHeabLJLNSAh+GExX8BPqUJsMZVnI2Fq/"                       \
    "WwD3B/3eSPtqhx55KtsgM=\n"
#define WITNESS_LINE                                                                               \
    "\xe2\x80\x94 witness.openjpki.test "                                                          \
    "khtQrQAAAABrB/Ls3LNSVEqxk+edzXFbGh+fdPgF32aq0JnFrqnonLDcXe5h9WcoGgKfUjEbJiiJmE9m6lfViBpYySGm" \
    "OEAVkyeXAA==\n"
#define LOG_KEY     "log.openjpki.test/seed+b107e486+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI"
#define WITNESS_KEY "witness.openjpki.test+921b50ad+BOiVC1HIC8dr8OW5rrdhSv4/zvMsDs76659L/W0MQGbF"

static struct note_key key_of(const char *line)
{
    struct note_key key = {.algorithm = NOTE_ED25519};

    assert_int_equal(note_key_parse(bytes_text(line), &key, NULL), 0);
    return key;
}

static int verify(const char *file, const char *key_line, int64_t *ret_time)
{
    struct note_key key = key_of(key_line);
    struct note note;

    TRY(note_parse(bytes_text(file), &note, NULL));
    return note_verify(&note, &key, ret_time, NULL);
}

static void a_note_is_by_those_who_signed_it(void **state)
{
    int64_t time = -1;

    (void)state;
    assert_int_equal(verify(TEXT "\n" LOG_LINE WITNESS_LINE, LOG_KEY, &time), 0);
    assert_int_equal(time, 0);
    assert_int_equal(verify(TEXT "\n" LOG_LINE WITNESS_LINE, WITNESS_KEY, &time), 0);
    assert_int_equal(time, 1795683052);
    assert_int_equal(verify(TEXT "\n" LOG_LINE, WITNESS_KEY, &time), -ERR_UNTRUSTED);
    assert_int_equal(verify(TEXT "\n" WITNESS_LINE, LOG_KEY, &time), -ERR_UNTRUSTED);
    assert_int_equal(verify("x\n" TEXT "\n" LOG_LINE WITNESS_LINE, LOG_KEY, &time), -ERR_UNTRUSTED);
    assert_int_equal(verify("x\n" TEXT "\n" LOG_LINE WITNESS_LINE, WITNESS_KEY, &time),
                     -ERR_UNTRUSTED);
}

static void a_changed_signature_is_none(void **state)
{
    static const char *const lines[] = {LOG_LINE, WITNESS_LINE};
    static const char *const keys[] = {LOG_KEY, WITNESS_KEY};
    int64_t time;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t at = (size_t)(strrchr(lines[i], ' ') - lines[i]) + 1;

        /* The key's id, then the time or the signature; the last digit has bits that must be 0. */
        for (; at < strlen(lines[i]) - 4; at++) {
            char file[1024];
            size_t len = sizeof TEXT;

            (void)snprintf(file, sizeof file, "%s\n%s", TEXT, lines[i]);
            file[len + at] = file[len + at] == 'A' ? 'B' : 'A';
            assert_int_equal(verify(file, keys[i], &time), -ERR_UNTRUSTED);
        }
    }
}

static int parse(const char *file)
{
    struct note note;

    return note_parse(bytes_text(file), &note, NULL);
}

static void what_is_no_note_is_refused(void **state)
{
    static const char *const files[] = {
        "",
        "\n",
        TEXT,
        TEXT "\n",
        TEXT LOG_LINE,
        "\n" LOG_LINE,
        TEXT "\n" LOG_LINE "\n",
        TEXT "\n" LOG_LINE "x",
        TEXT "\n" LOG_LINE "x\n",
        TEXT "\nx" LOG_LINE,
        TEXT "\r\n" LOG_LINE,
        "\x01\n" TEXT "\n" LOG_LINE,
        "\xff\n" TEXT "\n" LOG_LINE,
        TEXT "\n- log AAAAAAA=\n",
        TEXT "\n\xe2\x80\x94 log AAAAAA==\n",
        TEXT "\n\xe2\x80\x94 log AAAAAAAA=\n",
        TEXT "\n\xe2\x80\x94 l+g AAAAAAA=\n",
        TEXT "\n\xe2\x80\x94  AAAAAAA=\n",
        TEXT "\n\xe2\x80\x94 log\n",
    };

    (void)state;
    assert_int_equal(parse(TEXT "\n\xe2\x80\x94 log AAAAAAA=\n"), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_int_equal(parse(files[i]), -ERR_INPUT);
}

/* A note of so many octets, all of its text in one line, and so many signatures. */
static int parse_of(size_t size, unsigned signatures)
{
    static const char line[] = "\xe2\x80\x94 log AAAAAAA=\n";
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct note note;

    while (file.len + 2 + signatures * (sizeof line - 1) < size)
        assert_int_equal(buf_append_byte(&file, 'x', NULL), 0);
    assert_int_equal(buf_append_text(&file, "\n\n", NULL), 0);
    for (unsigned i = 0; i < signatures; i++)
        assert_int_equal(buf_append_text(&file, line, NULL), 0);
    assert_int_equal(file.len, size);
    return note_parse(buf_bytes(&file), &note, NULL);
}

static void as_much_as_fits_and_not_more(void **state)
{
    char name[NOTE_NAME_MAX + 2];

    (void)state;
    assert_int_equal(parse_of(NOTE_MAX, 1), 0);
    assert_int_equal(parse_of(NOTE_MAX + 1, 1), -ERR_INPUT);
    assert_int_equal(parse_of(1000, NOTE_SIGNATURES_MAX), 0);
    assert_int_equal(parse_of(1000, NOTE_SIGNATURES_MAX + 1), -ERR_INPUT);
    memset(name, 'n', sizeof name);
    assert_int_equal(note_name_check(bytes_of(name, NOTE_NAME_MAX), NULL), 0);
    assert_int_equal(note_name_check(bytes_of(name, NOTE_NAME_MAX + 1), NULL), -ERR_INPUT);
    assert_int_equal(note_name_check(bytes_of(name, 0), NULL), -ERR_INPUT);
}

static void keys_are_read_as_they_are_written(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct note_key key = key_of(WITNESS_KEY "\n");

    (void)state;
    assert_int_equal(key.algorithm, NOTE_COSIGNATURE);
    assert_string_equal(key.name, "witness.openjpki.test");
    assert_int_equal(note_key_format(&key, &line, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&line), BYTES_LITERAL(WITNESS_KEY)));
}

static void what_is_no_key_is_refused(void **state)
{
    char longest[NOTE_KEY_MAX + 3];
    static const char *const lines[] = {
        "",
        "log",
        "log+b107e486",
        LOG_KEY "\n\n",
        LOG_KEY " ",
        "log.openjpki.test/see+b107e486+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI",
        "log.openjpki.test/seed+b107e487+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI",
        "log.openjpki.test/seed+B107E486+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI",
        "log.openjpki.test/seed+b107e486+AnmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI",
        "log.openjpki.test/seed+b107e486+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGQ=",
        "log openjpki.test/seed+b107e486+AXmlS2Yq4o0QINJNXfoK5wcE+en7UMqusENVQGPfaGRI",
    };
    struct note_key key;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(note_key_parse(bytes_text(lines[i]), &key, NULL), -ERR_INPUT);
    /* At the limit it is looked into, one past it not. */
    memset(longest, 'n', sizeof longest);
    longest[100] = longest[109] = '+';
    assert_int_equal(note_key_parse(bytes_of(longest, NOTE_KEY_MAX), &key, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "NAME+HEX+BASE64"));
    assert_int_equal(note_key_parse(bytes_of(longest, NOTE_KEY_MAX + 1), &key, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "NAME+HEX+BASE64"));
}

static void checkpoints_have_one_spelling(void **state)
{
    static const char root[] = "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=";
    static const char *const sizes[] = {"", "-1", "01", "+1", "1 ", "0x1", "9999999999999999999"};
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct checkpoint checkpoint;
    char text[256];

    (void)state;
    assert_int_equal(checkpoint_parse(BYTES_LITERAL(TEXT), &checkpoint, NULL), 0);
    assert_int_equal(checkpoint.size, 12);
    assert_string_equal(checkpoint.origin, "log.openjpki.test/seed");
    assert_int_equal(checkpoint_build(&checkpoint, &again, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&again), BYTES_LITERAL(TEXT)));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        (void)snprintf(text, sizeof text, "log\n%s\n%s\n", sizes[i], root);
        assert_int_equal(checkpoint_parse(bytes_text(text), &checkpoint, NULL), -ERR_INPUT);
    }
    (void)snprintf(text, sizeof text, "log\n0\n%s\n", root);
    assert_int_equal(checkpoint_parse(bytes_text(text), &checkpoint, NULL), 0);
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(checkpoint_parse(bytes_of(text, len), &checkpoint, NULL), -ERR_INPUT);
    assert_int_equal(checkpoint_parse(BYTES_LITERAL("log\n1\nLXEWQg==\n"), &checkpoint, NULL),
                     -ERR_INPUT);
    assert_int_equal(checkpoint_parse(BYTES_LITERAL(TEXT "\n"), &checkpoint, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_is_by_those_who_signed_it),
        cmocka_unit_test(a_changed_signature_is_none),
        cmocka_unit_test(what_is_no_note_is_refused),
        cmocka_unit_test(as_much_as_fits_and_not_more),
        cmocka_unit_test(keys_are_read_as_they_are_written),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(checkpoints_have_one_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
