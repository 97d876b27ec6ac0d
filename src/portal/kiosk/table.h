/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates kiosks give for which municipality, for which fee and at which hours, as a
 * table in a file (data/kiosk.tsv). Times are Japan's.
 */
#pragma once

#include "base/bytes.h"

enum kiosk_kind {
    KIOSK_RESIDENT,       /* copy of the resident record, of the person alone */
    KIOSK_RESIDENT_ITEMS, /* that some items stand in it */
    KIOSK_HOUSEHOLD,      /* copy of the resident record, of all who live together */
    KIOSK_SEAL,
    KIOSK_TAX, /* income and local tax */
    KIOSK_FAMILY,
    KIOSK_FAMILY_ADDRESSES, /* where somebody lived who is in a family register */
    KIOSK_KINDS_
};
extern const char *const kiosk_kinds[]; /* "resident", "resident-items", ..., NULL */
/* What else may stand on a copy of the resident record, as bits. */
enum kiosk_item {
    KIOSK_ITEM_HEAD = 1,   /* the head of the household, and the relation to it */
    KIOSK_ITEM_ORIGIN = 2, /* where the family register is, and who is its first */
    KIOSK_ITEMS_ALL = 3
};
extern const char *const kiosk_items[]; /* "head", "origin", NULL: bits from the lowest on */
/* Whether items can be chosen for it. */
bool kiosk_kind_has_items(enum kiosk_kind kind);
/* As people call them. */
extern const char *const kiosk_names_ja[], *const kiosk_names_en[];
MUST_CHECK int kiosk_kind_read(const char *name, enum kiosk_kind *ret, struct err *err);

enum { KIOSK_MUNICIPALITY_SIZE = 6 };

struct kiosk_offer {
    char municipality[KIOSK_MUNICIPALITY_SIZE];
    enum kiosk_kind kind;
    int64_t fee;       /* yen */
    int opens, closes; /* minutes of the day; from the first until before the second */
};

struct kiosk_table;

/* ERR_INPUT names the line. */
MUST_CHECK int kiosk_table_parse(struct bytes text, struct kiosk_table **ret, struct err *err);
/* NULL: the one that comes with the programs. */
MUST_CHECK int kiosk_table_load(const char *path, struct kiosk_table **ret, struct err *err);
void kiosk_table_free(struct kiosk_table *table); /* accepts NULL */
void kiosk_table_freep(struct kiosk_table **table);

/* Rows in the order of the file. */
size_t kiosk_table_count(const struct kiosk_table *table);
const struct kiosk_offer *kiosk_table_at(const struct kiosk_table *table, size_t index);
/* NULL: the municipality does not give it at kiosks. */
const struct kiosk_offer *kiosk_table_find(const struct kiosk_table *table,
                                           const char *municipality, enum kiosk_kind kind);
/* Whether it is given at that moment. */
bool kiosk_table_is_open(const struct kiosk_table *table, const struct kiosk_offer *offer,
                         int64_t at);
