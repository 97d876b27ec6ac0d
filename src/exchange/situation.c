/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/situation.h"

#include <stdio.h>

enum {
    PER_MILLE = 1000,
    WORKS_FROM = 18,
    STUDIES_UNTIL = 22,
    PENSION_FROM = 65, /* and the end of full work */
    WORKS_UNTIL = 74,
    LATE_FROM = 75,   /* insured as the old are, each alone */
    MEMBER_FROM = 20, /* of the public pension */
    MEMBER_UNTIL = 60,
    MONTHS = 12,
    YEAR_OF_DRAW = 2026, /* in which a salary is as drawn */
    FLAT_TAX = 3000,
    LEAST_SALARY = 1800000, /* of full work */
};

int situation_make(const struct making_person *person, bool is_assisted, struct situation *ret,
                   struct err *err)
{
    struct situation s = {.person = person, .is_assisted = is_assisted};

    TRY(home_make(person, &s.home, err));
    TRY(home_draw(person, "work", PER_MILLE, &s.work, err));
    TRY(home_draw(person, "salary", 550, &s.salary, err));
    TRY(home_draw(person, "raise", 5, &s.raise, err));
    TRY(home_draw(person, "pension", 150, &s.pension, err));
    *ret = s;
    return 0;
}

/* ---- work and pension ---- */

static int64_t not_below_zero(int64_t value)
{
    return value < 0 ? 0 : value;
}

/* Of 1000 people of an age so many work. */
static int64_t workers(int age)
{
    if (age < WORKS_FROM || age > WORKS_UNTIL)
        return 0;
    if (age <= STUDIES_UNTIL)
        return 400;
    return age < PENSION_FROM ? 850 : 350;
}

/* In a calendar year, before any deduction. */
static int64_t salary_of(const struct situation *s, int year)
{
    const int age = year - s->person->birth.year;
    const int64_t drawn = s->salary * 10000;
    int64_t yen;

    if (s->is_assisted || s->work >= workers(age))
        return 0;
    if (age <= STUDIES_UNTIL)
        return 200000 + drawn / 7;
    if (age >= PENSION_FROM)
        return 600000 + drawn / 4;
    yen = LEAST_SALARY + drawn + (year - YEAR_OF_DRAW) * (1 + s->raise) * 12000;
    return yen < LEAST_SALARY ? LEAST_SALARY : yen;
}

static int64_t pension_of(const struct situation *s, int year)
{
    return year - s->person->birth.year < PENSION_FROM ? 0 : 600000 + s->pension * 10000;
}

/* ---- tax ---- */

/* What is left of a salary behind its deduction (Income Tax Act, Article 28). */
static int64_t salary_income(int64_t salary)
{
    static const struct {
        int64_t until, per_mille, more; /* deducted: so much of the salary, and so much more */
    } steps[] = {{1900000, 0, 650000},
                 {3600000, 300, 80000},
                 {6600000, 200, 440000},
                 {8500000, 100, 1100000}};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (salary <= steps[i].until)
            return not_below_zero(salary - salary * steps[i].per_mille / PER_MILLE - steps[i].more);
    return salary - 1950000;
}

/* The same of a pension from 65 on (Article 35), up to 3.3 million yen. */
static int64_t pension_income(int64_t pension)
{
    return not_below_zero(pension - 1100000);
}

/*
 * Dependants are judged as of 31 December of the year before the tax year (Local Tax Act,
 * Articles 34 and 314-2): somebody born in the new year counts from the next one on.
 */
static int64_t dependants_of(const struct situation *s, int tax_year)
{
    const struct caldate day = {tax_year - 1, 12, 31};

    return s->home.people[s->home.self].relation == HOME_HEAD ? home_minors(&s->home, day) : 0;
}

struct local_tax {
    int64_t salary, salary_income, pension, pension_income, income, insurance, tax, flat_tax;
};

static int64_t rounded(int64_t yen, int64_t to)
{
    return yen - yen % to;
}

/* Up to so much income nothing is paid. */
static int64_t exempt_income(int64_t dependants)
{
    return 350000 * (1 + dependants) + 100000 + (dependants > 0 ? 210000 : 0);
}

/* Of a tax year: what the calendar year before has brought. */
static struct local_tax local_tax_of(const struct situation *s, int tax_year)
{
    const int64_t count = dependants_of(s, tax_year);
    struct local_tax t = {.salary = salary_of(s, tax_year - 1),
                          .pension = pension_of(s, tax_year - 1)};
    int64_t taxable;

