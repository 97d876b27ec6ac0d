/* SPDX-License-Identifier: Apache-2.0 */
#include "client/anchors.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "client/limits.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/*
 * SHA-256 of the CA certificates that J-LIS publishes and cards carry. The second one for
 * authentication was not to be had; such a card has an unknown issuer.
 */
static const struct {
    const char *fingerprint;
    struct known_ca ca;
} known_cas[] = {
    {"19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355", {true, 1}},
    {"79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb", {true, 2}},
    {"d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f", {true, 3}},
    {"4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d", {false, 1}},
    {"64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5", {false, 3}},
};

int known_ca_by_fingerprint(const struct digest *fingerprint, struct known_ca *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(hex_append(&text, digest_bytes(fingerprint), err));
    for (size_t i = 0; i < sizeof known_cas / sizeof known_cas[0]; i++) {
        if (bytes_equal(buf_bytes(&text), bytes_text(known_cas[i].fingerprint))) {
            *ret = known_cas[i].ca;
            return 0;
        }
    }
    return FAIL(err, ERR_ABSENT, "not a certificate of a CA of the JPKI that is known here");
}

int known_ca_find(struct bytes ca_der, struct known_ca *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, ca_der, &digest, err));
    return known_ca_by_fingerprint(&digest, ret, err);
}

/* The production roots of text and face (card.md 3.2): SubjectPublicKeyInfo, RSA-2048. */
static const struct {
    const char *key_id, *spki;
} pinned[] = {
    {"35303030303333080530303100000000",
     "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0kYV9jUl50DIfoPtZHh+dtEKH4ZS6+HqKJNNNc478HcW9bee"
     "K8sq4rkbT0yf+2Akl/WW1lmvnQoUtFzdc471Ykk0m4zH2zLy1DO9ObzET1A+iB1WwUns1RVcHOdGH8OsT1XQo5zKqt+u"
     "W4r6Ecz5G+3HdAI9EcpuupkAT4HFQafWfd7YxyTW4gsQo96q6MQ8E3zNcbJjdA6JeXUt5NVnYynKvL1/Onf8SKb45h05"
     "m0rGZoSp/fyZ7O+QDdb/fw/dOeI9Fj+KRoxi2+rgCQbfrVqJtFyltzU9yZioDTgD7aeUtV+Z9TXRw5okPINSrWAtkmw4"
     "nSgWyUE0nuJOT0FZfwIDAQAB"},
    {"35303030303233080530303100000000",
     "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsvdA8K2G0Xzz9TfSO0s8ZaPLWEdNhX9V0Lm8BBGxywhJBo3j"
     "MqUNY7Pmkhycy+YVZJbvsEvo/8x0/emiKKNq1+3Ol5MgTjWXPckREINlACxAFp4LYAGN+5nh4jENmhEP8Pwmnx8iDGO4"
     "oVEN5aaJgiDHiQj8KA2KqV1dETt88AcA8/9a2LPWrS61PH1WNJi0qTje/8m9oyv0FGwbB++HDZnrNd5dcKwYcVh0J3oT"
     "FR0hfQTULpeSOSOkD7x9BvqoM4zL6HZiD5uO9Ecc1LninU6mIeD7jx3AS0hyEAl9uq89jgVQx2pbl88gL6R8eiYi8cCE"
     "5lwT0TuOerIm9fUfhwIDAQAB"},
};

struct root {
    uint8_t key_id[DATA_KEY_ID_SIZE];
    struct pubkey *key;
};

struct data_roots {
    struct root roots[DATA_ROOTS_MAX];
    size_t count;
};

void data_roots_free(struct data_roots *roots)
{
    if (roots == NULL)
        return;
    for (size_t i = 0; i < roots->count; i++)
        pubkey_free(roots->roots[i].key);
    free(roots);
}

void data_roots_freep(struct data_roots **roots)
{
    data_roots_free(*roots);
    *roots = NULL;
}

const struct pubkey *data_roots_find(const struct data_roots *roots, struct bytes key_id)
{
    for (size_t i = 0; i < roots->count; i++)
        if (bytes_equal(BYTES_ARRAY(roots->roots[i].key_id), key_id))
            return roots->roots[i].key;
    return NULL;
}

int data_roots_add(struct data_roots *roots, struct bytes key_id, struct bytes spki,
                   struct err *err)
{
    const struct pubkey *known = data_roots_find(roots, key_id);
    struct root *root = &roots->roots[roots->count];

    if (key_id.len != DATA_KEY_ID_SIZE)
        return FAIL(err, ERR_USAGE, "a key identifier of %zu bytes", key_id.len);
    if (known != NULL)
        return bytes_equal(pubkey_spki(known), spki)
                   ? 0
                   : FAIL(err, ERR_UNTRUSTED, "another key is known under this identifier already");
    if (roots->count == DATA_ROOTS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d roots of card data", DATA_ROOTS_MAX);
    TRY(pubkey_from_spki_rsa(spki, &root->key, err));
    memcpy(root->key_id, key_id.ptr, sizeof root->key_id);
    roots->count++;
    return 0;
}

static int add_pinned(struct data_roots *roots, struct err *err)
{
    for (size_t i = 0; i < sizeof pinned / sizeof pinned[0]; i++) {
        CLEANUP(buf_done) struct buf key_id = BUF_INIT;
        CLEANUP(buf_done) struct buf spki = BUF_INIT;

        TRY(hex_decode(pinned[i].key_id, &key_id, err));
        TRY(base64_decode(BASE64_PADDED, bytes_text(pinned[i].spki), &spki, err));
        TRY(data_roots_add(roots, buf_bytes(&key_id), buf_bytes(&spki), err));
    }
    return 0;
}

int data_roots_new(struct data_roots **ret, struct err *err)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = calloc(1, sizeof *roots);

    if (roots == NULL)
        return FAIL_NOMEM(err);
    TRY(add_pinned(roots, err));
    *ret = roots;
    roots = NULL;
    return 0;
}

enum { NAME_SIZE = 3 + 2 * DATA_KEY_ID_SIZE + 4 }; /* cv-IDENTIFIER.pem */

/* *ret is the identifier in the name of a file that is one of ours, else empty. */
static int key_id_of_name(const char *name, struct buf *ret, struct err *err)
{
    char digits[2 * DATA_KEY_ID_SIZE + 1] = "";
    int rc;

    if (strlen(name) != NAME_SIZE || strncmp(name, "cv-", 3) != 0 ||
        strcmp(name + NAME_SIZE - 4, ".pem") != 0)
        return 0;
    memcpy(digits, name + 3, sizeof digits - 1);
    rc = hex_decode(digits, ret, err);
    return rc == -ERR_NOMEM ? rc : 0;
}

static int load_file(struct data_roots *roots, const char *directory, const char *name,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf key_id = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(key_id_of_name(name, &key_id, err));
    if (key_id.len == 0)
        return 0;
    TRY(path_format(&path, err, "%s/%s", directory, name));
    TRY(file_read(path, DATA_ROOT_FILE_MAX, &pem, err));
    TRY(err_prefix(err, pubkey_spki_from_pem(&pem, &spki, err), "%s", path));
    return err_prefix(err, data_roots_add(roots, buf_bytes(&key_id), buf_bytes(&spki), err), "%s",
                      path);
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

int data_roots_load(struct data_roots *roots, const char *directory, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(directory);
    const struct dirent *entry;

    if (dir == NULL)
        return FAIL(err, ERR_ABSENT, "there is no directory %s to take roots of card data from",
                    directory);
    while ((entry = readdir(dir)) != NULL)
        TRY(load_file(roots, directory, entry->d_name, err));
    return 0;
}
