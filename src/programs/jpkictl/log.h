/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a daemon about its audit log; what jpkictl's audit commands share. */
#pragma once

#include "audit/merkle.h"
#include "base/json.h"

/* The page behind a number. ERR_USAGE without a socket. */
MUST_CHECK int log_page(const char *socket, const char *since, struct json **ret, struct err *err);
/* The tree of the first size records, with the proof about one of them; either may be 0: not. */
MUST_CHECK int log_tree(const char *socket, int64_t size, int64_t record, struct json **ret,
                        struct err *err);
/* The tree of the first size records, with the proof that it continues that of the first since. */
MUST_CHECK int log_growth(const char *socket, int64_t size, int64_t since, struct json **ret,
                          struct err *err);
/* Whatever is wrong with an answer, and could not have been asked for, the daemon is to blame. */
MUST_CHECK int log_blame(int rc, struct err *err);
/* As people read and compare it. */
MUST_CHECK int log_root_text(const struct merkle_hash *root, struct buf *ret, struct err *err);
