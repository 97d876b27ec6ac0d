/* SPDX-License-Identifier: Apache-2.0 */
/* The romaji of all municipalities, out of the list that comes with the programs. */
#pragma once

#include "portal/procedure/english.h"

#include "base/err.h"

struct romaji;

MUST_CHECK int romaji_load(struct romaji **ret, struct err *err);
void romaji_freep(struct romaji **romaji);
/* Lives as long as they do. */
struct place_romaji_list romaji_list(const struct romaji *romaji);
