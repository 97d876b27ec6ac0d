/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each profile makes of the same inputs is the same bytes for ever: tests/vectors/profiles/.
 * Those of cards, CAs and responders were made by the release before profiles were files.
 */
#include "base/file.h"
#include "x509/name.h"
#include "x509/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { BEGIN = 1789999999, DAY = 86400 };

static const struct holder holder = {
    .name = {(const uint8_t *)"試験　花子", 15},
    .birth = {(const uint8_t *)"320000229", 9},
    .sex = {(const uint8_t *)"2", 1},
    .address = {(const uint8_t *)"兵庫県神戸市中央区見本町1丁目1番1号", 51},
    .name_substitutes = {(const uint8_t *)"00010", 5},
    .address_substitutes = {(const uint8_t *)"0000000000000000001", 19},
};

static const char *const ends[KEY_KINDS_] = {[KEY_RSA] = "", [KEY_P384] = "-p384"};

static void read_vector(const char *name, const char *end, struct buf *ret)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s%s.der", VECTORS_DIR, name, end), 0);
    if (file_read(path, X509_CERT_MAX, ret, NULL) < 0)
        fail_msg("%s cannot be read", path);
}

/* How the common name of a kind is written; NULL for one that has a name of its own. */
static const char *common_name(enum profile_kind kind)
{
    static const char *const names[PROFILES_] = {
        [PROFILE_SIGN] = "2026092023132000001281003A01",
        [PROFILE_PHONE_SIGN] = "2026092023132000002281003A01",
        [PROFILE_AUTH] = "0123ABCDEFGHI928100003A",
        [PROFILE_PHONE_AUTH] = "I0123ABCDEFGH928100003A",
    };

    return names[kind];
}

static void build(enum profile_kind kind, enum key_kind key, struct buf *ret)
{
    const struct profile *profile = profile_of(kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf ca = BUF_INIT;
    struct tbs issuer;
    struct profile_inputs inputs = {
        .serial = profile_is_ca(profile) ? 1 : 0x8000 + (uint32_t)kind,
        .not_before = BEGIN,
        .not_after = BEGIN + (profile_is_ca(profile) ? 3650LL : 365LL) * DAY,
        .algorithm = key,
        .common_name = common_name(kind),
        .prefecture = "Hyogo-ken",
        .municipality = "Kobe-shi",
        .holder = &holder,
    };
    struct err err = {0};

    read_vector(key == KEY_RSA ? "rsa-key" : "p384-key", "", &spki);
    inputs.spki = buf_bytes(&spki);
    if (!profile_is_ca(profile)) {
        read_vector(profile_name(profile_issuer(profile)), ends[key], &ca);
        assert_int_equal(tbs_parse(buf_bytes(&ca), &issuer, NULL), 0);
        inputs.issuer = &issuer;
    }
    if (profile_build_tbs(profile, &inputs, ret, &err) < 0)
        fail_msg("%s: %s", profile_name(profile), err.text);
}

static void every_kind_gives_its_bytes(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROFILES_; kind++)
        for (int key = 0; key < KEY_KINDS_; key++) {
            const char *name = profile_name(profile_of((enum profile_kind)kind));
            CLEANUP(buf_done) struct buf expected = BUF_INIT;
            CLEANUP(buf_done) struct buf got = BUF_INIT;

            read_vector(name, ends[key], &expected);
            build((enum profile_kind)kind, (enum key_kind)key, &got);
            if (!bytes_equal(buf_bytes(&got), buf_bytes(&expected)))
                fail_msg("%s%s is made otherwise", name, ends[key]);
        }
}

/* The other direction, of the same data. */
static void every_kind_is_taken_for_what_it_is(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROFILES_; kind++)
        for (int key = 0; key < KEY_KINDS_; key++) {
            const struct profile *profile = profile_of((enum profile_kind)kind);
            CLEANUP(buf_done) struct buf der = BUF_INIT;
            struct tbs tbs;
            struct err err = {0};

            read_vector(profile_name(profile), ends[key], &der);
            assert_int_equal(tbs_parse(buf_bytes(&der), &tbs, NULL), 0);
            assert_ptr_equal(profile_guess(&tbs), profile);
            if (profile_check(profile, &tbs, &err) < 0)
                fail_msg("%s", err.text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_gives_its_bytes),
        cmocka_unit_test(every_kind_is_taken_for_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
