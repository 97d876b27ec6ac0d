/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file that is attached is a picture of, as whoever attaches it says. A municipality's form
 * reaches people who may not handle individual numbers, so what bears one is not taken here (S33,
 * Number Act, Article 19): the back of a card above all. What a picture shows is not recognised
 * (docs/decisions/0099).
 */
#pragma once

#include "base/err.h"

/* "other", "card-front", ..., ended by NULL. */
extern const char *const document_kinds[];
/* ERR_DENIED for a document that bears an individual number; ERR_INPUT for a word that is none. */
MUST_CHECK int document_kind_check(const char *kind, struct err *err);
