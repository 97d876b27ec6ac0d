/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of a log opened for whom it is about: all that shows that the signed log has it, and
 * what it was done to. Whoever knows the identifier that was committed to can check it without this
 * database:
 *
 *   1. commitment = HMAC-SHA-256(salt, kind and identifier, each behind its length in four bytes)
 *   2. leaf = the hash of the record's fields (audit/audit.h)
 *   3. the leaf and inclusion give root, which a signed checkpoint of that size has
 */
#pragma once

#include "audit/audit.h"

/*
 * record (as audit_list tells one), salt (hexadecimal; null once it was removed) and tree (size,
 * root, inclusion: as audit_tree tells them). ERR_ABSENT if the log has no such record.
 */
MUST_CHECK int audit_opening(struct db *db, int64_t seq, struct json **ret, struct err *err);
