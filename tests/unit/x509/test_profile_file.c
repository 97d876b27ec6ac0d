/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles as text: each way in which a file can be wrong, then that the table is what they say. */
#include "x509/profile_file.h"

#include "base/file.h"
#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int read_text(const char *name, struct buf *ret)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s.profile", PROFILES_DIR, name), 0);
    return file_read(path, 65536, ret, NULL);
}

/* The file's text with the first of old replaced. */
static void change(const char *name, const char *old, const char *new, struct buf *ret)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *whole;
    const char *at;

    assert_int_equal(read_text(name, &text), 0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    at = strstr(whole, old);
    if (at == NULL)
        fail_msg("%s has no \"%s\"", name, old);
    assert_int_equal(buf_append(ret, bytes_of(whole, (size_t)(at - whole)), NULL), 0);
    assert_int_equal(buf_append_text(ret, new, NULL), 0);
    assert_int_equal(buf_append_text(ret, at + strlen(old), NULL), 0);
}

static void assert_refused(const char *name, const char *old, const char *new, const char *why)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct profile_file file = {.text = NULL};
    struct err err = {0};

    change(name, old, new, &text);
    if (profile_file_parse(buf_bytes(&text), "f", &file, &err) != -ERR_INPUT)
        fail_msg("%s with \"%s\" for \"%s\" is taken", name, new, old);
    if (strstr(err.text, why) == NULL)
        fail_msg("\"%s\" for \"%s\": \"%s\" does not say \"%s\"", new, old, err.text, why);
    assert_null(file.text);
}

struct wrong {
    const char *file, *old, *new, *why;
};

static void assert_all_refused(const struct wrong *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(rows[i].file, rows[i].old, rows[i].new, rows[i].why);
}

#define ASSERT_ALL_REFUSED(rows) assert_all_refused(rows, sizeof(rows) / sizeof(rows)[0])

static void unknown_and_repeated_keys_are_refused(void **state)
{
    static const struct wrong rows[] = {
        {"sign", "[subject]\n", "[subject]\ncolour = red\n", "[subject] has no key colour"},
        {"sign", "[subject]\n", "[colours]\n", "there is no section [colours]"},
        {"sign", "issuer = sign-ca\n", "issuer = sign-ca\nissuer = sign-ca\n",
         "issuer: is there twice"},
        {"sign", "name = sign\n", "", "[certificate] needs the key name"},
        {"sign", "issuer = sign-ca\n", "", "[certificate] needs the key issuer"},
        {"sign", "critical = yes\nvalue = digital", "value = digital", "needs the key critical"},
        {"sign", "value = holder\n", "", "needs the key value"},
        {"sign", "critical = yes", "critical = maybe", "critical: must be yes or no"},
        {"sign", "[extension authorityKeyIdentifier]", "[extension keyUsage]",
         "critical: is there twice"},
        {"sign", "name = sign\n", "name = sing\n", "no kind of certificate called sing"},
        {"sign", "issuer = sign-ca", "issuer = root", "no kind of certificate called root"},
    };

    (void)state;
    ASSERT_ALL_REFUSED(rows);
}

static void lifetimes_of_another_form_are_refused(void **state)
{
    static const struct wrong rows[] = {
        {"sign", "63 months", "63", "is a number of months or days, not \"63\""},
        {"sign", "63 months", "63 years", "is a number of months or days"},
        {"sign", "63 months", "six months", "is a number of months or days"},
        {"sign", "63 months", "-1 months", "is a number of months or days"},
        {"sign", "63 months", "00063 months", "is a number of months or days"},
        {"sign", "63 months", "0 months", "is 1 to 600 months"},
        {"sign", "63 months", "601 months", "is 1 to 600 months"},
        {"sign", "63 months", "3661 days", "1 to 3660 days"},
        {"ocsp-sign", "RSA-2048 = 365 days\nP-384 = 365 days\n", "", "names no key"},
    };

    (void)state;
    ASSERT_ALL_REFUSED(rows);
}

static void parts_of_names_of_another_form_are_refused(void **state)
{
    static const struct wrong rows[] = {
        {"sign", "1 = C printable JP", "1 = X printable JP",
         "[subject] 1: there is no attribute X"},
        {"sign", "1 = C printable JP", "1 = C ascii JP", "printable or utf8, not ascii"},
        {"sign", "1 = C printable JP", "1 = C printable", "an attribute without text"},
        {"sign", "1 = C printable JP", "1 = C", "the type of its string"},
        {"sign", "1 = C printable JP\n2 = L", "2 = L", "has a part 2 and none before it"},
        {"sign", "1 = C printable JP", "1 = C printable 日本", "characters that its string type"},
        {"sign", "{prefecture}", "{county}", "nothing is put in for \"{county}\""},
        {"sign", "{prefecture}", "{prefecture}{municipality}", "nothing is put in for"},
        {"sign", "OpenJPKI TEST\n", "JPKI\n", "an organisation that is not OpenJPKI TEST"},
        {"sign-ca", "OpenJPKI TEST 公的", "公的", "an organisation that is not OpenJPKI TEST"},
    };
    char text[64];

    (void)state;
    ASSERT_ALL_REFUSED(rows);
    /* As many as there is room for are in the file as it is. */
    assert_int_equal(profile_of(PROFILE_SIGN)->point.count, PROFILE_PARTS_MAX);
    (void)snprintf(text, sizeof text, "[point]\n%d = L utf8 Kobe\n", PROFILE_PARTS_MAX + 1);
    assert_refused("sign", "[point]\n", text, "[point] has no key 7");
}

