/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/keyfile.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir dir;
static char pass_path[TEMPDIR_FILE_SIZE];
static char key_path[TEMPDIR_FILE_SIZE];
static struct signer_config config;

static int setup(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "pass", pass_path);
    (void)tempdir_file(&dir, "k.key", key_path);
    config = (struct signer_config){.passphrase_file = pass_path};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

static int passphrase(struct bytes contents, mode_t mode, size_t *ret_len)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    int rc;

    assert_int_equal(file_replace(pass_path, mode, contents, NULL), 0);
    rc = passphrase_read(&config, &secret, NULL);
    *ret_len = secret.len;
    return rc;
}

static void a_passphrase_that_others_may_read_is_refused(void **state)
{
    static const mode_t bad[] = {0640, 0604, 0620, 0602, 0644, 0610};
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(passphrase(BYTES_LITERAL("0123456789abcdef"), bad[i], &len), -ERR_INPUT);
    assert_int_equal(passphrase(BYTES_LITERAL("0123456789abcdef"), 0600, &len), 0);
    assert_int_equal(passphrase(BYTES_LITERAL("0123456789abcdef"), 0400, &len), 0);
}

static void a_passphrase_behind_a_link_or_in_a_directory_is_refused(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    char real[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_ABSENT);
    (void)tempdir_file(&dir, "real", real);
    assert_int_equal(file_create(real, 0600, BYTES_LITERAL("0123456789abcdef"), NULL), 0);
    assert_int_equal(symlink(real, pass_path), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_INPUT);
    assert_int_equal(unlink(pass_path), 0);
    assert_int_equal(mkdir(pass_path, 0700), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_INPUT);
}

static void a_passphrase_of_somebody_else_is_refused(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can give a file away */
    assert_int_equal(file_create(pass_path, 0600, BYTES_LITERAL("0123456789abcdef"), NULL), 0);
    assert_int_equal(chown(pass_path, 65534, 65534), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_INPUT);
}

static int read_key(void)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;

    assert_int_equal(secret_copy(BYTES_LITERAL("0123456789abcdef"), &passphrase, NULL), 0);
    return keyfile_read(dir.path, "k", &passphrase, &key, NULL);
}

/* In a folder of that somebody's, root takes it: so it is where daemons have users of their own. */
static void a_key_of_somebody_else_is_refused_in_a_folder_of_ours(void **state)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    struct digest fingerprint;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(secret_copy(BYTES_LITERAL("0123456789abcdef"), &passphrase, NULL), 0);
    assert_int_equal(keyfile_create(dir.path, "k", 2048, &passphrase, &fingerprint, NULL), 0);
    assert_int_equal(chown(key_path, 65534, 65534), 0);
    assert_int_equal(read_key(), -ERR_INPUT);
    assert_int_equal(chown(dir.path, 65534, 65534), 0);
    assert_int_equal(read_key(), 0);
    assert_int_equal(chown(key_path, 65533, 65533), 0);
    assert_int_equal(read_key(), -ERR_INPUT);
}

/* What custodians open is opened nowhere else. */
static void there_is_no_passphrase_where_custodians_have_shares(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    (void)state;
    config.quorum = pass_path;
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_DENIED);
    assert_int_equal(passphrase_create(&(struct signer_config){.quorum = pass_path}, NULL),
                     -ERR_USAGE);
}

static void a_passphrase_has_its_limits(void **state)
{
    uint8_t text[SIGNERD_PASSPHRASE_MAX + 2];
    size_t len;

    (void)state;
    memset(text, 'p', sizeof text);
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MIN - 1), 0600, &len),
                     -ERR_INPUT);
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MIN), 0600, &len), 0);
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MAX), 0600, &len), 0);
    assert_int_equal(len, SIGNERD_PASSPHRASE_MAX);
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MAX + 1), 0600, &len),
                     -ERR_INPUT);
    /* A line feed at the end does not count. */
    text[SIGNERD_PASSPHRASE_MAX] = '\n';
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MAX + 1), 0600, &len), 0);
    assert_int_equal(len, SIGNERD_PASSPHRASE_MAX);
    text[SIGNERD_PASSPHRASE_MIN - 1] = '\n';
    assert_int_equal(passphrase(bytes_of(text, SIGNERD_PASSPHRASE_MIN), 0600, &len), -ERR_INPUT);
}

