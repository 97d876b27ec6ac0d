/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of the exchange's log, in words. What several records of an answer have in common
 * stands behind them once: the names of bodies, duties and procedures, by their codes.
 */
#pragma once

#include "exchange/log.h"
#include "exchange/tables.h"
#include "http/writer.h"

/* As a member of an object, or with a NULL name as an item of an array. */
void history_write_record(struct http_writer *to, const char *name, const struct tables *tables,
                          const struct log_record *record);

enum { HISTORY_CODES_MAX = 64 }; /* of a kind; further ones are told as their codes alone */

/* Codes of one kind, each once. */
struct history_codes {
    size_t count;
    char code[HISTORY_CODES_MAX][CODE_SIZE];
};

/* The codes that the records of an answer have. */
struct history_words {
    const struct tables *tables;
    struct history_codes bodies, duties, procedures;
};

void history_words_begin(struct history_words *words, const struct tables *tables);
void history_words_collect(struct history_words *words, const struct log_record *record);
/* What they mean, as the member "words". */
void history_words_write(const struct history_words *words, struct http_writer *to);
