/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups of a person by clinics, for that person: who, when, how, which consents, how often read.
 */
#pragma once

#include "base/json.h"
#include "portal/store.h"

/*
 * A page, newest first, of those with a lower number than before (0: the newest): lookups, of
 * {clinic, clinic_name, clinic_name_en, checked_at, method, operator, consents: of {id, kind,
 * given_at, expires_at, withdrawn_at, readings}}, and next, with which to go on, if there are more.
 */
MUST_CHECK int eligibility_history(struct db *db, int64_t person, int64_t before, struct json **ret,
                                   struct err *err);