static void extensions_of_another_form_are_refused(void **state)
{
    static const struct wrong rows[] = {
        {"sign", "[extension issuerAltName]", "[extension nameConstraints]", "no such extension"},
        {"sign", "value = holder", "value = nobody", "there is no such value: nobody"},
        {"sign", "nonRepudiation", "nonsense", "no usage of a key, or there twice: nonsense"},
        {"sign", "nonRepudiation", "digitalSignature", "or there twice: digitalSignature"},
        {"auth", "id-kp-clientAuth", "id-kp-serverAuth", "there is no purpose id-kp-serverAuth"},
        {"sign", "value = 1.2.392", "value = 1.2.x", "an object identifier is written like"},
        {"sign", "cps = http://www.openjpki.test/cps.html\n", "", "cps is for"},
        {"sign", "value = holder", "value = holder\ncps = http://a.test/", "cps is for"},
        {"sign", "cps = http://", "cps = https://", "cps: an address is http://"},
        {"sign", "value = http://ocsp", "value = http://日本", "an address is http://"},
    };

    (void)state;
    ASSERT_ALL_REFUSED(rows);
}

/* Extensions are known by name, so no file gets this far: it is refused for either reason. */
static void more_extensions_than_a_profile_has_room_for_are_refused(void **state)
{
    for (int more = 0; more < 2; more++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct profile_file file = {.text = NULL};
        struct err err = {0};

        (void)state;
        assert_int_equal(buf_append_text(&text,
                                         "[certificate]\nname = sign\nissuer = sign-ca\n"
                                         "[lifetime]\nP-384 = 1 days\n",
                                         NULL),
                         0);
        for (int i = 0; i < PROFILE_EXTENSIONS_MAX + more; i++)
            assert_int_equal(
                buf_append_format(&text, NULL, "[extension %d]\ncritical = no\nvalue = x\n", i), 0);
        assert_int_equal(profile_file_parse(buf_bytes(&text), "f", &file, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, more == 0 ? "there is no such extension"
                                                   : "more than 12 sections [extension ...]"));
    }
}

static void profiles_that_break_a_rule_are_refused(void **state)
{
    static const char point[] = "1 = C printable JP\n2 = O utf8 OpenJPKI TEST\n"
                                "3 = OU utf8 OpenJPKI TEST for user authentication\n"
                                "4 = OU utf8 CRL Distribution Points\n"
                                "5 = CN utf8 {prefecture} CRLDP\n";
    static const char alternative[] = "[alternative]\n1 = C printable JP\n[point]\n";
    static const char key[] = "[extension subjectKeyIdentifier]\ncritical = no\nvalue = key\n";
    static const struct wrong rows[] = {
        {"auth", "1 = C printable JP\n2 = CN utf8 {common-name-auth}\n", "",
         "[subject] has no part"},
        {"sign-ca", "OU utf8 OpenJPKI TEST for digital signature", "OU utf8 {prefecture}",
         "the names of a CA are fixed"},
        {"auth", "[point]\n", alternative, "[alternative] is for a CA"},
        {"auth", point, "", "[point] and the value point"},
        {"auth", "value = point", "value = subject", "[point] and the value point"},
        {"auth", "critical = yes\nvalue = digitalSignature",
         "critical = no\nvalue = "
         "digitalSignature",
         "keyUsage is missing or not critical"},
        {"auth", "[extension keyUsage]\ncritical = yes\nvalue = digitalSignature\n", "",
         "keyUsage is missing or not critical"},
        {"auth", "value = digitalSignature", "value = keyCertSign", "are for a CA"},
        {"sign-ca", "keyCertSign cRLSign", "keyCertSign", "are for a CA"},
        {"sign-ca", "[extension basicConstraints]\ncritical = yes\nvalue = CA\n", "",
         "basicConstraints is for a CA"},
        {"auth", "[extension subjectKeyIdentifier]",
         "[extension basicConstraints]\ncritical = yes\nvalue = CA\n"
         "[extension subjectKeyIdentifier]",
         "basicConstraints is for a CA"},
        {"auth", "[extension authorityKeyIdentifier]\ncritical = no\nvalue = issuer\n", "",
         "authorityKeyIdentifier is missing"},
        {"auth", key, "", "is not the last extension"},
        {"auth", "critical = yes\nvalue = 1.2", "critical = no\nvalue = 1.2", "either a critical"},
        {"auth", "id-kp-clientAuth", "id-kp-OCSPSigning", "either a critical policy"},
        {"ocsp-auth", "id-kp-OCSPSigning", "id-kp-clientAuth", "either a critical policy"},
    };

    (void)state;
    ASSERT_ALL_REFUSED(rows);
}

