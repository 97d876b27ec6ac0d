/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority's HTTP interface, for its register alone:
 *   POST /v1/certificates                issue, idempotent by request_id
 *   GET  /v1/certificates/:kind/:serial  what is known of one, without its contents
 *   GET  /v1/cas/:kind                   a CA's certificate
 */
#pragma once

#include "authority/authority.h"
#include "http/server.h"

extern const struct route authority_routes[];

/* For http_server_options: context is a struct authority; a worker has its signerd connection. */
int authority_worker_open(void *context, void **ret, struct err *err);
void authority_worker_close(void *context, void *worker);
/* Database and signerd answer. */
int authority_ready(struct http_call *call, struct err *err);