static void a_new_passphrase_is_random_private_and_made_once(void **state)
{
    CLEANUP(secret_done) struct secret first = SECRET_INIT;
    CLEANUP(secret_done) struct secret second = SECRET_INIT;
    struct stat st;

    (void)state;
    assert_int_equal(passphrase_create(&config, NULL), 0);
    assert_int_equal(stat(pass_path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(passphrase_read(&config, &first, NULL), 0);
    assert_int_equal(first.len, 64);
    assert_int_equal(passphrase_create(&config, NULL), -ERR_CONFLICT);
    assert_int_equal(unlink(pass_path), 0);
    assert_int_equal(passphrase_create(&config, NULL), 0);
    assert_int_equal(passphrase_read(&config, &second, NULL), 0);
    assert_false(bytes_equal(secret_bytes(&first), secret_bytes(&second)));
    config.passphrase_file = NULL;
    assert_int_equal(passphrase_create(&config, NULL), -ERR_USAGE);
}

static void a_credential_is_read_from_where_systemd_puts_it(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    (void)state;
    config = (struct signer_config){.passphrase_credential = (char[]){"pass"}};
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_ABSENT);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir.path, 1), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), -ERR_SYSTEM);
    assert_int_equal(file_create(pass_path, 0440, BYTES_LITERAL("0123456789abcdef\n"), NULL), 0);
    assert_int_equal(passphrase_read(&config, &secret, NULL), 0);
    assert_int_equal(secret.len, 16);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void a_key_is_made_once_and_opens_with_its_passphrase_only(void **state)
{
    CLEANUP(secret_done) struct secret right = SECRET_INIT;
    CLEANUP(secret_done) struct secret wrong = SECRET_INIT;
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct digest fingerprint;
    struct digest again;

    (void)state;
    assert_int_equal(secret_copy(BYTES_LITERAL("the right passphrase"), &right, NULL), 0);
    assert_int_equal(secret_copy(BYTES_LITERAL("the wrong passphrase"), &wrong, NULL), 0);
    assert_int_equal(keyfile_read(dir.path, "k", &right, &key, NULL), -ERR_ABSENT);
    assert_int_equal(keyfile_create(dir.path, "k", 2048, &right, &fingerprint, NULL), 0);
    assert_int_equal(keyfile_create(dir.path, "k", 2048, &right, &again, NULL), -ERR_CONFLICT);
    assert_int_equal(keyfile_read(dir.path, "k", &wrong, &key, NULL), -ERR_DENIED);
    assert_null(key);
    assert_int_equal(keyfile_read(dir.path, "k", &right, &key, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&spki), &again, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&fingerprint), digest_bytes(&again)));
    privkey_freep(&key);
    assert_int_equal(chmod(key_path, 0640), 0);
    assert_int_equal(keyfile_read(dir.path, "k", &right, &key, NULL), -ERR_INPUT);
    /* Cut off, and one byte past SIGNERD_KEY_FILE_MAX. */
    assert_int_equal(file_read(key_path, SIGNERD_KEY_FILE_MAX, &file, NULL), 0);
    file.len--;
    assert_int_equal(file_replace(key_path, 0600, buf_bytes(&file), NULL), 0);
    assert_int_equal(keyfile_read(dir.path, "k", &right, &key, NULL), -ERR_INPUT);
    while (file.len <= SIGNERD_KEY_FILE_MAX)
        assert_int_equal(buf_append_byte(&file, 0, NULL), 0);
    assert_int_equal(file_replace(key_path, 0600, buf_bytes(&file), NULL), 0);
    assert_int_equal(keyfile_read(dir.path, "k", &right, &key, NULL), -ERR_INPUT);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_passphrase_that_others_may_read_is_refused),
        EACH(a_passphrase_behind_a_link_or_in_a_directory_is_refused),
        EACH(a_passphrase_of_somebody_else_is_refused),
        EACH(a_key_of_somebody_else_is_refused_in_a_folder_of_ours),
        EACH(there_is_no_passphrase_where_custodians_have_shares),
        EACH(a_passphrase_has_its_limits),
        EACH(a_new_passphrase_is_random_private_and_made_once),
        EACH(a_credential_is_read_from_where_systemd_puts_it),
        EACH(a_key_is_made_once_and_opens_with_its_passphrase_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
