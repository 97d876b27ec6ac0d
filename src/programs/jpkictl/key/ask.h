/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of people in a key ceremony and by key unlock, on their terminal. */
#pragma once

#include "base/secret.h"

enum { CUSTODIAN_PASSPHRASE_MIN = 12, CUSTODIAN_PASSPHRASE_MAX = 256 };

/* ERR_DENIED, naming who, unless "yes" is typed. */
MUST_CHECK int ask_yes(const char *who, const char *question, struct err *err);
/* A new one, twice; asked again until it is long enough and the same. */
MUST_CHECK int ask_new_passphrase(const char *who, struct secret *ret, struct err *err);
/* The six lines of a share on paper, without echo, each asked for until it is right. */
MUST_CHECK int ask_paper_share(struct secret *ret, struct err *err);
/* A share in its file, with the passphrase of its custodian. */
MUST_CHECK int ask_share_file(const char *path, int64_t passphrase_fd, struct secret *ret,
                              struct err *err);
