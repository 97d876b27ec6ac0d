/* SPDX-License-Identifier: Apache-2.0 */
/* What a script may say is tried by tests/system/test_key_ceremony.py; here are its sizes. */
#include "ceremony/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const char head[] = "[ceremony]\n"
                           "title = t\n"
                           "config = /c\n"
                           "needed = 2\n"
                           "shares = 2\n"
                           "[step a]\n"
                           "do = present\n"
                           "role = administrator\n"
                           "who = a\n"
                           "[step w]\n"
                           "do = present\n"
                           "role = auditor\n"
                           "who = w\n"
                           "[step x]\n"
                           "do = present\n"
                           "role = custodian\n"
                           "who = x\n"
                           "[step y]\n"
                           "do = present\n"
                           "role = custodian\n"
                           "who = y\n";
enum { HEAD_STEPS = 4 };

/* So many steps that somebody confirms something, and the end. */
static int parse(unsigned steps, const char *more, struct script **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(buf_append_text(&text, head, NULL), 0);
    for (unsigned i = 0; i + HEAD_STEPS + 1 < steps; i++)
        assert_int_equal(
            buf_append_format(&text, NULL, "[step c%u]\ndo = confirm\nwho = w\nsay = done?\n", i),
            0);
    assert_int_equal(buf_append_text(&text, more, NULL), 0);
    return script_parse(buf_bytes(&text), "script", ret, err);
}

static void a_script_has_so_many_steps_and_no_more(void **state)
{
    CLEANUP(script_freep) struct script *script = NULL;
    static const char end[] = "[step end]\ndo = close\n";

    (void)state;
    assert_int_equal(parse(CEREMONY_STEPS_MAX + 1, end, &script, NULL), -ERR_INPUT);
    assert_null(script);
    assert_int_equal(parse(CEREMONY_STEPS_MAX, end, &script, NULL), 0);
    assert_int_equal(script->count, CEREMONY_STEPS_MAX);
    assert_int_equal(script_find(script, 0, STEP_CLOSE), CEREMONY_STEPS_MAX - 1);
    assert_int_equal(script_find(script, 0, STEP_SPLIT), CEREMONY_STEPS_MAX);
}

/* Who opens keys that are there, makes one more, and splits nothing. */
static void keys_are_added_without_a_splitting(void **state)
{
    static const struct {
        const char *steps;
        int rc;
    } rows[] = {
        {"[step r]\ndo = restore\n[step k]\ndo = key\nkey = k\n[step i]\ndo = install\n"
         "[step e]\ndo = close\n",
         0},
        {"[step k]\ndo = key\nkey = k\n[step r]\ndo = restore\n[step i]\ndo = install\n"
         "[step e]\ndo = close\n",
         -ERR_INPUT},
        {"[step r]\ndo = restore\n[step i]\ndo = install\n[step k]\ndo = key\nkey = k\n"
         "[step e]\ndo = close\n",
         -ERR_INPUT},
        {"[step r]\ndo = restore\n[step i]\ndo = install\n[step j]\ndo = install\n"
         "[step e]\ndo = close\n",
         -ERR_INPUT},
        {"[step r]\ndo = restore\n[step s]\ndo = share\nwho = x\nfile = /x\n[step i]\ndo = "
         "install\n"
         "[step e]\ndo = close\n",
         -ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(script_freep) struct script *script = NULL;
        struct err err = {0};
        int rc = parse(0, rows[i].steps, &script, &err);

        if (rc != rows[i].rc)
            print_error("row %zu: %s\n", i, err.text);
        assert_int_equal(rc, rows[i].rc);
    }
}

/* New custodians: the old ones open, the secret is split anew, the new ones show that it works. */
static void shares_are_given_anew_between_two_restores(void **state)
{
    static const char good[] =
        "[step r]\ndo = restore\n[step p]\ndo = split\n"
        "[step s1]\ndo = share\nwho = x\nfile = /x\n[step s2]\ndo = share\nwho = y\nfile = /y\n"
        "[step r2]\ndo = restore\n[step i]\ndo = install\n[step e]\ndo = close\n";
    static const char bad[] =
        "[step r]\ndo = restore\n[step p]\ndo = split\n"
        "[step s1]\ndo = share\nwho = x\nfile = /x\n[step r2]\ndo = restore\n"
        "[step s2]\ndo = share\nwho = y\nfile = /y\n[step i]\ndo = install\n[step e]\ndo = close\n";
    CLEANUP(script_freep) struct script *script = NULL;

    (void)state;
    assert_int_equal(parse(0, bad, &script, NULL), -ERR_INPUT);
    assert_int_equal(parse(0, good, &script, NULL), 0);
    assert_string_equal(step_kind_name(script->steps[HEAD_STEPS].kind), "restore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_has_so_many_steps_and_no_more),
        cmocka_unit_test(keys_are_added_without_a_splitting),
        cmocka_unit_test(shares_are_given_anew_between_two_restores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
