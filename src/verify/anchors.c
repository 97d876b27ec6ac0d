/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/anchors.h"

#include "base/file.h"
#include "verify/seen.h"
#include "x509/name.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct anchors {
    struct x509_cert *certs[ANCHORS_MAX];
    struct profile_fixed *fixed[ANCHORS_MAX][PROFILES_]; /* NULL: of another CA's profile */
    size_t count;
    struct seen *seen; /* NULL: nothing is remembered */
};

int anchors_new(struct anchors **ret, struct err *err)
{
    struct anchors *anchors = calloc(1, sizeof *anchors);

    if (anchors == NULL)
        return FAIL_NOMEM(err);
    *ret = anchors;
    return 0;
}

void anchors_free(struct anchors *anchors)
{
    if (anchors == NULL)
        return;
    for (size_t i = 0; i < ANCHORS_MAX; i++) {
        x509_cert_free(anchors->certs[i]);
        for (size_t kind = 0; kind < PROFILES_; kind++)
            profile_fixed_free(anchors->fixed[i][kind]);
    }
    seen_free(anchors->seen);
    free(anchors);
}

void anchors_freep(struct anchors **anchors)
{
    anchors_free(*anchors);
    *anchors = NULL;
}

int anchors_remember(struct anchors *anchors, size_t most, struct err *err)
{
    struct seen *seen = NULL;

    if (most > SEEN_MAX)
        return FAIL(err, ERR_INPUT, "more than %d certificates to be remembered", SEEN_MAX);
    if (most > 0)
        TRY(seen_new(most, &seen, err));
    seen_free(anchors->seen);
    anchors->seen = seen;
    return 0;
}

struct seen *anchors_seen(const struct anchors *anchors)
{
    return anchors->seen;
}

size_t anchors_count(const struct anchors *anchors)
{
    return anchors->count;
}

const struct x509_cert *anchors_at(const struct anchors *anchors, size_t index)
{
    return index < anchors->count ? anchors->certs[index] : NULL;
}

const struct x509_cert *anchors_find(const struct anchors *anchors, struct bytes key_id, size_t nth)
{
    for (size_t i = 0; i < anchors->count; i++)
        if (bytes_equal(x509_cert_tbs(anchors->certs[i])->subject_key_id, key_id) && nth-- == 0)
            return anchors->certs[i];
    return NULL;
}

static bool is_listed(const struct anchors *anchors, const struct x509_cert *cert)
{
    for (size_t i = 0; i < anchors->count; i++)
        if (bytes_equal(x509_cert_der(anchors->certs[i]), x509_cert_der(cert)))
            return true;
    return false;
}

static int check_anchor(const struct x509_cert *cert, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    int rc;

    if (tbs->subject_key_id.len == 0)
        return FAIL(err, ERR_UNTRUSTED, "a CA certificate without key identifier");
    if (tbs->unknown_critical.len > 0)
        return FAIL(err, ERR_UNTRUSTED, "a CA certificate with an unknown critical extension");
    rc = x509_cert_is_issued_by(cert, cert, err);
    return err_prefix(err, rc, "not a self-signed CA certificate");
}

const struct profile_fixed *anchors_fixed(const struct anchors *anchors,
                                          const struct x509_cert *anchor, enum profile_kind kind)
{
    for (size_t i = 0; i < anchors->count; i++)
        if (anchors->certs[i] == anchor)
            return anchors->fixed[i][kind];
    return NULL;
}

/* In the next place, which may have been tried before. */
static int fix(struct anchors *anchors, struct err *err)
{
    struct profile_fixed **fixed = anchors->fixed[anchors->count];
    const struct tbs *ca = x509_cert_tbs(anchors->certs[anchors->count]);
    const struct profile *guess = profile_guess(ca);

    for (int kind = 0; kind < PROFILES_; kind++) {
        const struct profile *profile = profile_of((enum profile_kind)kind);

        profile_fixed_free(fixed[kind]);
        fixed[kind] = NULL;
        if (guess != NULL && !profile_is_ca(profile) && profile_issuer(profile) == guess)
            TRY(profile_fixed_make(profile, ca, &fixed[kind], err));
    }
    return 0;
}

static int put(struct anchors *anchors, struct bytes der, struct err *err)
{
    struct x509_cert **place = &anchors->certs[anchors->count];

    x509_cert_freep(place); /* of a try that failed */
    TRY(x509_cert_parse(der, place, err));
    TRY(fix(anchors, err));
    anchors->count++;
    return 0;
}

int anchors_add(struct anchors *anchors, const struct x509_cert *cert, struct err *err)
{
    TRY(check_anchor(cert, err));
    if (is_listed(anchors, cert))
        return 0;
    if (anchors->count == ANCHORS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d trusted CAs", ANCHORS_MAX);
    TRY(put(anchors, x509_cert_der(cert), err));
    if (anchors->seen != NULL)
        seen_forget(anchors->seen);
    return 0;
}

static int load_file(struct anchors *anchors, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    int rc = file_read(path, ANCHOR_FILE_MAX, &contents, err);

    if (rc < 0)
        return rc;
    rc = x509_cert_parse_file(buf_bytes(&contents), &cert, err);
    if (rc == 0)
        rc = anchors_add(anchors, cert, err);
    return err_prefix(err, rc, "%s", path);
}

static bool is_certificate_name(const char *name)
{
    static const char *const suffixes[] = {".cer", ".crt", ".der", ".pem"};
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (len > 4 && strcmp(name + len - 4, suffixes[i]) == 0)
            return true;
    return false;
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

static int load_directory(struct anchors *anchors, const char *path, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(path);
    const struct dirent *entry;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", path);
    while ((entry = readdir(dir)) != NULL) {
        CLEANUP(free_text) char *file = NULL;

        if (!is_certificate_name(entry->d_name))
            continue;
        TRY(path_format(&file, err, "%s/%s", path, entry->d_name));
        TRY(load_file(anchors, file, err));
    }
    return 0;
}

int anchors_load(struct anchors *anchors, const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return errno == ENOENT ? FAIL(err, ERR_ABSENT, "%s does not exist", path)
                               : FAIL_ERRNO(err, "%s", path);
    return S_ISDIR(st.st_mode) ? load_directory(anchors, path, err) : load_file(anchors, path, err);
}