    t.salary_income = salary_income(t.salary);
    t.pension_income = pension_income(t.pension);
    t.income = t.salary_income + t.pension_income;
    t.insurance = rounded(t.salary * 15 / 100 + t.pension * 6 / 100, 100);
    if (s->is_assisted || t.income <= exempt_income(count))
        return t;
    taxable = not_below_zero(t.income - t.insurance - 430000 - 330000 * count);
    t.tax = rounded(rounded(taxable, 1000) * 6 / 100, 100);
    t.flat_tax = FLAT_TAX;
    return t;
}

/* ---- what each fact is ---- */

static const struct home_person *self_of(const struct situation *s)
{
    return &s->home.people[s->home.self];
}

static int age_of(const struct situation *s)
{
    return caldate_age(s->person->birth, s->person->today);
}

static const char *household(const struct situation *s)
{
    return s->home.count == 1 ? "単身世帯" : "一般世帯";
}

static const char *relation(const struct situation *s)
{
    if (self_of(s)->relation == HOME_HEAD)
        return "世帯主";
    if (self_of(s)->relation == HOME_CHILD)
        return "子";
    return self_of(s)->is_female ? "妻" : "夫";
}

static const char *pension_kind(const struct situation *s)
{
    return salary_of(s, s->person->today.year) > 0 ? "厚生年金" : "国民年金";
}

/* Children, and a spouse without salary, are insured with somebody else; nobody from 75 on. */
static bool is_insured_as_family(const struct situation *s)
{
    const enum home_relation to_head = self_of(s)->relation;

    if (age_of(s) >= LATE_FROM)
        return false;
    return to_head == HOME_CHILD ||
           (to_head == HOME_SPOUSE && salary_of(s, s->person->today.year) == 0);
}

static const char *insured_as(const struct situation *s)
{
    return is_insured_as_family(s) ? "家族" : "本人";
}

static const char *insured_branch(const struct situation *s)
{
    static const char *const branches[HOME_PEOPLE_MAX] = {"00", "01", "02", "03"};

    return branches[is_insured_as_family(s) ? s->home.self : 0];
}

static struct caldate resident_since(const struct situation *s)
{
    return self_of(s)->since;
}

static struct caldate pension_since(const struct situation *s)
{
    return caldate_birthday(s->person->birth, s->person->birth.year + MEMBER_FROM);
}

static struct caldate pension_until(const struct situation *s)
{
    return caldate_birthday(s->person->birth, s->person->birth.year + MEMBER_UNTIL);
}

static int64_t insured_share(const struct situation *s, struct caldate day)
{
    const int age = age_of(s);

    (void)day;
    if (age < 6 || (age >= 70 && age < LATE_FROM))
        return 20;
    return age < 70 ? 30 : 10;
}

static int64_t pension_months(const struct situation *s, struct caldate day)
{
    const int until = age_of(s) < MEMBER_UNTIL ? age_of(s) : MEMBER_UNTIL;

    (void)day;
    return not_below_zero((until - MEMBER_FROM - s->raise) * MONTHS);
}

static int64_t people(const struct situation *s, struct caldate day)
{
    (void)day;
    return (int64_t)s->home.count;
}

static int64_t is_head(const struct situation *s, struct caldate day)
{
    (void)day;
    return self_of(s)->relation == HOME_HEAD;
}

static int64_t children(const struct situation *s, struct caldate day)
{
    return home_minors(&s->home, day);
}

/* Up to the third birthday more is paid. */
static int64_t allowance(const struct situation *s, struct caldate day)
{
    int64_t yen = 0;

    for (size_t i = 0; i < s->home.count; i++) {
        const struct home_person *one = &s->home.people[i];

        if (one->relation == HOME_CHILD && home_is_minor(one, day))
            yen += caldate_age(one->birth, day) < 3 ? 2 * 15000 : 2 * 10000;
    }
    return yen;
}

static int64_t dependants(const struct situation *s, struct caldate day)
{
    return dependants_of(s, day.year);
}

#define TAX_FACT(member)                                                                           \
    static int64_t tax_##member(const struct situation *s, struct caldate day)                     \
    {                                                                                              \
        return local_tax_of(s, day.year).member;                                                   \
    }
TAX_FACT(income)
TAX_FACT(salary)
TAX_FACT(salary_income)
TAX_FACT(pension)
TAX_FACT(pension_income)
TAX_FACT(insurance)
TAX_FACT(tax)
TAX_FACT(flat_tax)

