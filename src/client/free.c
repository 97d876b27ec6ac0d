/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may do with the free area: its directory, and reading. */
#include "client/free.h"

#include "base/hex.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "client/gp.h"
#include "client/icc.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    INS_READ_BINARY = 0xb0,
    P1_SFI = 0x80,
    SFI_DIRECTORY = 30, /* EF.DIR (ISO 7816-4, 8.2.1.1) */
    SFI_CONTENTS = 1,
    SFI_REACH = 256, /* offsets below can be given with a short identifier */
    OFFSET_MAX = 0x7fff,
};

static const char aid_directory[] = "\xf0OJPKI TESTD";
static const char aid_area[] = "\xf0OJPKI TESTA";
static const uint8_t aid_isd[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};
enum { AID_AREA_SIZE = sizeof aid_area - 1, AREA_NAME_MAX = 4 };

static const struct {
    enum icc_basis basis;
    const char *name;
} bases[] = {{ICC_ORDINANCE, "ordinance"}, {ICC_RULE, "rule"}, {ICC_PRIVATE, "private"}};

const char *icc_basis_name(enum icc_basis basis)
{
    return bases[basis - 1].name;
}

int icc_basis_named(const char *name, enum icc_basis *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (strcmp(name, bases[i].name) == 0) {
            *ret = bases[i].basis;
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "the law is one of ordinance, rule and private");
}

void icc_area_done(struct icc_area *area)
{
    buf_done(&area->label);
    buf_done(&area->owner);
    buf_done(&area->basis_text);
    *area = (struct icc_area){.is_protected = false};
}

void icc_directory_done(struct icc_directory *directory)
{
    for (size_t i = 0; i < directory->count; i++)
        icc_area_done(&directory->areas[i]);
    directory->count = 0;
}

static bool is_name(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') &&
            !(text.ptr[i] >= '0' && text.ptr[i] <= '9'))
            return false;
    }
    return text.len > 0 && text.len <= AREA_NAME_MAX;
}

int icc_area_named(const char *name, struct icc_aid *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf aid = BUF_INIT;

    if (is_name(bytes_text(name))) {
        TRY(buf_append(&aid, bytes_of(aid_area, AID_AREA_SIZE), err));
        TRY(buf_append_text(&aid, name, err));
    } else if (hex_decode(name, &aid, NULL) < 0 || aid.len < 5 || aid.len > ICC_AID_MAX) {
        return FAIL(err, ERR_USAGE,
                    "an area has a name of 1 to %d letters A-Z and digits, or an AID in "
                    "hexadecimal digits",
                    AREA_NAME_MAX);
    }
    memcpy(ret->bytes, aid.ptr, aid.len);
    ret->len = aid.len;
    return 0;
}

void icc_area_name(const struct icc_aid *aid, char ret[5])
{
    struct bytes all = bytes_of(aid->bytes, aid->len);
    struct bytes name = bytes_part(all, AID_AREA_SIZE, aid->len);

    ret[0] = '\0';
    if (!bytes_start_with(all, bytes_of(aid_area, AID_AREA_SIZE)) || !is_name(name))
        return;
    memcpy(ret, name.ptr, name.len);
    ret[name.len] = '\0';
}

static int fail_directory(struct err *err)
{
    return FAIL(err, ERR_REMOTE, "the directory of the card's free area is malformed");
}

static int member(struct bytes body, uint32_t tag, size_t min, size_t max, struct bytes *ret,
                  struct err *err)
{
    struct tlv tlv;

    if (tlv_find(body, tag, &tlv, NULL) < 0 || tlv.value.len < min || tlv.value.len > max)
        return fail_directory(err);
    *ret = tlv.value;
    return 0;
}

static int text(struct bytes body, uint32_t tag, struct buf *ret, struct err *err)
{
    struct bytes value, rest;
    uint32_t c = 0;

    TRY(member(body, tag, 1, TLV_VALUE_MAX, &value, err));
    for (rest = value; rest.len > 0;) {
        if (utf8_next(&rest, &c, NULL) < 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
            return fail_directory(err);
    }
    return buf_copy(value, ret, err);
}

static int date(struct bytes body, uint32_t tag, struct caldate *ret, struct err *err)
{
    char digits[9] = "";
    struct bytes value;

    TRY(member(body, tag, 8, 8, &value, err));
    memcpy(digits, value.ptr, value.len);
    return caldate_parse_basic(digits, ret, NULL) < 0 ? fail_directory(err) : 0;
}

static int parse_basis(struct bytes body, struct icc_area *area, struct err *err)
{
    struct bytes kind;

    TRY(member(body, 0x80, 1, 1, &kind, err));
    if (kind.ptr[0] < ICC_ORDINANCE || kind.ptr[0] > ICC_PRIVATE)
        return fail_directory(err);
    area->basis = (enum icc_basis)kind.ptr[0];
    TRY(text(body, 0x81, &area->basis_text, err));
    return date(body, 0x82, &area->basis_date, err);
}

/* One application template: 4F AID, 50 label, 73 { 80, A1, 82, 83, 84 }. */
static int parse_area(struct bytes body, struct icc_area *area, struct err *err)
{
    struct bytes aid, more, basis, capacity, access;

    TRY(member(body, 0x4f, 1, ICC_AID_MAX, &aid, err));
    memcpy(area->aid.bytes, aid.ptr, aid.len);
    area->aid.len = aid.len;
    TRY(text(body, 0x50, &area->label, err));
    TRY(member(body, 0x73, 1, TLV_VALUE_MAX, &more, err));
    TRY(text(more, 0x80, &area->owner, err));
    TRY(member(more, 0xa1, 1, TLV_VALUE_MAX, &basis, err));
    TRY(parse_basis(basis, area, err));
    TRY(date(more, 0x82, &area->expiry, err));
    TRY(member(more, 0x83, 2, 2, &capacity, err));
    TRY(member(more, 0x84, 1, 1, &access, err));
    area->capacity = (size_t)capacity.ptr[0] << 8 | capacity.ptr[1];
    area->is_protected = access.ptr[0] != 0;
    return 0;
}

static int parse_all(struct bytes file, struct icc_directory *directory, struct err *err)
{
    while (file.len > 0) {
        struct tlv entry;

        if (tlv_next(&file, &entry, NULL) < 0 || entry.tag != 0x61 ||
            directory->count == ICC_AREAS_MAX)
            return fail_directory(err);
        directory->areas[directory->count++] = (struct icc_area){.is_protected = false};
        TRY(parse_area(entry.value, &directory->areas[directory->count - 1], err));
    }
    return 0;
}

int icc_directory_parse(struct bytes file, struct icc_directory *ret, struct err *err)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};

    TRY(parse_all(file, &directory, err));
    *ret = directory;
    directory.count = 0;
    return 0;
}

