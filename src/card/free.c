/* SPDX-License-Identifier: Apache-2.0 */
#include "card/free.h"

#include "base/utf8.h"
#include "card/limits.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    TAG_ENTRY = 0x61, /* ISO 7816-4, 8.2.1.1: application template and its members */
    TAG_AID = 0x4f,
    TAG_LABEL = 0x50,
    TAG_CONTENTS = 0x53,
    TAG_DISCRETIONARY = 0x73,
    TAG_OPERATOR = 0x80,
    TAG_BASIS = 0xa1,
    TAG_BASIS_KIND = 0x80,
    TAG_BASIS_TEXT = 0x81,
    TAG_BASIS_DATE = 0x82,
    TAG_EXPIRY = 0x82,
    TAG_CAPACITY = 0x83,
    TAG_ACCESS = 0x84,
    TAG_KEYS = 0xa5,
    DATE_SIZE = 8,
    AID_NAME_MAX = 4,
};

static const char aid_start[] = "\xf0OJPKI TESTA";
enum { AID_START_SIZE = sizeof aid_start - 1 };

void free_area_done(struct free_area *area)
{
    buf_done(&area->label);
    buf_done(&area->owner);
    buf_done(&area->basis_text);
    buf_done(&area->contents);
    gp_keys_done(&area->keys);
    *area = (struct free_area){.aid_len = 0};
}

void free_areas_done(struct free_areas *areas)
{
    for (size_t i = 0; i < areas->count; i++)
        free_area_done(&areas->list[i]);
    areas->count = 0;
}

/* Into *ret, which is released by the caller also on failure. */
static int copy_area(const struct free_area *from, struct free_area *ret, struct err *err)
{
    *ret = *from;
    ret->label = ret->owner = ret->basis_text = ret->contents = (struct buf)BUF_INIT;
    ret->keys = (struct gp_keys){.version = 0};
    TRY(buf_copy(buf_bytes(&from->label), &ret->label, err));
    TRY(buf_copy(buf_bytes(&from->owner), &ret->owner, err));
    TRY(buf_copy(buf_bytes(&from->basis_text), &ret->basis_text, err));
    TRY(buf_copy(buf_bytes(&from->contents), &ret->contents, err));
    return gp_keys_copy(&from->keys, &ret->keys, err);
}

int free_areas_copy(const struct free_areas *from, struct free_areas *ret, struct err *err)
{
    CLEANUP(free_areas_done) struct free_areas copy = {.count = 0};

    for (; copy.count < from->count;) {
        copy.count++; /* before, so that half a copy is released as well */
        TRY(copy_area(&from->list[copy.count - 1], &copy.list[copy.count - 1], err));
    }
    *ret = copy;
    copy.count = 0;
    return 0;
}

struct free_area *free_area_find(struct free_areas *areas, struct bytes aid)
{
    for (size_t i = 0; i < areas->count; i++) {
        struct free_area *area = &areas->list[i];

        if (bytes_equal(bytes_of(area->aid, area->aid_len), aid))
            return area;
    }
    return NULL;
}

struct free_area *free_area_find_prefix(struct free_areas *areas, struct bytes start)
{
    struct free_area *exact = free_area_find(areas, start);

    if (exact != NULL)
        return exact;
    for (size_t i = 0; i < areas->count; i++) {
        struct free_area *area = &areas->list[i];

        if (bytes_start_with(bytes_of(area->aid, area->aid_len), start))
            return area;
    }
    return NULL;
}

bool free_aid_is_possible(struct bytes aid)
{
    return bytes_start_with(aid, bytes_of(aid_start, AID_START_SIZE)) && aid.len > AID_START_SIZE &&
           aid.len <= AID_START_SIZE + AID_NAME_MAX;
}

size_t free_capacity_left(const struct free_areas *areas)
{
    size_t used = 0;

    for (size_t i = 0; i < areas->count; i++)
        used += areas->list[i].capacity;
    return CARD_FREE_CAPACITY - used;
}

int free_areas_add(struct free_areas *areas, struct free_area *area, struct err *err)
{
    if (free_area_find(areas, bytes_of(area->aid, area->aid_len)) != NULL)
        return FAIL(err, ERR_CONFLICT, "the card has an area of this AID already");
    if (areas->count == CARD_FREE_AREAS_MAX || area->capacity > free_capacity_left(areas))
        return FAIL(err, ERR_ABSENT, "the card has no room for an area of %zu bytes",
                    area->capacity);
    areas->list[areas->count++] = *area;
    *area = (struct free_area){.aid_len = 0};
    return 0;
}

