/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority that a holder asks online: one that somebody configured, never that of real cards,
 * which have services of their own.
 */
#pragma once

#include "client/icc.h"
#include "holder/remote.h"

/* Fails, and says where a holder of a real card does the same. */
typedef int authority_refuse_fn(struct err *err);

/*
 * The authority at url, or, if that is NULL, at $JPKI_AUTHORITY; refuse is for neither. Connects
 * to nobody yet. ERR_USAGE for what is no address of an authority.
 */
MUST_CHECK int authority_open(const char *url, authority_refuse_fn *refuse, struct remote **ret,
                              struct err *err);
/* Before a PIN is asked for: refuse is for a card whose CA is that of real cards. */
MUST_CHECK int authority_check_card(struct icc *icc, bool is_sign, authority_refuse_fn *refuse,
                                    struct err *err);
