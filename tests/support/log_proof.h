/* SPDX-License-Identifier: Apache-2.0 */
/* What proves a record of the log (audit/opening.h), as somebody without the database reads it. */
#pragma once

#include "audit/merkle.h"
#include "base/json.h"

/* A hash in hexadecimal. */
struct merkle_hash log_proof_hash(const struct json *json, const char *key);
/* The hashes from the leaf upwards. */
struct merkle_proof log_proof_path(const struct json *tree);
/* Whether the record of the audit log is committed to this text. */
bool log_proof_is_about(const struct json *proof, const struct json *record, const char *text);
