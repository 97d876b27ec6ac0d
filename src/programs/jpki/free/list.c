/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/free/area.h"

#include "base/clock.h"
#include "base/hex.h"

#include <stdio.h>

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const char *title_of(enum icc_basis basis)
{
    switch (basis) {
    case ICC_ORDINANCE:
        return N_("ordinance");
    case ICC_RULE:
        return N_("ministers' rule");
    case ICC_PRIVATE:
        return N_("recognised private operator");
    }
    return "";
}

/* Of today's date in Japan; an area is valid on its last day. */
static bool is_over(const struct icc_area *area)
{
    struct caldate today = caltime_at(clock_now(&clock_system), JST_OFFSET_SECONDS).date;

    return caldate_compare(today, area->expiry) > 0;
}

static int put_date(struct json *object, const char *key, struct caldate date, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caldate_format_iso(date, text);
    return json_put_text(object, key, text, err);
}

static int put_area(struct json *object, const struct icc_area *area, struct err *err)
{
    TRY(free_put_aid(object, &area->aid, err));
    TRY(json_put_bytes(object, "label", buf_bytes(&area->label), err));
    TRY(json_put_bytes(object, "operator", buf_bytes(&area->owner), err));
    TRY(json_put_text(object, "basis", icc_basis_name(area->basis), err));
    TRY(json_put_bytes(object, "basis_text", buf_bytes(&area->basis_text), err));
    TRY(put_date(object, "basis_date", area->basis_date, err));
    TRY(put_date(object, "expiry", area->expiry, err));
    TRY(json_put_bool(object, "expired", is_over(area), err));
    TRY(json_put_int(object, "capacity", (int64_t)area->capacity, err));
    return json_put_bool(object, "protected", area->is_protected, err);
}

static int show_json(const struct icc_directory *directory, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < directory->count; i++) {
        CLEANUP(json_freep) struct json *area = json_object_new();

        TRY(put_area(area, &directory->areas[i], err));
        TRY(json_add(array, json_steal(&area), err));
    }
    TRY(json_put(object, "areas", json_steal(&array), err));
    TRY(json_put_int(object, "capacity_left", (int64_t)directory->left, err));
    return output_json(object, err);
}

static int show_text(const char *label, const struct buf *text, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *value;

    TRY(append_shown(&shown, buf_bytes(text), err));
    TRY(buf_text(&shown, &value, err));
    print_field(label, value);
    return 0;
}

static int show_name(const struct icc_area *area, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *value;
    char name[5];

    icc_area_name(&area->aid, name);
    TRY(hex_append(&hex, bytes_of(area->aid.bytes, area->aid.len), err));
    TRY(buf_text(&hex, &value, err));
    print_field(tr("Area"), name[0] == '\0' ? value : name);
    return 0;
}

static int show_area(const struct icc_area *area, struct err *err)
{
    char expiry[CALTIME_TEXT_SIZE];
    char since[CALTIME_TEXT_SIZE];

    caldate_format_iso(area->expiry, expiry);
    caldate_format_iso(area->basis_date, since);
    TRY(show_name(area, err));
    TRY(show_text(tr("Label"), &area->label, err));
    TRY(show_text(tr("Operator"), &area->owner, err));
    print_field(tr("Kind of law"), tr(title_of(area->basis)));
    TRY(show_text(tr("Law"), &area->basis_text, err));
    print_field(tr("In force since"), since);
    print_field(tr("Valid until"), expiry);
    if (is_over(area))
        printf("%s%s%s\n", colour_on(COLOUR_BAD), tr("This area is no longer valid."),
               colour_off());
    printf(tr("Capacity: %zu bytes\n"), area->capacity);
    print_field(tr("Open to"), area->is_protected ? tr("the operator") : tr("all"));
    return 0;
}

static int show(const struct icc_directory *directory, struct err *err)
{
    for (size_t i = 0; i < directory->count; i++) {
        TRY(show_area(&directory->areas[i], err));
        printf("\n");
    }
    printf(tr("Room for further areas: %zu bytes\n"), directory->left);
    return 0;
}

static int free_list(const struct options *options, struct err *err)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};
    CLEANUP(icc_freep) struct icc *icc = NULL;

    TRY(open_card(&options->card, &icc, err));
    TRY(icc_free_list(icc, &directory, err));
    return options->card.json ? show_json(&directory, err) : show(&directory, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(free_list(given, &err), given->card.json, &err);
}

const struct cli_command free_list_command = {
    .path = "free list",
    .arguments = "",
    .description = N_("list what operators have in the card's free area; needs no keys"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
