/* SPDX-License-Identifier: Apache-2.0 */
/* A wish as the clerk of a sandbox takes it, whose register decides the rest about the card. */
#pragma once

#include "programs/jpki-softcard/wish.h"
#include "sandbox/persona.h"

/*
 * *ret points into wish. ERR_INPUT names the member that only --own-ca can grant, or the PIN that
 * the sandbox needs.
 */
MUST_CHECK int wish_as_persona(const struct wish *wish, struct persona *ret, struct err *err);
