/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's keys for the free area, from a file as jpki free keys makes it. */
#pragma once

#include "card/gp_keys.h"

/* *ret is released with gp_keys_done. */
MUST_CHECK int issuer_keys_read(const char *path, struct gp_keys *ret, struct err *err);
