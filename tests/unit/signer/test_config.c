/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/config.h"

#include "base/file.h"
#include "base/sock.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SIGNER                                                                                     \
    "[signer]\nsocket = /run/s\nkeys = /var/keys\npassphrase_file = /etc/secret/passphrase\n"
#define KEY                                                                                        \
    "[key sign-ca]\nrole = ca\nallow_uid = 64102\nsubject = O=X TEST,C=JP\npolicies = 1.2.3\n"

static int read_text(const char *text, struct signer_config **ret, struct err *err)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];

    (void)tempdir_file(&dir, "f", path);
    assert_int_equal(file_create(path, 0600, bytes_text(text), NULL), 0);
    return signer_config_read(path, ret, err);
}

/* The end of the failure, behind the name of the file. */
static void assert_refused(const char *text, const char *reason)
{
    struct signer_config *config = NULL;
    struct err err;

    assert_int_equal(read_text(text, &config, &err), -ERR_INPUT);
    assert_null(config);
    assert_string_equal(strstr(err.text, "/f: ") + 4, reason);
}

static void what_is_not_there_yet_is_refused_by_name(void **state)
{
    (void)state;
    assert_refused(SIGNER KEY "backend = pkcs11\n",
                   "[key sign-ca]: backend pkcs11 is not there yet in this version");
    assert_refused(SIGNER KEY "backend = tpm\n", "[key sign-ca]: there is no backend tpm");
    assert_refused(SIGNER "[key k]\nrole = king\nallow_uid = 1\nsubject = C=JP\npolicies = 1.2\n",
                   "[key k]: there is no role king");
}

static void rules_of_another_role_are_refused(void **state)
{
    static const char other[] = "[key k]: subject, policies and purposes are for role ca";
    static const char needed[] = "[key k]: role ca needs subject and policies";

    (void)state;
    assert_refused(SIGNER "[key k]\nrole = ca\nallow_uid = 1\npolicies = 1.2\n", needed);
    assert_refused(SIGNER "[key k]\nrole = ca\nallow_uid = 1\nsubject = C=JP\n", needed);
    assert_refused(SIGNER "[key k]\nrole = ocsp\nallow_uid = 1\nsubject = C=JP\n", other);
    assert_refused(SIGNER "[key k]\nrole = verifier\nallow_uid = 1\npolicies = 1.2\n", other);
    assert_refused(SIGNER "[key k]\nrole = token\nallow_uid = 1\npurposes = 1.2\n", other);
}

static void rules_of_tokens_are_for_their_role_and_keys_on_p_256_too(void **state)
{
    static const char needed[] = "[key k]: issuer is for role jws, which needs it";
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;

    (void)state;
    assert_refused(SIGNER "[key k]\nrole = jws\nallow_uid = 1\n", needed);
    assert_refused(SIGNER "[key k]\nrole = jws\nallow_uid = 1\nissuer = https://a\ntokens = x\n",
                   "[key k]: tokens is login, report or assertion, and for role jws");
    assert_refused(SIGNER "[key k]\nrole = token\nallow_uid = 1\ntokens = assertion\n",
                   "[key k]: tokens is login, report or assertion, and for role jws");
    assert_refused(SIGNER "[key k]\nrole = token\nallow_uid = 1\ntokens = report\n",
                   "[key k]: tokens is login, report or assertion, and for role jws");
    assert_refused(SIGNER "[key k]\nrole = token\nallow_uid = 1\nissuer = https://a\n", needed);
    assert_refused(SIGNER "[key k]\nrole = verifier\nallow_uid = 1\nbits = 256\n",
                   "[key k]: bits and subject_bits are 2048, 3072 or 4096");
    assert_int_equal(
        read_text(SIGNER "[key k]\nrole = token\nallow_uid = 1\nbits = 256\n", &config, NULL), 0);
    signer_config_freep(&config);
    assert_int_equal(
        read_text(SIGNER "[key k]\nrole = jws\nallow_uid = 1\nissuer = https://a\nbits = 256\n"
                         "token_seconds = 60\n",
                  &config, NULL),
        0);
    assert_string_equal(config->key[0].jws.issuer, "https://a");
    assert_int_equal(config->key[0].jws.seconds, 60);
}

