/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of a sandbox did since it was started, step by step (base/trace.h). */
#pragma once

#include "base/json.h"
#include "sandbox/layout.h"

#define TRACE_OF_OWNER "trace/jpki.jsonl" /* below the directory */

/*
 * An array of the steps of all programs, each an object as it was written, in the order they
 * happened; empty where nothing happened. ERR_INPUT if a file is not one that programs of ours
 * wrote.
 */
MUST_CHECK int trace_read(const struct layout *layout, struct json **ret, struct err *err);
/* The file that `jpki` of this sandbox's owner writes to, so that the start page may read it. */
MUST_CHECK int trace_provide(const struct layout *layout, struct err *err);
/* From now on: what was done for the start is nobody's flow. Programs go on appending. */
MUST_CHECK int trace_forget(const struct layout *layout, struct err *err);
/*
 * The object that 'trace --json' prints: that array as "steps". ERR_ABSENT if there is no sandbox
 * in the directory.
 */
MUST_CHECK int trace_json(const struct layout *layout, struct json **ret, struct err *err);
