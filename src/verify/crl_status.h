/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by lists: every *.crl (DER) in a directory, or one file, or lists in memory. The list
 * that counts is of the CA's key (never only its name), covers the certificate's distribution
 * point or everything, and holds at that time; of several the newest. Each question reads them
 * anew.
 */
#pragma once

#include "verify/limits.h"
#include "verify/status.h"

struct crl_lists {
    const char *path;          /* NULL: none. What is not there holds no list */
    const struct bytes *lists; /* DER */
    size_t count;
};

/* path must outlive the source. */
struct status_source crl_status_source(const char *path);
/* lists and what it points to must outlive the source. */
struct status_source crl_lists_source(const struct crl_lists *lists);