/* ---- telling ---- */

/* One of the three says it. */
static const struct {
    enum item_form form;
    const char *(*text)(const struct situation *);
    struct caldate (*day)(const struct situation *); /* one that is to come is not told */
    int64_t (*number)(const struct situation *, struct caldate day);
} rows[FACTS_] = {
    [FACT_HOUSEHOLD] = {ITEM_TEXT, .text = household},
    [FACT_RELATION] = {ITEM_TEXT, .text = relation},
    [FACT_PEOPLE] = {ITEM_NUMBER, .number = people},
    [FACT_IS_HEAD] = {ITEM_FLAG, .number = is_head},
    [FACT_RESIDENT_SINCE] = {ITEM_DATE, .day = resident_since},
    [FACT_CHILDREN] = {ITEM_NUMBER, .number = children},
    [FACT_ALLOWANCE] = {ITEM_YEN, .number = allowance},
    [FACT_INCOME] = {ITEM_YEN, .number = tax_income},
    [FACT_SALARY] = {ITEM_YEN, .number = tax_salary},
    [FACT_SALARY_INCOME] = {ITEM_YEN, .number = tax_salary_income},
    [FACT_PENSION] = {ITEM_YEN, .number = tax_pension},
    [FACT_PENSION_INCOME] = {ITEM_YEN, .number = tax_pension_income},
    [FACT_INSURANCE] = {ITEM_YEN, .number = tax_insurance},
    [FACT_TAX] = {ITEM_YEN, .number = tax_tax},
    [FACT_FLAT_TAX] = {ITEM_YEN, .number = tax_flat_tax},
    [FACT_DEPENDANTS] = {ITEM_NUMBER, .number = dependants},
    [FACT_PENSION_KIND] = {ITEM_TEXT, .text = pension_kind},
    [FACT_PENSION_SINCE] = {ITEM_DATE, .day = pension_since},
    [FACT_PENSION_UNTIL] = {ITEM_DATE, .day = pension_until},
    [FACT_PENSION_MONTHS] = {ITEM_NUMBER, .number = pension_months},
    [FACT_INSURED_AS] = {ITEM_TEXT, .text = insured_as},
    [FACT_INSURED_BRANCH] = {ITEM_TEXT, .text = insured_branch},
    [FACT_INSURED_SHARE] = {ITEM_NUMBER, .number = insured_share},
};

const char *const facts[] = {
    [FACT_HOUSEHOLD] = "household",
    [FACT_RELATION] = "relation",
    [FACT_PEOPLE] = "people",
    [FACT_IS_HEAD] = "is-head",
    [FACT_RESIDENT_SINCE] = "resident-since",
    [FACT_CHILDREN] = "children",
    [FACT_ALLOWANCE] = "child-allowance",
    [FACT_INCOME] = "income",
    [FACT_SALARY] = "salary",
    [FACT_SALARY_INCOME] = "salary-income",
    [FACT_PENSION] = "pension",
    [FACT_PENSION_INCOME] = "pension-income",
    [FACT_INSURANCE] = "insurance",
    [FACT_TAX] = "tax",
    [FACT_FLAT_TAX] = "flat-tax",
    [FACT_DEPENDANTS] = "dependants",
    [FACT_PENSION_KIND] = "pension-kind",
    [FACT_PENSION_SINCE] = "pension-since",
    [FACT_PENSION_UNTIL] = "pension-until",
    [FACT_PENSION_MONTHS] = "pension-months",
    [FACT_INSURED_AS] = "insured-as",
    [FACT_INSURED_BRANCH] = "insured-branch",
    [FACT_INSURED_SHARE] = "insured-share",
    [FACTS_] = NULL,
};

enum item_form fact_form(enum fact fact)
{
    return rows[fact].form;
}

bool situation_tell(const struct situation *s, enum fact fact, struct caldate day,
                    char ret[EXCHANGE_FIELD_MAX + 1])
{
    if (rows[fact].text != NULL) {
        (void)snprintf(ret, EXCHANGE_FIELD_MAX + 1, "%s", rows[fact].text(s));
        return true;
    }
    if (rows[fact].day != NULL) {
        const struct caldate told = rows[fact].day(s);

        caldate_format_iso(told, ret);
        return caldate_compare(told, s->person->today) <= 0;
    }
    (void)snprintf(ret, EXCHANGE_FIELD_MAX + 1, "%lld", (long long)rows[fact].number(s, day));
    return true;
}
