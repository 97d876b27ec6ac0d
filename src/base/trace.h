/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which step of which flow was done, when and by whom: for showing people how the parts work
 * together, on test systems only. The process that did a step writes it and nobody else.
 *
 * The file is named by JPKI_TRACE; without it, as in production, nothing is written. One step is
 * one line of JSON: at_us, utc, program, pid, flow, step, text, trace_id. Texts are constants of
 * the program; never anything about a person, a card or a certificate.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Open the file that JPKI_TRACE names, once, before the process is confined and has threads; it
 * is made if there is none, and only appended to. A failure is the caller's to report: somebody
 * who asked for a trace should not wait for it in vain.
 */
MUST_CHECK int trace_open(const char *program, struct err *err);
bool trace_is_open(void);

/*
 * Append a step: trace_step("F1", "③", "the card made its keys", trace_id). trace_id is that of
 * the request (traceparent) which the step belongs to; NULL if there is none. Any thread may call.
 * A step that cannot be written is lost: the work itself matters more.
 */
void trace_step(const char *flow, const char *step, const char *text, const char *trace_id);
/* The same for a step that began at at_us, on the monotonic clock. */
void trace_step_at(int64_t at_us, const char *flow, const char *step, const char *text,
                   const char *trace_id);
/* Stop writing. */
void trace_close(void);
