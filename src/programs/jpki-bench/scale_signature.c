/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "base/file.h"
#include "programs/jpki-bench/bench.h"

#include <stdlib.h>

static const char message[] = "a document of somebody's";

struct files {
    char *dir, *key, *message;
};

static void files_done(struct files *files)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", files->dir, NULL};
    double unused;
    int rc = files->dir == NULL ? 0 : run_command(argv, &unused, NULL, NULL);

    (void)rc;
    free_text(&files->dir);
    free_text(&files->key);
    free_text(&files->message);
}

static int make_files(struct files *files, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-key-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&files->dir, err, "%s", dir));
    TRY(path_format(&files->key, err, "%s/key", dir));
    TRY(path_format(&files->message, err, "%s/message", dir));
    return file_replace(files->message, 0600, bytes_text(message), err);
}

int scale_signature_make(struct scale_signature *ret, struct err *err)
{
    CLEANUP(files_done) struct files files = {NULL, NULL, NULL};
    double unused;

    TRY(make_files(&files, err));
    const char *const make[] = {"/usr/bin/openssl", "genrsa", "-out", files.key, "2048", NULL};
    const char *const give[] = {"/usr/bin/openssl", "rsa",      "-in", files.key,
                                "-pubout",          "-outform", "DER", NULL};
    const char *const sign[] = {"/usr/bin/openssl", "dgst",        "-sha256", "-sign",
                                files.key,          files.message, NULL};
    TRY(run_command(make, &unused, NULL, err));
    TRY(run_command(give, &unused, &ret->spki, err));
    TRY(run_command(sign, &unused, &ret->signature, err));
    return digest_compute(DIGEST_SHA256, bytes_text(message), &ret->digest, err);
}

void scale_signature_done(struct scale_signature *signature)
{
    buf_done(&signature->spki);
    buf_done(&signature->signature);
}