#define ROOT_ID "39303030303333080530303100000000"
#define TEXT_ID "39303030303334080530303100000000"
#define CARD    SIGNER "[key k]\nallow_uid = 1\n"

static void rules_of_card_data_are_refused_where_they_make_no_sense(void **state)
{
    static const char id[] = "[key k]: key_id is for roles cv-root and card-data, which need it";
    static const char subjects[] = "[key k]: subjects is for role cv-root, which needs it";
    static const char applet[] = "[key k]: applet is for role card-data, which needs it";

    (void)state;
    assert_refused(CARD "role = cv-root\nsubjects = " TEXT_ID "\n", id);
    assert_refused(CARD "role = card-data\napplet = text\n", id);
    assert_refused(CARD "role = ocsp\nkey_id = " TEXT_ID "\n", id);
    assert_refused(CARD "role = cv-root\nkey_id = " ROOT_ID "\n", subjects);
    assert_refused(CARD "role = card-data\nkey_id = " TEXT_ID "\nsubjects = " TEXT_ID "\n",
                   subjects);
    assert_refused(CARD "role = card-data\nkey_id = " TEXT_ID "\n", applet);
    assert_refused(CARD "role = cv-root\nkey_id = " ROOT_ID "\nsubjects = " TEXT_ID
                        "\napplet = text\n",
                   applet);
    assert_refused(CARD "role = card-data\nkey_id = " TEXT_ID "\napplet = juki\n",
                   "[key k]: applet: text or visual");
    assert_refused(CARD "role = card-data\nkey_id = " TEXT_ID "\napplet = text\nbits = 3072\n",
                   "[key k]: keys of card data have 2048 bits");
    assert_refused(CARD "role = cv-root\nkey_id = " ROOT_ID "\nsubjects = " ROOT_ID "\n",
                   "[key k]: subjects: a root does not certify itself");
    assert_refused(CARD "role = cv-root\nkey_id = " ROOT_ID "\nsubjects = 34\n",
                   "[key k]: subjects: a key id has 32 hexadecimal digits");
}

/* count subjects, each of another number. */
static void root_with(size_t count, char *ret, size_t size)
{
    size_t len = (size_t)snprintf(ret, size,
                                  CARD "role = cv-root\nkey_id = " ROOT_ID "\nsubjects =");

    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(ret + len, size - len, " 3930303030333408053030%02x00000000",
                                (unsigned)('1' + i));
    (void)snprintf(ret + len, size - len, "\n");
}

static void a_subject_past_the_limit_is_refused(void **state)
{
    struct signer_config *config = NULL;
    char text[1024];

    (void)state;
    root_with(SIGNERD_SUBJECTS_MAX, text, sizeof text);
    assert_int_equal(read_text(text, &config, NULL), 0);
    assert_int_equal(config->key[0].is, KEY_ROLE_CV_ROOT);
    assert_int_equal(config->key[0].card.subject_count, SIGNERD_SUBJECTS_MAX);
    assert_memory_equal(config->key[0].card.subjects[1],
                        "9000034\x08\x05"
                        "002\0\0\0",
                        CV_KEY_ID_SIZE);
    signer_config_free(config);
    root_with(SIGNERD_SUBJECTS_MAX + 1, text, sizeof text);
    assert_refused(text, "[key k]: subjects: more than 4");
}

static void a_data_key_knows_its_applet(void **state)
{
    struct signer_config *config = NULL;

    (void)state;
    assert_int_equal(
        read_text(CARD "role = card-data\nkey_id = " TEXT_ID "\napplet = visual\n", &config, NULL),
        0);
    assert_int_equal(config->key[0].is, KEY_ROLE_CARD_DATA);
    assert_int_equal(config->key[0].card.applet, CARD_APPLET_VISUAL);
    assert_memory_equal(config->key[0].card.key_id,
                        "9000034\x08\x05"
                        "001\0\0\0",
                        CV_KEY_ID_SIZE);
    signer_config_free(config);
}

