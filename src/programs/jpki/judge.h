/* SPDX-License-Identifier: Apache-2.0 */
/* jpki verify --platform: a platform's verdict on a signature that holds. */
#pragma once

#include "programs/exit.h"
#include "verify/document.h"

struct judge {
    const char *url;      /* of the platform */
    const char *key_file; /* holds a provider's key; NULL: ask as nobody in particular */
    const char *file, *signature;
    bool json;
};

/*
 * found is our own report: whether the document is the one that was signed is decided here, and
 * nothing is sent if it is not, or if the signature does not hold. Otherwise the platform decides
 * everything else, and its verdict is printed. *ret_code is the exit code for it.
 */
MUST_CHECK int judge_remotely(const struct judge *judge, struct bytes cms,
                              const struct document_report *found, enum exit_code *ret_code,
                              struct err *err);
