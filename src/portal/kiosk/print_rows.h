/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of certificates, and the kinds of them that have pages of their own. Beside print.c only. */
#pragma once

#include "portal/kiosk/print.h"

enum { ROWS_MAX = 12, ROWS_TEXT_SIZE = 1024 };

/* Rows of one table, with room for the texts that are made for them. */
struct rows {
    struct paper_row list[ROWS_MAX];
    char made[ROWS_MAX][ROWS_TEXT_SIZE];
    size_t count;
};
/* Nothing for "": at most ROWS_MAX. */
void rows_add(struct rows *rows, const char *label, const char *value);
void rows_add_day(struct rows *rows, const char *label, struct caldate day);
/* "男", "女" */
const char *rows_sex(bool is_female);

/* Name, birth and sex of somebody in the registers, as the resident record has the one whose
 * certificate it is. */
const char *print_name(const struct certificate *certificate, const struct civil_person *person);
struct caldate print_birth(const struct certificate *certificate,
                           const struct civil_person *person);
/* "世帯主", "妻", "子" */
const char *print_relation(const struct civil_person *person);

/* Under the title; what stands on each is in its function. */
MUST_CHECK int print_household(struct paper *paper, const struct certificate *certificate,
                               struct err *err);
MUST_CHECK int print_family(struct paper *paper, const struct certificate *certificate,
                            struct err *err);
MUST_CHECK int print_addresses(struct paper *paper, const struct certificate *certificate,
                               struct err *err);
