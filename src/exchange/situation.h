/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a fictional person stands: household, work, pension, local tax. Everything that several
 * bodies tell of it is worked out here, so that it agrees: a total is the sum of its parts,
 * dependants are the children who were at home when it is asked for, what the pension office pays
 * is what is taxed. Inside this room only.
 *
 * The tax is simplified and no advice: one table of deductions for all years, the national shares.
 */
#pragma once

#include "exchange/home.h"
#include "exchange/limits.h"

/* What an item may tell (data/exchange/samples.tsv): "household", "relation", ... */
enum fact {
    FACT_HOUSEHOLD,      /* of one person, or of several */
    FACT_RELATION,       /* to the head */
    FACT_PEOPLE,         /* in the household */
    FACT_IS_HEAD,        /* a flag */
    FACT_RESIDENT_SINCE, /* a day */
    FACT_CHILDREN,       /* in it, of at most 18 years */
    FACT_ALLOWANCE,      /* for these children, of two months */
    FACT_INCOME,         /* of the tax year's calendar year before: the sum of the next but one */
    FACT_SALARY,         /* before its deduction */
    FACT_SALARY_INCOME,  /* behind it */
    FACT_PENSION,        /* before its deduction */
    FACT_PENSION_INCOME, /* behind it */
    FACT_INSURANCE,      /* deducted */
    FACT_TAX,            /* the part that follows from income */
    FACT_FLAT_TAX,
    FACT_DEPENDANTS,
    FACT_PENSION_KIND,
    FACT_PENSION_SINCE,
    FACT_PENSION_UNTIL, /* only of who is 60 or older */
    FACT_PENSION_MONTHS,
    FACT_INSURED_AS,     /* oneself, or one of the family */
    FACT_INSURED_BRANCH, /* two digits */
    FACT_INSURED_SHARE,  /* percent, by age */
    FACTS_
};
extern const char *const facts[FACTS_ + 1]; /* ended by NULL */
enum item_form fact_form(enum fact fact);

struct situation {
    const struct making_person *person;
    struct home home;
    bool is_assisted;                     /* by public assistance: no income of work, no tax */
    int64_t work, salary, raise, pension; /* as drawn: see situation.c */
};

/* person outlives it. */
MUST_CHECK int situation_make(const struct making_person *person, bool is_assisted,
                              struct situation *ret, struct err *err);
/* What an item tells on a day, in its (tax) year; false: there is nothing to tell. */
bool situation_tell(const struct situation *situation, enum fact fact, struct caldate day,
                    char ret[EXCHANGE_FIELD_MAX + 1]);
