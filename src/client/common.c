/* SPDX-License-Identifier: Apache-2.0 */
#include "client/common.h"

#include "base/i18n.h"
#include "client/file.h"
#include "client/icc.h"
#include "client/object.h"
#include "iso7816/tlv.h"

#include <string.h>

enum { SFI_RECORD = 1, RECORD_TAG = 0x01 };
enum { RECORD_SIZE = COMMON_NUMBER_SIZE + COMMON_MUNICIPALITY_SIZE + COMMON_EXPIRY_SIZE };

static const struct {
    uint16_t tag;
    const char *name, *title;
} objects[CARD_OBJECTS_] = {
    [CARD_OBJECT_ISSUER] = {0x0042, "issuer_id", N_("Issuer identifier")},
    [CARD_OBJECT_ID] = {0x0045, "card_id", N_("Card identifier")},
    [CARD_OBJECT_RECOGNITION] = {0x0066, "recognition_data", N_("Card recognition data")},
    [CARD_OBJECT_MUNICIPALITY] = {0x00F0, "municipality_data", N_("Municipality data")},
    [CARD_OBJECT_EXPIRY] = {0x00F2, "expiry_data", N_("Expiry data")},
    [CARD_OBJECT_ATR] = {0x5F51, "contact_atr", N_("Answer to reset on the contacts")},
};

const char *card_object_name(enum card_object which)
{
    return objects[which].name;
}

const char *card_object_title(enum card_object which)
{
    return objects[which].title;
}

static void take_text(struct bytes *rest, size_t len, char *ret)
{
    memcpy(ret, rest->ptr, len);
    ret[len] = '\0';
    *rest = bytes_part(*rest, len, rest->len);
}

/* Simple TLV: tag and length of one byte each (ISO 7816-4, 5.2.1). */
int common_parse_record(struct bytes record, struct common_record *ret, struct err *err)
{
    struct bytes rest = bytes_part(record, 2, RECORD_SIZE);

    if (record.len < 2 || record.ptr[0] != RECORD_TAG || record.ptr[1] != RECORD_SIZE ||
        rest.len != RECORD_SIZE)
        return FAIL(err, ERR_INPUT, "the card's record is not the one of the common application");
    TRY(object_digits(rest, err));
    take_text(&rest, COMMON_NUMBER_SIZE, ret->manufacture_number);
    take_text(&rest, COMMON_MUNICIPALITY_SIZE, ret->municipality);
    take_text(&rest, COMMON_EXPIRY_SIZE, ret->expiry);
    return 0;
}

int common_read_record(struct icc *icc, struct common_record *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf record = BUF_INIT;

    TRY(icc_begin_app(icc, ICC_APP_COMMON, &txn, err));
    TRY(icc_read_record(icc, SFI_RECORD, 1, &record, err));
    return object_of_card(common_parse_record(buf_bytes(&record), ret, err), err);
}

/* Cards give an object with its own tag and length in front, or without (card.md 3.7). */
static int take_object(const struct buf *answer, uint16_t tag, struct buf *ret, struct err *err)
{
    struct bytes rest = buf_bytes(answer);
    struct tlv element;

    if (tlv_next(&rest, &element, NULL) == 0 && element.tag == tag && rest.len == 0)
        return buf_append(ret, element.value, err);
    return buf_append(ret, buf_bytes(answer), err);
}

static int read_object(struct icc *icc, uint16_t tag, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err why = {0};
    int rc = icc_get_data(icc, tag, &answer, &why);

    if (rc < 0)
        return icc_is_missing(&why) ? 0 : err_copy(err, &why);
    return take_object(&answer, tag, ret, err);
}

int common_read_objects(struct icc *icc, struct card_objects *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(card_objects_done) struct card_objects found = {{BUF_INIT}};

    TRY(icc_begin_app(icc, ICC_APP_MANAGER, &txn, err));
    for (size_t i = 0; i < CARD_OBJECTS_; i++)
        TRY(read_object(icc, objects[i].tag, &found.objects[i], err));
    *ret = found;
    found = (struct card_objects){{BUF_INIT}};
    return 0;
}

void card_objects_done(struct card_objects *found)
{
    for (size_t i = 0; i < CARD_OBJECTS_; i++)
        buf_done(&found->objects[i]);
}
