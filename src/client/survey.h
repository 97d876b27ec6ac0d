/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to a real card whose answers nobody has written down (card.md 12): which files there
 * are and how large, which status words it gives, how it answers other forms of commands. What a
 * file holds is never asked for, but for the type of the card; what comes all the same is counted
 * and not kept. No question costs a try: without a PIN, none carries one.
 */
#pragma once

#include "base/secret.h"

struct icc;

/*
 * Append lines of text, in English, for whoever maintains this: a command behind '>', behind '<'
 * the status word, and how many bytes came with it or what they are made of; '#' begins a remark.
 */
MUST_CHECK int survey_card(struct icc *icc, struct buf *ret, struct err *err);
/*
 * The same for what only shows after the authentication PIN, which is sent once; failures of it as
 * icc_pin_verify.
 */
MUST_CHECK int survey_card_with_pin(struct icc *icc, const struct secret *pin,
                                    bool may_use_last_try, struct buf *ret, struct err *err);
