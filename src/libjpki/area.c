/* SPDX-License-Identifier: Apache-2.0 */
/* The free area: what anybody may see of it. */
#include "base/hex.h"
#include "border/border.h"
#include "client/free.h"
#include "libjpki/card.h"
#include "libjpki/data.h"

/* What jpki/jpki.h promises. */
_Static_assert((int)JPKI_AREAS_MAX == (int)ICC_AREAS_MAX, "");

struct jpki_area {
    const struct icc_area *inside;
    struct buf id;
    char name[5], since[CALTIME_TEXT_SIZE], expiry[CALTIME_TEXT_SIZE];
    const char *texts[JPKI_AREA_EXPIRY + 1]; /* by enum jpki_area_field */
};

static void area_done(jpki_area *area)
{
    buf_done(&area->id);
}

/* Of texts that the directory has been found to be well formed in. */
static int area_open(struct icc_area *inside, jpki_area *ret, struct err *err)
{
    ret->inside = inside;
    icc_area_name(&inside->aid, ret->name);
    caldate_format_iso(inside->basis_date, ret->since);
    caldate_format_iso(inside->expiry, ret->expiry);
    ret->texts[JPKI_AREA_SINCE] = ret->since;
    ret->texts[JPKI_AREA_EXPIRY] = ret->expiry;
    TRY(hex_append(&ret->id, bytes_of(inside->aid.bytes, inside->aid.len), err));
    TRY(buf_text(&ret->id, &ret->texts[JPKI_AREA_NAME], err));
    if (ret->name[0] != '\0')
        ret->texts[JPKI_AREA_NAME] = ret->name;
    TRY(buf_text(&inside->label, &ret->texts[JPKI_AREA_LABEL], err));
    TRY(buf_text(&inside->owner, &ret->texts[JPKI_AREA_OPERATOR], err));
    return buf_text(&inside->basis_text, &ret->texts[JPKI_AREA_LAW], err);
}

static int each_area(jpki_card *card, jpki_area_fn *each, void *context, struct err *err)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};

    TRY(icc_free_list(card->icc, &directory, err));
    for (size_t i = 0; i < directory.count; i++) {
        CLEANUP(area_done) jpki_area area = {.id = BUF_INIT};

        TRY(area_open(&directory.areas[i], &area, err));
        if (each(context, &area) != 0)
            break;
    }
    return 0;
}

int jpki_card_areas(jpki_card *card, jpki_area_fn *each, void *context, struct jpki_error *error)
{
    struct err err = {0};

    return tell(each_area(card, each, context, &err), &err, error);
}

const char *jpki_area_text(const jpki_area *area, enum jpki_area_field field)
{
    return (unsigned)field <= JPKI_AREA_EXPIRY ? area->texts[field] : NULL;
}

enum jpki_area_basis jpki_area_basis(const jpki_area *area)
{
    static const enum jpki_area_basis bases[] = {
        [ICC_ORDINANCE] = JPKI_BASIS_ORDINANCE,
        [ICC_RULE] = JPKI_BASIS_RULE,
        [ICC_PRIVATE] = JPKI_BASIS_PRIVATE,
    };

    return bases[area->inside->basis];
}

size_t jpki_area_capacity(const jpki_area *area)
{
    return area->inside->capacity;
}

int jpki_area_is_protected(const jpki_area *area)
{
    return area->inside->is_protected;
}

static int read_area(jpki_card *card, const char *name, jpki_data **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    struct icc_aid aid;

    TRY(icc_area_named(name, &aid, err));
    TRY(icc_free_read(card->icc, &aid, NULL, &contents, err));
    return data_new(&contents, ret, err);
}

int jpki_card_read_area(jpki_card *card, const char *name, jpki_data **ret,
                        struct jpki_error *error)
{
    struct err err = {0};

    return tell(read_area(card, name, ret, &err), &err, error);
}
