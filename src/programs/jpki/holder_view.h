/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The six otherNames of a sign certificate for people and as JSON (pki.md 1.4): who the holder is,
 * how the birth date is recorded, and which characters stand for others.
 */
#pragma once

#include "base/json.h"
#include "x509/holder.h"

/* Lines "Label: value" on stdout. */
void print_holder(const struct holder *holder);
/*
 * Members name, address, birth_date, birth_recorded, birth_era, sex, name_substitutes and
 * address_substitutes (positions from 1) of object.
 */
MUST_CHECK int put_holder(struct json *object, const struct holder *holder, struct err *err);