void free_areas_remove(struct free_areas *areas, struct free_area *area)
{
    struct free_area *last = &areas->list[areas->count - 1];

    free_area_done(area);
    memmove(area, area + 1, (size_t)(last - area) * sizeof *area);
    areas->count--;
}

/* The next member, which must be this one and have min to max bytes. */
static int take(struct bytes *rest, uint32_t tag, size_t min, size_t max, struct bytes *ret,
                struct err *err)
{
    struct tlv tlv;
    int rc = tlv_next(rest, &tlv, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "an area lacks its member %X", tag);
    TRY(rc);
    if (tlv.tag != tag || tlv.value.len < min || tlv.value.len > max)
        return FAIL(err, ERR_INPUT, "an area's member %X is malformed or misplaced", tag);
    *ret = tlv.value;
    return 0;
}

/* One line for people: no control characters, which could change what a terminal shows. */
static int take_text(struct bytes *rest, uint32_t tag, size_t max, struct buf *ret, struct err *err)
{
    struct bytes value, left;
    uint32_t c = 0;

    TRY(take(rest, tag, 1, max, &value, err));
    for (left = value; left.len > 0;) {
        TRY(utf8_next(&left, &c, err));
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return FAIL(err, ERR_INPUT, "a text of an area has control characters");
    }
    buf_done(ret);
    return buf_copy(value, ret, err);
}

static int take_date(struct bytes *rest, uint32_t tag, struct caldate *ret, struct err *err)
{
    char text[DATE_SIZE + 1] = "";
    struct bytes value;

    TRY(take(rest, tag, DATE_SIZE, DATE_SIZE, &value, err));
    memcpy(text, value.ptr, DATE_SIZE);
    return caldate_parse_basic(text, ret, err);
}

static int take_basis(struct bytes *rest, struct free_area *area, struct err *err)
{
    struct bytes basis, kind;

    TRY(take(rest, TAG_BASIS, 1, TLV_VALUE_MAX, &basis, err));
    TRY(take(&basis, TAG_BASIS_KIND, 1, 1, &kind, err));
    if (kind.ptr[0] < FREE_ORDINANCE || kind.ptr[0] > FREE_PRIVATE)
        return FAIL(err, ERR_INPUT, "an area is there by no known kind of law");
    area->basis = (enum free_basis)kind.ptr[0];
    TRY(take_text(&basis, TAG_BASIS_TEXT, CARD_FREE_BASIS_MAX, &area->basis_text, err));
    TRY(take_date(&basis, TAG_BASIS_DATE, &area->basis_date, err));
    if (basis.len > 0)
        return FAIL(err, ERR_INPUT, "an area's legal basis has more members than there are");
    return 0;
}

static int take_rules(struct bytes *rest, struct free_area *area, struct err *err)
{
    struct bytes capacity, access;

    TRY(take_date(rest, TAG_EXPIRY, &area->expiry, err));
    TRY(take(rest, TAG_CAPACITY, 2, 2, &capacity, err));
    TRY(take(rest, TAG_ACCESS, 1, 1, &access, err));
    area->capacity = (size_t)capacity.ptr[0] << 8 | capacity.ptr[1];
    if (area->capacity == 0 || area->capacity > CARD_FREE_CAPACITY || access.ptr[0] > 1)
        return FAIL(err, ERR_INPUT, "an area's capacity or access is none");
    area->is_protected = access.ptr[0] == 1;
    if (caldate_compare(area->expiry, area->basis_date) < 0)
        return FAIL(err, ERR_INPUT, "an area ends before the law it is there by");
    return 0;
}

int free_area_read_description(struct bytes *rest, struct free_area *area, struct err *err)
{
    struct bytes more;

    TRY(take_text(rest, TAG_LABEL, CARD_FREE_LABEL_MAX, &area->label, err));
    TRY(take(rest, TAG_DISCRETIONARY, 1, TLV_VALUE_MAX, &more, err));
    TRY(take_text(&more, TAG_OPERATOR, CARD_FREE_OPERATOR_MAX, &area->owner, err));
    TRY(take_basis(&more, area, err));
    TRY(take_rules(&more, area, err));
    if (more.len > 0)
        return FAIL(err, ERR_INPUT, "an area has more members than there are");
    return 0;
}

