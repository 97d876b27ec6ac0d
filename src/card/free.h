/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The free area (空き領域): what operators have on the card, as data. Each has an own area with an
 * own AID, own keys, a capacity, and a record of the law by which it is there (My Number Act,
 * Article 18; portal.md S37 to S40). The applet that serves them is the same for all (S72).
 */
#pragma once

#include "base/caltime.h"
#include "card/gp_keys.h"
#include "card/limits.h"

enum { AID_SIZE_MAX = 16 };

/* By what an operator may use the free area. The numbers are on cards. */
enum free_basis {
    FREE_ORDINANCE = 1, /* 条例: municipalities, prefectures */
    FREE_RULE = 2,      /* 主務省令: bodies of the state */
    FREE_PRIVATE = 3,   /* private operators that a minister recognised */
};

struct free_area {
    uint8_t aid[AID_SIZE_MAX];
    size_t aid_len;
    struct buf label; /* UTF-8, for people */
    struct buf owner; /* UTF-8 */
    enum free_basis basis;
    struct buf basis_text; /* name of the ordinance, rule or recognition; UTF-8 */
    struct caldate basis_date;
    struct caldate expiry; /* the last day */
    size_t capacity;       /* bytes of contents */
    bool is_protected;     /* contents only for who has the operator's keys */
    struct gp_keys keys;   /* the operator's */
    struct buf contents;
};

struct free_areas {
    struct free_area list[CARD_FREE_AREAS_MAX];
    size_t count;
};

void free_area_done(struct free_area *area);
void free_areas_done(struct free_areas *areas);
MUST_CHECK int free_areas_copy(const struct free_areas *from, struct free_areas *ret,
                               struct err *err);

/* The area of this AID, or whose AID begins so; NULL if there is none. */
struct free_area *free_area_find(struct free_areas *areas, struct bytes aid);
struct free_area *free_area_find_prefix(struct free_areas *areas, struct bytes start);
/* "F0", "OJPKI TEST", "A" and 1 to 4 more bytes: nobody else's AID (ISO 7816-5, 7.2.3). */
bool free_aid_is_possible(struct bytes aid);
/* Bytes that further areas may still have together. */
size_t free_capacity_left(const struct free_areas *areas);

/* Takes *area on success. ERR_CONFLICT if its AID is taken, ERR_ABSENT if there is no room. */
MUST_CHECK int free_areas_add(struct free_areas *areas, struct free_area *area, struct err *err);
void free_areas_remove(struct free_areas *areas, struct free_area *area);

/*
 * What an area is, in TLV:
 *   50 label, 73 { 80 operator, A1 { 80 kind of basis, 81 text, 82 date }, 82 expiry, 83 capacity,
 *   84 access (00 all, 01 operator's keys) }, dates as YYYYMMDD.
 * Taken off *rest; ERR_INPUT for anything else. ret's aid, keys and contents are not touched.
 */
MUST_CHECK int free_area_read_description(struct bytes *rest, struct free_area *area,
                                          struct err *err);

/* The directory, which everybody may read: 61 { 4F AID, description } for each area. */
MUST_CHECK int free_directory(const struct free_areas *areas, struct buf *ret, struct err *err);

/* In the card file: 4F AID, description, A5 { keys } if there are any, 53 contents. */
MUST_CHECK int free_area_write(const struct free_area *area, struct buf *ret, struct err *err);
/* ERR_INPUT for anything free_area_write would not write. */
MUST_CHECK int free_area_read(struct bytes body, struct free_area *ret, struct err *err);
