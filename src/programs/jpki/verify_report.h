/* SPDX-License-Identifier: Apache-2.0 */
/* jpki verify --report: what a platform's report says, if it is the platform's. */
#pragma once

#include "base/err.h"
#include "programs/exit.h"

#include <stdbool.h>

struct report_question {
    const char *report;          /* a file with the compact JWS */
    const char *platform;        /* its address, to ask for the keys; or */
    const char *keys;            /* a file with them */
    const char *provider;        /* whom it must have been given to; NULL: anybody */
    const char *timestamp;       /* a file with a token over the report (RFC 3161); NULL: none */
    const char *timestamp_roots; /* in PEM, that it is believed by */
    const char *file;            /* the document; NULL: it is not compared */
    const char *signature;       /* of the document; NULL: beside it, if there is one */
    bool json;
};

/* *ret_code is the exit code for the verdict in it; a report that does not hold is a failure. */
MUST_CHECK int verify_report(const struct report_question *question, enum exit_code *ret_code,
                             struct err *err);
