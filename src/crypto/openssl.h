/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of OpenSSL as failures of ours. Inside this room only. */
#pragma once

#include "base/err.h"

/*
 * Fill *err with kind, the first OpenSSL code as detail and the text; ERR_NOMEM if OpenSSL ran out
 * of memory. The error queue is empty afterwards.
 */
int openssl_fail(struct err *err, enum err_kind kind, const char *where, const char *text);

#define FAIL_OPENSSL(err, kind, text) err_negative(openssl_fail((err), (kind), __func__, (text)))
