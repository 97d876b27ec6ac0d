/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask whom for what about a person: bodies, duties, procedures in them, names of
 * information, the items of each, and who is permitted what (data/exchange). Read once, checked
 * against each other, then only looked at, by any thread.
 *
 * The permissions are the guard of the exchange: what is in no row nobody may ask for (Number Act,
 * Article 19).
 */
#pragma once

#include "base/caltime.h"
#include "exchange/code.h"

enum body_kind {
    BODY_PORTAL, /* shows people what is held about them */
    BODY_MUNICIPALITY,
    BODY_PREFECTURE,
    BODY_INSURER,
    BODY_LABOUR,
    BODY_PENSION,
    BODY_KINDS_
};
extern const char *const body_kinds[BODY_KINDS_ + 1]; /* ended by NULL */

/* Names in Japanese and in English. */
struct names {
    const char *ja, *en;
};

struct body {
    const char *code;
    enum body_kind kind;
    const char *area;  /* five digits, NULL: of no place */
    bool is_connected; /* to the exchange, so that it can be asked */
    struct names names;
};

struct duty {
    const char *code, *field;
    struct names basis, names, plain; /* the law that allows it, its name, and why */
};

struct procedure {
    const char *code, *duty;
    struct names names;
    const char *texts; /* of applications that are examined in it: "code,code", or NULL */
};

/* A name of information about a person ("TM..."). */
struct info {
    const char *code;
    bool is_own; /* the code is this project's */
    const char *source, *group;
    enum body_kind provider; /* what kind of body has it */
    struct names names;
};

extern const char *const item_forms[];
enum item_form { ITEM_TEXT, ITEM_DATE, ITEM_YEN, ITEM_NUMBER, ITEM_FLAG, ITEM_MONTH, ITEM_FORMS_ };
enum { ITEM_MONTH_LEN = 7 }; /* "2026-05" */

struct item {
    const char *info, *code;
    bool is_own;
    unsigned level; /* 0; 1: belongs to the item of level 0 before it */
    enum item_form form;
    struct names names;
};

struct permission {
    enum body_kind asker;
    const char *duty, *procedure, *info;
    struct caldate from, until; /* inclusive, in Japan; until: year 0 for ever */
    bool may_hide;              /* the body may say that it is not shown to the person */
};

/* Arrays in ascending order; all texts live as long as the tables. */
struct tables {
    struct body *bodies;
    struct duty *duties;
    struct procedure *procedures;
    struct info *infos;
    struct item *items; /* by name, then by code */
    struct permission *permissions;
    size_t body_count, duty_count, procedure_count, info_count, item_count, permission_count;
};

/* The text of each file. */
enum table_file {
    TABLE_BODIES,
    TABLE_DUTIES,
    TABLE_PROCEDURES,
    TABLE_NAMES,
    TABLE_ITEMS,
    TABLE_PERMISSIONS,
    TABLE_FILES_
};
extern const char *const table_files[TABLE_FILES_]; /* "bodies.tsv" */

/* ERR_INPUT names the file and, where it is one line's fault, the line. */
MUST_CHECK int tables_parse(const struct bytes texts[TABLE_FILES_], struct tables **ret,
                            struct err *err);
/* From a folder; NULL: the one that comes with the programs. */
MUST_CHECK int tables_load(const char *folder, struct tables **ret, struct err *err);
void tables_free(struct tables *tables);
void tables_freep(struct tables **tables);

/* NULL if there is none. */
const struct body *tables_body(const struct tables *tables, const char *code);
const struct duty *tables_duty(const struct tables *tables, const char *code);
const struct procedure *tables_procedure(const struct tables *tables, const char *code);
/* In which an application by a text of all (data/procedures.json) is examined. */
const struct procedure *tables_procedure_of_text(const struct tables *tables, const char *text);
const struct info *tables_info(const struct tables *tables, const char *code);
/* The first item of a name, and how many follow each other from there. */
const struct item *tables_items(const struct tables *tables, const char *info, size_t *ret_count);
const struct item *tables_item(const struct tables *tables, const char *info, const char *code);

/* Who asks whom for what, on a day in Japan. */
struct asking {
    const char *asker, *provider, *duty, *procedure, *info;
    struct caldate day;
    bool is_hidden;
};

/* ERR_DENIED, and why, unless a permission's row allows it. */
MUST_CHECK int tables_permit(const struct tables *tables, const struct asking *asking,
                             struct err *err);
