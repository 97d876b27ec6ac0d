/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That an act is in the audit log, and neither is there without the other: whether the record
 * cannot be written, or the commit fails, or memory runs out at any point. Everything fails the
 * running test.
 */
#pragma once

#include "audit/audit.h"

enum { ACTS_NOW = 1795424894 };

/* The store under test, and who acts in it. */
extern struct acts {
    struct db *db;
    const struct audit_origin by;
} acts;

/* An act, and what the log says of it; outcome NULL: nothing. */
struct step {
    const char *act, *outcome;
    int (*run)(struct err *err);
};

void acts_execute(const char *sql);
size_t count_records(void);
/* There are so many, and the last one is of this step. */
void assert_last_is(size_t count, const struct step *step);

/* The faults; after either one mend. */
void break_the_record(void);
void break_the_commit(void);
void mend(void);

/* No failure leaves a record behind, and what succeeds leaves one. */
void assert_one_record(const struct step *step);
/*
 * An act that is known is not done again and makes no record. So if it makes one after the
 * failures, none of them had left the act behind.
 */
void assert_act_and_record_together(const struct step *step);
/* The same for steps one after the other, ended by one without an act. */
void assert_steps(const struct step *steps);
/* What is personal, or leads to a person, is in no column of the log. */
void assert_log_lacks(const char *const canaries[]);
/* A database as the version before the log made it, with what sql puts there. */
void acts_make_old(const char *path, const struct db_schema *schema, size_t versions,
                   const char *sql);