static int put_date(struct buf *out, uint32_t tag, struct caldate date, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caldate_format_basic(date, text);
    return tlv_append(out, tag, bytes_text(text), err);
}

static int put_basis(struct buf *out, const struct free_area *area, struct err *err)
{
    CLEANUP(buf_done) struct buf basis = BUF_INIT;
    const uint8_t kind = (uint8_t)area->basis;

    TRY(tlv_append(&basis, TAG_BASIS_KIND, bytes_of(&kind, 1), err));
    TRY(tlv_append(&basis, TAG_BASIS_TEXT, buf_bytes(&area->basis_text), err));
    TRY(put_date(&basis, TAG_BASIS_DATE, area->basis_date, err));
    return tlv_append(out, TAG_BASIS, buf_bytes(&basis), err);
}

/* AID and description, as everybody may read them. */
static int put_public(struct buf *out, const struct free_area *area, struct err *err)
{
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    const uint8_t capacity[] = {(uint8_t)(area->capacity >> 8), (uint8_t)(area->capacity & 0xff)};
    const uint8_t access = area->is_protected ? 1 : 0;

    TRY(tlv_append(&more, TAG_OPERATOR, buf_bytes(&area->owner), err));
    TRY(put_basis(&more, area, err));
    TRY(put_date(&more, TAG_EXPIRY, area->expiry, err));
    TRY(tlv_append(&more, TAG_CAPACITY, BYTES_ARRAY(capacity), err));
    TRY(tlv_append(&more, TAG_ACCESS, bytes_of(&access, 1), err));
    TRY(tlv_append(out, TAG_AID, bytes_of(area->aid, area->aid_len), err));
    TRY(tlv_append(out, TAG_LABEL, buf_bytes(&area->label), err));
    return tlv_append(out, TAG_DISCRETIONARY, buf_bytes(&more), err);
}

int free_directory(const struct free_areas *areas, struct buf *ret, struct err *err)
{
    for (size_t i = 0; i < areas->count; i++) {
        CLEANUP(buf_done) struct buf entry = BUF_INIT;

        TRY(put_public(&entry, &areas->list[i], err));
        TRY(tlv_append(ret, TAG_ENTRY, buf_bytes(&entry), err));
    }
    return 0;
}

int free_area_write(const struct free_area *area, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf keys = BUF_INIT;

    TRY(put_public(ret, area, err));
    if (gp_keys_are_set(&area->keys)) {
        TRY(gp_keys_write(&area->keys, &keys, err));
        TRY(tlv_append(ret, TAG_KEYS, buf_bytes(&keys), err));
    }
    return tlv_append(ret, TAG_CONTENTS, buf_bytes(&area->contents), err);
}

static int read_keys(struct bytes *rest, struct free_area *area, struct err *err)
{
    struct bytes behind = *rest;
    struct tlv tlv;

    TRY(tlv_next(&behind, &tlv, err));
    if (tlv.tag == TAG_KEYS) {
        TRY(gp_keys_read(tlv.value, &area->keys, err));
        *rest = behind;
    }
    if (area->is_protected && !gp_keys_are_set(&area->keys))
        return FAIL(err, ERR_INPUT, "an area of the card file lacks the keys it is closed with");
    return 0;
}

static int read_area(struct bytes body, struct free_area *area, struct err *err)
{
    struct bytes value;

    TRY(take(&body, TAG_AID, CARD_AID_MIN, AID_SIZE_MAX, &value, err));
    if (!free_aid_is_possible(value))
        return FAIL(err, ERR_INPUT, "an area of the card file has a strange AID");
    memcpy(area->aid, value.ptr, value.len);
    area->aid_len = value.len;
    TRY(free_area_read_description(&body, area, err));
    TRY(read_keys(&body, area, err));
    TRY(take(&body, TAG_CONTENTS, 0, area->capacity, &value, err));
    if (body.len > 0)
        return FAIL(err, ERR_INPUT, "an area of the card file goes on behind its contents");
    return buf_copy(value, &area->contents, err);
}

int free_area_read(struct bytes body, struct free_area *ret, struct err *err)
{
    CLEANUP(free_area_done) struct free_area area = {.aid_len = 0};

    TRY(read_area(body, &area, err));
    *ret = area;
    area = (struct free_area){.aid_len = 0};
    return 0;
}
