/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the exchange, all of them exchange_..., for whoever's database it lives in. */
#pragma once

/* A migration behind those of the audit log. */
extern const char exchange_schema_v1[];
extern const char
    exchange_notes_v1[]; /* what records of other services tell in words of their own */
extern const char exchange_retention_v1[]; /* records go when their years are over */
extern const char exchange_retention_v2[]; /* and questions */
/* The log, in the order in which it is read. */
extern const char exchange_log_v2[];
