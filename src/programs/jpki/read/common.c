/* SPDX-License-Identifier: Apache-2.0 */
/* jpki read common: what a card says about itself to anybody; nothing of it is signed. */
#include "client/common.h"
#include "base/hex.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/read/data.h"

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

/* Printable ASCII as it is, everything else in hexadecimal. */
static int object_text(const struct buf *object, struct buf *ret, struct err *err)
{
    for (size_t i = 0; i < object->len; i++)
        if (object->ptr[i] < 0x20 || object->ptr[i] > 0x7e)
            return hex_append(ret, buf_bytes(object), err);
    return buf_append(ret, buf_bytes(object), err);
}

static int show(const struct common_record *record, const struct card_objects *objects,
                struct err *err)
{
    print_field(tr("Manufacture number"), record->manufacture_number);
    print_field(tr("Municipality"), record->municipality);
    TRY(print_card_date(tr("Card expires (not signed)"), bytes_text(record->expiry), err));
    for (int i = 0; i < CARD_OBJECTS_; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        TRY(object_text(&objects->objects[i], &text, err));
        TRY(print_outside(tr(card_object_title((enum card_object)i)), buf_bytes(&text), err));
    }
    return 0;
}

static int put_objects(struct json *object, const struct card_objects *objects, struct err *err)
{
    for (int i = 0; i < CARD_OBJECTS_; i++) {
        const char *name = card_object_name((enum card_object)i);
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        TRY(object_text(&objects->objects[i], &text, err));
        TRY(text.len == 0 ? json_put_null(object, name, err)
                          : json_put_bytes(object, name, buf_bytes(&text), err));
    }
    return 0;
}

static int show_json(const struct common_record *record, const struct card_objects *objects,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "manufacture_number", record->manufacture_number, err));
    TRY(json_put_text(object, "municipality", record->municipality, err));
    TRY(put_card_date(object, "expires", bytes_text(record->expiry), err));
    TRY(put_objects(object, objects, err));
    TRY(json_put_bool(object, "signed", false, err));
    return output_json(object, err);
}

static int read_common(const struct options *options, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(card_objects_done) struct card_objects objects = {{BUF_INIT}};
    struct common_record record;

    TRY(open_card(&options->card, &icc, err));
    TRY(common_read_record(icc, &record, err));
    TRY(common_read_objects(icc, &objects, err));
    return options->card.json ? show_json(&record, &objects, err) : show(&record, &objects, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(read_common(given, &err), given->card.json, &err);
}

const struct cli_command read_common_command = {
    .path = "read common",
    .arguments = "",
    .description = N_("read what the card says about itself: its number, municipality, expiry"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