static void every_role_can_be_configured(void **state)
{
    static const struct {
        const char *name;
        enum key_role role;
    } rows[] = {
        {"ocsp", KEY_ROLE_OCSP}, {"verifier", KEY_ROLE_VERIFIER}, {"token", KEY_ROLE_TOKEN}};
    struct signer_config *config = NULL;
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text, SIGNER "[key k]\nrole = %s\nallow_uid = 1\n",
                       rows[i].name);
        assert_int_equal(read_text(text, &config, NULL), 0);
        assert_int_equal(config->key[0].is, rows[i].role);
        signer_config_freep(&config);
    }
    assert_int_equal(read_text(SIGNER KEY, &config, NULL), 0);
    assert_int_equal(config->key[0].is, KEY_ROLE_CA);
    assert_int_equal(config->key[0].rules.crl_days, 8);
    assert_int_equal(config->key[0].rules.responder_days, 400);
    signer_config_freep(&config);
}

static void a_signer_that_could_not_work_is_refused(void **state)
{
    (void)state;
    assert_refused(SIGNER, "there is no section [key NAME]");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\n" KEY,
                   "[signer] needs one of passphrase_file, passphrase_credential and quorum");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\npassphrase_file = /p\n"
                   "passphrase_credential = p\n" KEY,
                   "[signer] needs one of passphrase_file, passphrase_credential and quorum");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\npassphrase_file = /p\nquorum = /k/q\n"
                   "unlock_socket = /u\n" KEY,
                   "[signer] needs one of passphrase_file, passphrase_credential and quorum");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\nquorum = /k/q\n" KEY,
                   "quorum and unlock_socket go together");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\npassphrase_file = /p\n"
                   "unlock_socket = /u\n" KEY,
                   "quorum and unlock_socket go together");
    assert_refused("[signer]\nsocket = /s\nkeys = /k/\npassphrase_file = /k/p\n" KEY,
                   "passphrase_file: must not be in the keys' directory");
    assert_refused("[signer]\nsocket = /s\nkeys = /\npassphrase_file = /k/p\n" KEY,
                   "passphrase_file: must not be in the keys' directory");
    assert_refused("[signer]\nsocket = /s\nkeys = /k\npassphrase_credential = ../p\n" KEY,
                   "passphrase_credential: a name, not a path");
    assert_refused("[signer]\nsocket = /s\nsocket_mode = 0777\nkeys = /k\n"
                   "passphrase_file = /p\n" KEY,
                   "socket_mode: must be 0600, 0660 or 0666");
}

static void a_socket_path_past_the_limit_is_refused(void **state)
{
    char path[SOCK_PATH_MAX + 2];
    char text[512];
    struct signer_config *config = NULL;

    (void)state;
    memset(path, 's', sizeof path - 1);
    path[0] = '/';
    path[SOCK_PATH_MAX + 1] = 0;
    (void)snprintf(text, sizeof text, "[signer]\nsocket = %s\nkeys = /k\npassphrase_file = /p\n%s",
                   path, KEY);
    assert_int_equal(read_text(text, &config, NULL), -ERR_INPUT);
    path[SOCK_PATH_MAX] = 0;
    (void)snprintf(text, sizeof text, "[signer]\nsocket = %s\nkeys = /k\npassphrase_file = /p\n%s",
                   path, KEY);
    assert_int_equal(read_text(text, &config, NULL), 0);
    signer_config_free(config);
}

#define KEY_NAMED(name)                                                                            \
    "[key " name "]\nrole = ca\nallow_uid = 1\nsubject = C=JP\npolicies = 1.2.3\n"

