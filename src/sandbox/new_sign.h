/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another sign certificate on the card in the reader, when the old one is no longer true.
 *
 * The new key is made before the change is recorded: so whoever is recorded as changed already has
 * a card with a new key waiting in it, and an interrupted change goes on with that one. Another
 * would be refused, because the register may have its request.
 */
#pragma once

#include "sandbox/clerk.h"

/* The key. */
MUST_CHECK int new_sign_prepare(const struct clerk *clerk, struct err *err);
/* The certificate for it, on the card. */
MUST_CHECK int new_sign_finish(const struct clerk *clerk, const char *serial, struct err *err);
