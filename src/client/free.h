/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The free area (空き領域) of a card: what operators have on it. Everybody may read the directory;
 * an area's contents are for all or for who has its operator's keys; only the issuer, with the
 * keys of the card, makes, writes and removes areas.
 */
#pragma once

#include "base/caltime.h"
#include "client/limits.h"
#include "client/scp03.h"

struct icc;

enum { ICC_AID_MAX = 16 };

struct icc_aid {
    uint8_t bytes[ICC_AID_MAX];
    size_t len;
};

/* By which law an area is there (My Number Act, Article 18). */
enum icc_basis { ICC_ORDINANCE = 1, ICC_RULE = 2, ICC_PRIVATE = 3 };

/* Stable name: "ordinance", "rule", "private". */
const char *icc_basis_name(enum icc_basis basis);
/* The way back; ERR_USAGE for another name. */
MUST_CHECK int icc_basis_named(const char *name, enum icc_basis *ret, struct err *err);

/* As the directory says; texts are UTF-8 without control characters. */
struct icc_area {
    struct icc_aid aid;
    struct buf label, owner, basis_text;
    enum icc_basis basis;
    struct caldate basis_date, expiry; /* expiry: the last day */
    size_t capacity;                   /* bytes its contents may have */
    bool is_protected;                 /* only the operator's keys open it */
};
void icc_area_done(struct icc_area *area);

struct icc_directory {
    struct icc_area areas[ICC_AREAS_MAX];
    size_t count;
    size_t left; /* bytes that further areas may have */
};
void icc_directory_done(struct icc_directory *directory);

/*
 * "SEAL" and the like: one to four of A-Z and 0-9, which stand behind what the AIDs of all areas
 * begin with; or an AID in hexadecimal digits. ERR_USAGE for anything else.
 */
MUST_CHECK int icc_area_named(const char *name, struct icc_aid *ret, struct err *err);
/* The short name of an AID, or "" if it has none. */
void icc_area_name(const struct icc_aid *aid, char ret[5]);

/* ERR_ABSENT if the card has no free area at all. */
MUST_CHECK int icc_free_list(struct icc *icc, struct icc_directory *ret, struct err *err);
/* The directory file alone, for icc_free_list and the fuzzer; ERR_REMOTE if it is malformed. */
MUST_CHECK int icc_directory_parse(struct bytes file, struct icc_directory *ret, struct err *err);

/*
 * The contents of an area; keys NULL: without. ERR_ABSENT if there is no such area, ERR_DENIED if
 * it wants the operator's keys, or others than these.
 */
MUST_CHECK int icc_free_read(struct icc *icc, const struct icc_aid *aid,
                             const struct icc_keys *keys, struct buf *ret, struct err *err);

/*
 * With the issuer's keys; each happens wholly or not at all. write replaces the contents.
 * ERR_ABSENT if there is no such area, ERR_CONFLICT if there is one already, ERR_INPUT if the card
 * does not take what is asked for (too large, too long valid), ERR_DENIED for other keys.
 */
MUST_CHECK int icc_free_write(struct icc *icc, const struct icc_aid *aid,
                              const struct icc_keys *issuer, struct bytes contents,
                              struct err *err);
MUST_CHECK int icc_free_create(struct icc *icc, const struct icc_keys *issuer,
                               const struct icc_area *area, const struct icc_keys *owner,
                               struct err *err);
MUST_CHECK int icc_free_delete(struct icc *icc, const struct icc_keys *issuer,
                               const struct icc_aid *aid, struct err *err);
