/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file = "OJPKOWCA" (8), version (2), sealed body; the first ten bytes are the seal's context
 * body = *PrivateKeyInfo *Certificate, each in an element: 81 in the order of enum ownca_key, 82
 *
 * It is written once and whole: whoever finds it finds a CA that is complete.
 */
#include "card/ownca_keys.h"

#include "base/file.h"
#include "card/keyfile.h"
#include "card/keygen.h"
#include "card/limits.h"
#include "crypto/seal.h"
#include "iso7816/tlv.h"

#include <stdlib.h>
#include <unistd.h>

enum { TAG_KEY = 0x81, TAG_CERTIFICATE = 0x82, HEADER_SIZE = 10 };

static const uint8_t header[HEADER_SIZE] = {'O', 'J', 'P', 'K', 'O', 'W', 'C', 'A', 0, 1};

struct paths {
    char *file, *key;
};

static void paths_done(struct paths *paths)
{
    free_text(&paths->file);
    free_text(&paths->key);
}

static int paths_make(const char *dir, struct paths *ret, struct err *err)
{
    TRY(path_format(&ret->file, err, "%s/own-ca", dir));
    return path_format(&ret->key, err, "%s/own-ca.key", dir);
}

void ownca_free(struct ownca *ca)
{
    if (ca == NULL)
        return;
    for (unsigned i = 0; i < OWNCA_KEYS_; i++)
        privkey_free(ca->keys[i]);
    for (unsigned i = 0; i < OWNCA_CAS; i++)
        x509_cert_free(ca->cas[i]);
    free(ca);
}

void ownca_freep(struct ownca **ca)
{
    ownca_free(*ca);
    *ca = NULL;
}

bool ownca_exists(const char *dir)
{
    CLEANUP(paths_done) struct paths paths = {NULL, NULL};

    return paths_make(dir, &paths, NULL) == 0 && access(paths.file, F_OK) == 0;
}

static int take(struct bytes *body, uint32_t tag, struct bytes *ret, struct err *err)
{
    struct tlv element;

    if (tlv_next(body, &element, NULL) < 0 || element.tag != tag)
        return FAIL(err, ERR_INPUT, "the file of the own CA is incomplete");
    *ret = element.value;
    return 0;
}

static int check_kinds(const struct ownca *ca, struct err *err)
{
    enum key_kind kind = privkey_kind(ca->keys[0]);

    for (unsigned i = 0; i < OWNCA_KEYS_; i++)
        if (privkey_kind(ca->keys[i]) != (i < OWNCA_CAS ? kind : KEY_RSA))
            return FAIL(err, ERR_INPUT, "the own CA has keys that do not go together");
    return 0;
}

static int read_body(struct bytes body, struct ownca *ca, struct err *err)
{
    struct bytes der;

    for (unsigned i = 0; i < OWNCA_KEYS_; i++) {
        TRY(take(&body, TAG_KEY, &der, err));
        TRY(privkey_import(der, &ca->keys[i], err));
    }
    for (unsigned i = 0; i < OWNCA_CAS; i++) {
        TRY(take(&body, TAG_CERTIFICATE, &der, err));
        TRY(x509_cert_parse(der, &ca->cas[i], err));
    }
    if (body.len > 0)
        return FAIL(err, ERR_INPUT, "the file of the own CA goes on behind its end");
    return check_kinds(ca, err);
}

static int load(const struct paths *paths, struct ownca *ca, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct bytes sealed;

    TRY(file_read(paths->file, OWNCA_FILE_MAX, &file, err));
    TRY(keyfile_open(paths->key, &key, err));
    if (!bytes_start_with(buf_bytes(&file), BYTES_ARRAY(header)))
        return FAIL(err, ERR_INPUT, "%s: not an own CA, or one of a newer OpenJPKI", paths->file);
    sealed = bytes_part(buf_bytes(&file), HEADER_SIZE, file.len);
    if (seal_open(&key, BYTES_ARRAY(header), sealed, &body, err) < 0)
        return FAIL(err, ERR_UNTRUSTED, "%s: changed or damaged, or this is not its key file",
                    paths->file);
    return err_prefix(err, read_body(secret_bytes(&body), ca, err), "%s", paths->file);
}

