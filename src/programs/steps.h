/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests are steps of the flows (F1 to F5) that people are shown: rows for base/trace. */
#pragma once

#include "base/trace.h"
#include "http/server.h"

struct step {
    enum http_method method;
    const char *path; /* the pattern of a route; NULL ends a list */
    const char *flow, *step, *text;
};

/*
 * Write the step that a request was, if it is listed and was answered with success. It is dated
 * by when the request began, so that what it made others do comes after it.
 */
void steps_note(const struct step *steps, const struct http_event *event);