static void read_all(struct profile_file files[PROFILES_])
{
    for (int i = 0; i < PROFILES_; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct err err = {0};

        assert_int_equal(read_text(profile_name(profile_of((enum profile_kind)i)), &text), 0);
        if (profile_file_parse(buf_bytes(&text), "f", &files[i], &err) < 0)
            fail_msg("%s", err.text);
    }
}

static void done_all(struct profile_file files[PROFILES_])
{
    for (int i = 0; i < PROFILES_; i++)
        profile_file_done(&files[i]);
}

static void assert_unfit(const struct profile_file files[PROFILES_], const char *why)
{
    struct err err = {0};

    assert_int_equal(profile_files_check(files, PROFILES_, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, why));
}

static void profiles_that_do_not_fit_together_are_refused(void **state)
{
    struct profile_file files[PROFILES_] = {{.text = NULL}};
    struct profile *phone = &files[PROFILE_PHONE_AUTH].profile;
    struct profile *responder = &files[PROFILE_OCSP_SIGN].profile;
    struct profile *ca = &files[PROFILE_SIGN_CA].profile;
    struct profile good;

    (void)state;
    read_all(files);
    assert_int_equal(profile_files_check(files, PROFILES_, NULL), 0);
    assert_int_equal(profile_files_check(files, PROFILES_ - 1, NULL), -ERR_INPUT);
    good = *phone;
    phone->kind = PROFILE_AUTH;
    assert_unfit(files, "not exactly one file");
    *phone = good;
    phone->issuer = PROFILE_AUTH;
    assert_unfit(files, "phone-auth: its issuer auth is no CA");
    *phone = good;
    phone->extensions[2].policy = files[PROFILE_AUTH].profile.extensions[2].policy;
    assert_unfit(files, "cannot be told apart");
    *phone = good;
    responder->issuer = PROFILE_AUTH_CA;
    assert_unfit(files, "cannot be told apart");
    responder->issuer = PROFILE_SIGN_CA;
    ca->lifetimes[KEY_P384] = (struct profile_lifetime){0, 0};
    assert_unfit(files, "its issuer has no such keys");
    done_all(files);
}

static void assert_same_name(const struct profile_name *a, const struct profile_name *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->parts[i].attribute, b->parts[i].attribute);
        assert_int_equal(a->parts[i].type, b->parts[i].type);
        assert_int_equal(a->parts[i].source, b->parts[i].source);
        assert_string_equal(a->parts[i].text, b->parts[i].text);
    }
}

static void assert_same_extension(const struct profile_extension *a,
                                  const struct profile_extension *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->is_critical, b->is_critical);
    assert_int_equal(a->value, b->value);
    assert_int_equal(a->key_usage, b->key_usage);
    assert_int_equal(a->purpose, b->purpose);
    assert_int_equal(a->policy.len, b->policy.len);
    assert_memory_equal(a->policy.octets, b->policy.octets, sizeof a->policy.octets);
    assert_int_equal(a->text == NULL, b->text == NULL);
    if (a->text != NULL)
        assert_string_equal(a->text, b->text);
}

static void the_table_is_what_the_files_say(void **state)
{
    struct profile_file files[PROFILES_] = {{.text = NULL}};

    (void)state;
    read_all(files);
    for (int i = 0; i < PROFILES_; i++) {
        const struct profile *read = &files[i].profile;
        const struct profile *made = profile_of((enum profile_kind)i);

        assert_int_equal(made->kind, i);
        assert_int_equal(read->kind, i);
        assert_int_equal(read->issuer, made->issuer);
        assert_memory_equal(read->lifetimes, made->lifetimes, sizeof read->lifetimes);
        assert_same_name(&read->subject, &made->subject);
        assert_same_name(&read->alternative, &made->alternative);
        assert_same_name(&read->point, &made->point);
        assert_int_equal(read->extension_count, made->extension_count);
        for (size_t j = 0; j < read->extension_count; j++)
            assert_same_extension(&read->extensions[j], &made->extensions[j]);
    }
    done_all(files);
}

static int parse_sign(void *context)
{
    struct profile_file file = {.text = NULL};
    int rc = profile_file_parse(buf_bytes(context), "f", &file, NULL);

    assert_int_equal(rc == 0, file.text != NULL);
    profile_file_done(&file);
    return rc;
}

static void running_out_of_memory_leaves_nothing(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(read_text("sign", &text), 0);
    assert_true(every_failed_allocation(parse_sign, &text) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_and_repeated_keys_are_refused),
        cmocka_unit_test(lifetimes_of_another_form_are_refused),
        cmocka_unit_test(parts_of_names_of_another_form_are_refused),
        cmocka_unit_test(extensions_of_another_form_are_refused),
        cmocka_unit_test(more_extensions_than_a_profile_has_room_for_are_refused),
        cmocka_unit_test(profiles_that_break_a_rule_are_refused),
        cmocka_unit_test(profiles_that_do_not_fit_together_are_refused),
        cmocka_unit_test(the_table_is_what_the_files_say),
        cmocka_unit_test(running_out_of_memory_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
