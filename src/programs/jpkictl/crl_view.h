/* SPDX-License-Identifier: Apache-2.0 */
/* A list of revocations as a subcommand is given it, and how it is told. */
#pragma once

#include "base/json.h"
#include "revocation/crl_file.h"
#include "revocation/survey.h"

/* Bytes of the largest file that is looked at, before it is known whose it is. */
enum { CRL_VIEW_MAX = 1 << 30 };

/* Where a list came from: release with crl_source_done. */
struct crl_source {
    struct crl_file file;
    struct crl crl;
};

#define CRL_SOURCE_INIT                                                                            \
    {                                                                                              \
        .file = CRL_FILE_INIT                                                                      \
    }

/* A file; or, with a socket of jpki-authorityd, the list of that name there. */
MUST_CHECK int crl_source_open(const char *name, const char *socket, struct crl_source *ret,
                               struct err *err);
void crl_source_done(struct crl_source *source);

/* "reading": on a terminal, how far; where the disk is slow it is what takes long. */
void crl_source_read_through(const struct crl_source *source);

/* A time in Japan where it is for people, in UTC where it is for programs. */
MUST_CHECK int put_time(struct json *object, const char *key, int64_t at, struct err *err);
/* The head of a list: issuer, key, number, place, scope, dates, bytes. */
MUST_CHECK int put_crl_head(struct json *object, const struct crl *crl, struct err *err);
MUST_CHECK int print_crl_head(const struct crl *crl, struct err *err);