/* The one file of an application, and the channel it is read in; NULL: in clear. */
struct source {
    struct icc *icc;
    struct icc_channel *channel;
    unsigned sfi;
};

/* As much as the card gives at once. */
static int read_piece(const struct source *from, size_t offset, struct buf *ret, uint16_t *ret_sw,
                      struct err *err)
{
    struct apdu apdu = {.ins = INS_READ_BINARY, .ne = APDU_SHORT_NE_MAX};

    apdu.p1 = (uint8_t)(offset < SFI_REACH ? P1_SFI | from->sfi : offset >> 8);
    apdu.p2 = (uint8_t)(offset & 0xff);
    return from->channel == NULL
               ? icc_transmit(from->icc, &apdu, ret, ret_sw, err)
               : icc_channel_transmit(from->icc, from->channel, &apdu, ret, ret_sw, err);
}

/* To its end; reading with a short identifier makes it the current file. */
static int read_file(const struct source *from, struct buf *ret, struct err *err)
{
    while (ret->len <= OFFSET_MAX) {
        CLEANUP(buf_done) struct buf piece = BUF_INIT;
        uint16_t sw;

        TRY(read_piece(from, ret->len, &piece, &sw, err));
        if (sw == SW_WRONG_OFFSET || (sw == SW_OK && piece.len == 0))
            return 0;
        if (sw == SW_SECURITY_STATUS && from->channel == NULL)
            return FAIL_WITH(err, ERR_DENIED, sw, "only the operator's keys open this area");
        if (sw != SW_OK)
            return icc_fail_sw(err, sw, N_("let its free area be read"));
        TRY(buf_append(ret, buf_bytes(&piece), err));
    }
    return FAIL(err, ERR_REMOTE, "a file of the card's free area has no end");
}

/* 82 in FF21, extended card resources: bytes of memory that lasts. */
static int parse_left(struct bytes answer, size_t *ret, struct err *err)
{
    struct tlv outer, left;
    size_t sum = 0;

    if (tlv_find(answer, 0xff21, &outer, NULL) < 0 ||
        tlv_find(outer.value, 0x82, &left, NULL) < 0 || left.value.len > 4)
        return fail_directory(err);
    for (size_t i = 0; i < left.value.len; i++)
        sum = sum << 8 | left.value.ptr[i];
    *ret = sum;
    return 0;
}

/* GET DATA on the ISD. A card that does not know the question has none left. */
static int ask_left(struct icc *icc, size_t *ret, struct err *err)
{
    const struct apdu apdu = {
        .cla = 0x80, .ins = 0xca, .p1 = 0xff, .p2 = 0x21, .ne = APDU_SHORT_NE_MAX};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    uint16_t sw;

    TRY(icc_select_application(icc, BYTES_ARRAY(aid_isd), err));
    TRY(icc_transmit(icc, &apdu, &answer, &sw, err));
    if (sw == SW_OK)
        return parse_left(buf_bytes(&answer), ret, err);
    if (sw != SW_REFERENCE_NOT_FOUND && sw != SW_WRONG_INS && sw != SW_WRONG_CLA)
        return icc_fail_sw(err, sw, N_("tell how much room it has"));
    *ret = 0;
    return 0;
}

int icc_free_list(struct icc *icc, struct icc_directory *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    size_t left = 0;
    int rc;

    TRY(icc_begin(icc, &txn, err));
    rc = icc_select_application(icc, bytes_of(aid_directory, sizeof aid_directory - 1), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the card has no free area");
    TRY(rc);
    TRY(read_file(&(struct source){icc, NULL, SFI_DIRECTORY}, &file, err));
    TRY(ask_left(icc, &left, err));
    TRY(icc_directory_parse(buf_bytes(&file), ret, err));
    ret->left = left;
    return 0;
}

int icc_free_read(struct icc *icc, const struct icc_aid *aid, const struct icc_keys *keys,
                  struct buf *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(icc_channel_done) struct icc_channel channel = ICC_CHANNEL_INIT;
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    int rc;

    TRY(icc_begin(icc, &txn, err));
    rc = icc_select_application(icc, bytes_of(aid->bytes, aid->len), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the card has no such area");
    TRY(rc);
    if (keys != NULL)
        TRY(icc_channel_open(icc, keys, ICC_CHANNEL_ALL, &channel, err));
    TRY(read_file(&(struct source){icc, keys == NULL ? NULL : &channel, SFI_CONTENTS}, &contents,
                  err));
    buf_move(ret, &contents);
    return 0;
}
