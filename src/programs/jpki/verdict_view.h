/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts as jpki shows them and ends with them. */
#pragma once

#include "base/json.h"
#include "programs/exit.h"
#include "verify/verdict.h"

/* "VALID", in colour on a terminal, and a line feed. */
void print_verdict(enum verdict verdict);
/* The exit code for a verdict; is_unlisted: the authority is not one that is trusted. */
enum exit_code verdict_exit_code(enum verdict verdict, bool is_unlisted);
/* Add {"name", "text"} to array. */
MUST_CHECK int add_reason(struct json *array, const char *name, const char *text, struct err *err);
