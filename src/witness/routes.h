/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness tells, over HTTP. A server's context is a struct witness. */
#pragma once

#include "http/server.h"
#include "witness/witness.h"

extern const struct route witness_routes[];
extern const struct http_about witness_about;

/* Database and signerd answer, no log is refused, and somebody has taken note of every alarm. */
int witness_ready(struct http_call *call, struct err *err);