static void names_of_keys_are_plain_and_not_too_long(void **state)
{
    static const char reason[] = ": the name of a key is at most 32 of a-z, 0-9 and -";
    static const char *const bad[] = {"../ca", "CA", "-ca", "a b",
                                      "a-name-of-thirty-three-characters"};
    struct signer_config *config = NULL;
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char expected[256];

        (void)snprintf(text, sizeof text,
                       SIGNER "[key %s]\nrole = ca\nallow_uid = 1\nsubject = C=JP\n"
                              "policies = 1.2.3\n",
                       bad[i]);
        (void)snprintf(expected, sizeof expected, "[key %s]%s", bad[i], reason);
        assert_refused(text, expected);
    }
    /* RPC_NAME_MAX */
    assert_int_equal(read_text(SIGNER KEY_NAMED("a-name-of-32-characters-exactly-"), &config, NULL),
                     0);
    signer_config_free(config);
}

static void lists_have_a_limit_and_hold_what_they_may(void **state)
{
    static const char start[] = SIGNER "[key k]\nrole = ca\nsubject = C=JP\n";
    struct signer_config *config = NULL;
    char text[512];

    (void)state;
    /* SIGNERD_PEERS_MAX and one more */
    (void)snprintf(text, sizeof text, "%spolicies = 1.2\nallow_uid = 1 2 3 4 5 6 7 8\n", start);
    assert_int_equal(read_text(text, &config, NULL), 0);
    assert_int_equal(config->key[0].users.count, SIGNERD_PEERS_MAX);
    signer_config_freep(&config);
    (void)snprintf(text, sizeof text, "%spolicies = 1.2\nallow_uid = 1 2 3 4 5 6 7 8 9\n", start);
    assert_refused(text, "[key k]: allow_uid: more than 8 user ids");
    (void)snprintf(text, sizeof text, "%spolicies = 1.2\nallow_uid = 1\npublic_uid = %s\n", start,
                   "1 2 3 4 5 6 7 8");
    assert_int_equal(read_text(text, &config, NULL), 0);
    assert_false(key_config_allows(&config->key[0], 8));
    assert_true(key_config_shows(&config->key[0], 8));
    assert_false(key_config_shows(&config->key[0], 9));
    signer_config_freep(&config);
    (void)snprintf(text, sizeof text, "%spolicies = 1.2\nallow_uid = 1\npublic_uid = %s\n", start,
                   "1 2 3 4 5 6 7 8 9");
    assert_refused(text, "[key k]: public_uid: more than 8 user ids");
    /* SIGNERD_POLICIES_MAX and one more */
    (void)snprintf(text, sizeof text, "%sallow_uid = 1\npolicies = 1.2 1.3 1.4  1.5\n", start);
    assert_int_equal(read_text(text, &config, NULL), 0);
    assert_int_equal(config->key[0].rules.policy_count, SIGNERD_POLICIES_MAX);
    signer_config_freep(&config);
    (void)snprintf(text, sizeof text, "%sallow_uid = 1\npolicies = 1.2 1.3 1.4 1.5 1.6\n", start);
    assert_refused(text, "[key k]: policies: more than 4");
    (void)snprintf(text, sizeof text, "%sallow_uid = root\npolicies = 1.2\n", start);
    assert_refused(text, "[key k]: allow_uid: root is not a numeric user id");
    (void)snprintf(text, sizeof text, "%sallow_uid = 4294967295\npolicies = 1.2\n", start);
    assert_refused(text, "[key k]: allow_uid: 4294967295 is not a numeric user id");
    (void)snprintf(text, sizeof text, "%sallow_uid = 1\npolicies = sign\n", start);
    assert_int_equal(read_text(text, &config, NULL), -ERR_INPUT);
    (void)snprintf(text, sizeof text, "%sallow_uid = 1\npolicies = 1.2\nbits = 2049\n", start);
    assert_refused(text, "[key k]: bits and subject_bits are 2048, 3072 or 4096");
    (void)snprintf(text, sizeof text, "%sallow_uid = 1\npolicies = 1.2\nbits = 256\n", start);
    assert_refused(text, "[key k]: bits and subject_bits are 2048, 3072 or 4096");
}

