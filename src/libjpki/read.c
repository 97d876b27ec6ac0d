/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of the card is opened by its PIN or code, read and judged in one transaction. The
 * individual number has functions of its own, which want to hear what it is for.
 */
#include "border/border.h"
#include "client/common.h"
#include "client/object.h"
#include "client/text.h"
#include "client/visual.h"
#include "libjpki/anchors.h"
#include "libjpki/pin.h"
#include "libjpki/record.h"

/* Where something is on the card, and what opens it. */
struct way {
    enum icc_app app;
    enum jpki_pin_kind pins[2]; /* 0: there is no second one */
    int (*read)(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                struct err *err);
};

static int read_attributes(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                           struct err *err)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

    TRY(text_read(icc, TEXT_ATTRIBUTES, roots, &data, err));
    return record_new(&data.authenticity,
                      (const struct record_field[]){{JPKI_FIELD_NAME, data.attributes.name},
                                                    {JPKI_FIELD_ADDRESS, data.attributes.address},
                                                    {JPKI_FIELD_BIRTH, data.attributes.birth},
                                                    {JPKI_FIELD_SEX, data.attributes.sex},
                                                    {0}},
                      ret, err);
}

static int read_number(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                       struct err *err)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

    TRY(text_read(icc, TEXT_NUMBER, roots, &data, err));
    return record_new(
        &data.authenticity,
        (const struct record_field[]){{JPKI_FIELD_NUMBER, secret_bytes(&data.number)}, {0}}, ret,
        err);
}

static int read_visual(struct icc *icc, enum visual_part part, const struct data_roots *roots,
                       jpki_record **ret, struct err *err)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};
    const struct visual_contents *found = &data.contents;

    TRY(visual_read(icc, part, roots, &data, err));
    return record_new(
        &data.authenticity,
        (const struct record_field[]){{JPKI_FIELD_BIRTH, found->birth},
                                      {JPKI_FIELD_SEX, found->sex},
                                      {JPKI_FIELD_NAME_IMAGE, found->name},
                                      {JPKI_FIELD_ADDRESS_IMAGE, found->address},
                                      {JPKI_FIELD_PHOTO, found->photo},
                                      {JPKI_FIELD_EXPIRY, found->expiry},
                                      {JPKI_FIELD_SECURITY_CODE_IMAGE, found->security_code},
                                      {JPKI_FIELD_NUMBER_IMAGE, found->number},
                                      {0}},
        ret, err);
}

static int read_face(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                     struct err *err)
{
    return read_visual(icc, VISUAL_FACE, roots, ret, err);
}

static int read_age(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                    struct err *err)
{
    return read_visual(icc, VISUAL_AGE, roots, ret, err);
}

static int read_number_image(struct icc *icc, const struct data_roots *roots, jpki_record **ret,
                             struct err *err)
{
    return read_visual(icc, VISUAL_NUMBER, roots, ret, err);
}

static const struct way ways[] = {
    [JPKI_PART_ATTRIBUTES] = {ICC_APP_TEXT, {JPKI_PIN_TEXT, JPKI_PIN_B}, read_attributes},
    [JPKI_PART_FACE] = {ICC_APP_VISUAL, {JPKI_PIN_A, JPKI_PIN_B}, read_face},
    [JPKI_PART_AGE] = {ICC_APP_VISUAL, {JPKI_PIN_BIRTH}, read_age},
};
static const struct way number_way = {ICC_APP_TEXT, {JPKI_PIN_TEXT, JPKI_PIN_A}, read_number};
static const struct way image_way = {ICC_APP_VISUAL, {JPKI_PIN_A}, read_number_image};

static int way_meant(enum jpki_part part, const struct way **ret, struct err *err)
{
    if ((unsigned)part >= sizeof ways / sizeof ways[0] || ways[part].read == NULL)
        return FAIL(err, ERR_USAGE, "%d is no part of a card", (int)part);
    *ret = &ways[part];
    return 0;
}

static int opening_meant(const struct way *way, const struct jpki_opening *opening,
                         enum icc_pin *ret, struct err *err)
{
    TRY(pin_meant(opening->which, ret, err));
    if (opening->which != way->pins[0] && opening->which != way->pins[1])
        return FAIL(err, ERR_USAGE, "the %s does not open this; nothing was sent to the card",
                    icc_pin_title(*ret));
    return 0;
}

static int open_and_read(jpki_card *card, const struct way *way, const struct jpki_opening *opening,
                         const jpki_anchors *anchors, jpki_record **ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    enum icc_pin pin;

    TRY(opening_meant(way, opening, &pin, err));
    TRY(icc_begin_app(card->icc, way->app, &txn, err));
    TRY(pin_open(card, pin, &opening->pin, err));
    return object_of_card(way->read(card->icc, anchors->roots, ret, err), err);
}

int jpki_card_read(jpki_card *card, enum jpki_part part, const struct jpki_opening *opening,
                   const jpki_anchors *anchors, jpki_record **ret, struct jpki_error *error)
{
    const struct way *way;
    struct err err = {0};
    int rc = way_meant(part, &way, &err);

    if (rc == 0)
        rc = open_and_read(card, way, opening, anchors, ret, &err);
    return tell(rc, &err, error);
}

static int check_purpose(enum jpki_purpose purpose, struct err *err)
{
    if (purpose < JPKI_PURPOSE_SOCIAL_SECURITY || purpose > JPKI_PURPOSE_ORDINANCE)
        return FAIL(err, ERR_USAGE, "the law allows an individual number for no purpose %d",
                    (int)purpose);
    return 0;
}

int jpki_card_read_number(jpki_card *card, enum jpki_purpose purpose,
                          const struct jpki_opening *opening, const jpki_anchors *anchors,
                          jpki_record **ret, struct jpki_error *error)
{
    struct err err = {0};
    int rc = check_purpose(purpose, &err);

    if (rc == 0)
        rc = open_and_read(card, &number_way, opening, anchors, ret, &err);
    return tell(rc, &err, error);
}

int jpki_card_read_number_image(jpki_card *card, enum jpki_purpose purpose,
                                const struct jpki_opening *opening, const jpki_anchors *anchors,
                                jpki_record **ret, struct jpki_error *error)
{
    struct err err = {0};
    int rc = check_purpose(purpose, &err);

    if (rc == 0)
        rc = open_and_read(card, &image_way, opening, anchors, ret, &err);
    return tell(rc, &err, error);
}

static int read_common(jpki_card *card, jpki_record **ret, struct err *err)
{
    const struct authenticity found = {.has = {[DATA_NOT_SIGNED] = true}};
    struct common_record record;

    TRY(common_read_record(card->icc, &record, err));
    return record_new(&found,
                      (const struct record_field[]){
                          {JPKI_FIELD_MANUFACTURE_NUMBER, bytes_text(record.manufacture_number)},
                          {JPKI_FIELD_MUNICIPALITY, bytes_text(record.municipality)},
                          {JPKI_FIELD_EXPIRY, bytes_text(record.expiry)},
                          {0}},
                      ret, err);
}

int jpki_card_read_common(jpki_card *card, jpki_record **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(read_common(card, ret, &err), &err, error);
}