static int write_body(const struct ownca *ca, struct buf *out, struct err *err)
{
    for (unsigned i = 0; i < OWNCA_KEYS_; i++) {
        CLEANUP(secret_done) struct secret der = SECRET_INIT;

        TRY(privkey_export(ca->keys[i], &der, err));
        TRY(tlv_append(out, TAG_KEY, secret_bytes(&der), err));
    }
    for (unsigned i = 0; i < OWNCA_CAS; i++)
        TRY(tlv_append(out, TAG_CERTIFICATE, x509_cert_der(ca->cas[i]), err));
    return 0;
}

static int save(const struct paths *paths, const struct ownca *ca, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT; /* wiped as it grows and at the end */
    CLEANUP(buf_done) struct buf sealed = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(write_body(ca, &body, err));
    TRY(keyfile_open_or_make(paths->key, &key, err));
    TRY(seal_close(&key, BYTES_ARRAY(header), buf_bytes(&body), &sealed, err));
    TRY(buf_append(&file, BYTES_ARRAY(header), err));
    TRY(buf_append(&file, buf_bytes(&sealed), err));
    return file_create(paths->file, 0600, buf_bytes(&file), err);
}

static int make(const struct paths *paths, enum key_kind kind, int64_t now, struct ownca *ca,
                struct err *err)
{
    const enum key_kind kinds[OWNCA_KEYS_] = {
        [OWNCA_SIGN_CA] = kind, [OWNCA_AUTH_CA] = kind}; /* the rest is RSA */

    TRY(keygen(kinds, ca->keys, OWNCA_KEYS_, err));
    for (unsigned i = 0; i < OWNCA_CAS; i++)
        TRY(ownca_certify_self(ca, (enum ownca_key)i, now, err));
    return save(paths, ca, err);
}

static int open_old(const struct paths *paths, enum key_kind kind, struct ownca **ret,
                    struct err *err)
{
    CLEANUP(ownca_freep) struct ownca *ca = calloc(1, sizeof *ca);

    if (ca == NULL)
        return FAIL_NOMEM(err);
    TRY(load(paths, ca, err));
    if (privkey_kind(ca->keys[OWNCA_AUTH_CA]) != kind)
        return FAIL(err, ERR_INPUT,
                    "%s: an own CA with %s keys certifies no %s keys; another directory can have "
                    "one that does",
                    paths->file, key_kind_name(privkey_kind(ca->keys[OWNCA_AUTH_CA])),
                    key_kind_name(kind));
    *ret = ca;
    ca = NULL;
    return 0;
}

static int make_new(const struct paths *paths, enum key_kind kind, int64_t now, struct ownca **ret,
                    struct err *err)
{
    CLEANUP(ownca_freep) struct ownca *ca = calloc(1, sizeof *ca);

    if (ca == NULL)
        return FAIL_NOMEM(err);
    TRY(make(paths, kind, now, ca, err));
    *ret = ca;
    ca = NULL;
    return 0;
}

int ownca_open(const char *dir, enum key_kind kind, int64_t now, struct ownca **ret,
               struct err *err)
{
    CLEANUP(paths_done) struct paths paths = {NULL, NULL};
    int rc;

    TRY(paths_make(dir, &paths, err));
    if (access(paths.file, F_OK) == 0)
        return open_old(&paths, kind, ret, err);
    TRY(dir_make(dir, 0700, err));
    rc = make_new(&paths, kind, now, ret, err);
    /* Somebody else made one meanwhile: that is the one. */
    return rc == -ERR_CONFLICT && access(paths.file, F_OK) == 0 ? open_old(&paths, kind, ret, err)
                                                                : rc;
}