static void one_key_more_than_the_limit_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct signer_config *config = NULL;
    const char *whole;

    (void)state;
    assert_int_equal(buf_append_text(&text, SIGNER, NULL), 0);
    for (int i = 0; i < RPC_KEYS_MAX; i++)
        assert_int_equal(buf_append_format(&text, NULL,
                                           "[key k%d]\nrole = ca\nallow_uid = 1\n"
                                           "subject = C=JP\npolicies = 1.2.3\n",
                                           i),
                         0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    assert_int_equal(read_text(whole, &config, NULL), 0);
    assert_int_equal(config->key_count, RPC_KEYS_MAX);
    signer_config_freep(&config);
    assert_int_equal(buf_append_text(&text, KEY_NAMED("one-more"), NULL), 0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    assert_int_equal(read_text(whole, &config, NULL), -ERR_INPUT);
}

static void what_is_written_is_read(void **state)
{
    struct signer_config *config = NULL;
    const struct key_config *row;

    (void)state;
    assert_int_equal(read_text(SIGNER "socket_mode = 0660\n" KEY "days = 5\n", &config, NULL), 0);
    assert_int_equal(signer_config_mode(config), 0660);
    assert_int_equal(signer_config_key(config, "auth-ca", &row, NULL), -ERR_ABSENT);
    assert_int_equal(signer_config_key(config, "sign-ca", &row, NULL), 0);
    assert_true(key_config_allows(row, 64102));
    assert_false(key_config_allows(row, 0));
    assert_string_equal(row->rules.subject, "O=X TEST,C=JP");
    assert_int_equal(row->rules.days, 5);
    assert_int_equal(row->rules.ca_days, 3660);
    assert_int_equal(row->rules.policy_count, 1);
    assert_int_equal(row->rules.purpose_count, 0);
    assert_true(signer_config_separates(config));
    signer_config_free(config);
}

static void a_peer_with_our_own_user_is_not_separated(void **state)
{
    struct signer_config *config = NULL;
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof text,
                   SIGNER KEY "[key b]\nrole = ca\nsubject = C=JP\npolicies = 1.2\n"
                              "allow_uid = 7 %u\n",
                   (unsigned)geteuid());
    assert_int_equal(read_text(text, &config, NULL), 0);
    assert_false(signer_config_separates(config));
    signer_config_free(config);
}

static void the_sample_names_every_key(void **state)
{
    static const char *const words[] = {"[signer]",   "socket =",    "passphrase_credential",
                                        "[key NAME]", "allow_uid =", "ca_days = 3660"};
    CLEANUP(buf_done) struct buf sample = BUF_INIT;
    const char *text;

    (void)state;
    assert_int_equal(signer_config_sample(&sample, NULL), 0);
    assert_int_equal(buf_text(&sample, &text, NULL), 0);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_non_null(strstr(text, words[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_yet_is_refused_by_name),
        cmocka_unit_test(rules_of_another_role_are_refused),
        cmocka_unit_test(rules_of_tokens_are_for_their_role_and_keys_on_p_256_too),
        cmocka_unit_test(rules_of_card_data_are_refused_where_they_make_no_sense),
        cmocka_unit_test(a_subject_past_the_limit_is_refused),
        cmocka_unit_test(a_data_key_knows_its_applet),
        cmocka_unit_test(every_role_can_be_configured),
        cmocka_unit_test(a_signer_that_could_not_work_is_refused),
        cmocka_unit_test(a_socket_path_past_the_limit_is_refused),
        cmocka_unit_test(names_of_keys_are_plain_and_not_too_long),
        cmocka_unit_test(lists_have_a_limit_and_hold_what_they_may),
        cmocka_unit_test(one_key_more_than_the_limit_is_refused),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_peer_with_our_own_user_is_not_separated),
        cmocka_unit_test(the_sample_names_every_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
