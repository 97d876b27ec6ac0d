/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of PC/SC (pcscd): shared access, either protocol, transactions. */
#pragma once

#include "base/bytes.h"

struct reader;
struct reader_list;

/* Contracts as in reader/reader.h. */
MUST_CHECK int pcsc_list(struct reader_list *ret, struct err *err);
MUST_CHECK int pcsc_connect(const char *name, struct reader **ret, struct err *err);
