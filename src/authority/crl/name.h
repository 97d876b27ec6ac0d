/* SPDX-License-Identifier: Apache-2.0 */
/* What lists are called: after the place in their distribution point. Inside this room only. */
#pragma once

#include "authority/store.h"

/*
 * The distribution point of a certificate and what its list is called; ERR_ABSENT if it names
 * none, ERR_CONFLICT if that name would be too long.
 */
MUST_CHECK int crl_find_point(enum ca_kind kind, struct bytes certificate, struct crl_point *ret,
                              struct err *err);
