/* SPDX-License-Identifier: Apache-2.0 */
/* An exchange over a database of a test's own, with a clock that a test moves. */
#pragma once

#include "base/clock.h"
#include "db/db.h"
#include "exchange/exchange.h"
#include "support/tempdir.h"

enum { EXCHANGE_SITE_NOW = 1795424894 }; /* 2026-11-23T18:08:14+09:00 */

struct exchange_site {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct clock clock;
    struct tables *tables;
    struct hours *hours;
    struct exchange x; /* without a provider */
    struct audit_origin by;
};

void exchange_site_open(struct exchange_site *site);
void exchange_site_close(struct exchange_site *site);
/* Close the database and open it again. */
void exchange_site_reopen(struct exchange_site *site);
/* A person whose codes are one byte many times, the same at each body; known to these bodies. */
int64_t exchange_site_person(struct exchange_site *site, uint8_t byte, const char *body);
/* The portal's question for local tax at Chiyoda, under a key. */
struct exchange_question exchange_site_question(int64_t person, const char *key);
