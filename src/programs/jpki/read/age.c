/* SPDX-License-Identifier: Apache-2.0 */
/* jpki read age: the signed date of birth, opened by knowing it, and how old that is today. */
#include "base/clock.h"
#include "client/visual.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/read/data.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors;
};

static const struct cli_option rows[] = {
    CARD_ANCHORS_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

/* Completed years today in Japan; false if the card's eight digits are no date. */
static bool age_of(struct bytes birth, int *ret)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct caltime now = caltime_at(clock_now(&clock_system), JST_OFFSET_SECONDS);
    struct caldate date;
    const char *text;

    if (buf_append(&copy, birth, NULL) < 0 || buf_text(&copy, &text, NULL) < 0 ||
        caldate_parse_basic(text, &date, NULL) < 0)
        return false;
    *ret = caldate_age(date, now.date);
    return true;
}

static int show(const struct visual_data *data, struct err *err)
{
    int age;

    print_authenticity(&data->authenticity);
    if (authenticity_is_forged(&data->authenticity))
        return 0;
    printf("\n");
    TRY(print_card_date(tr("Date of birth"), data->contents.birth, err));
    if (age_of(data->contents.birth, &age))
        printf(tr("Age: %d\n"), age);
    return 0;
}

static int show_json(const struct visual_data *data, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    bool is_forged = authenticity_is_forged(&data->authenticity);
    int age;

    TRY(put_authenticity(object, &data->authenticity, err));
    TRY(is_forged ? json_put_null(object, "birth_date", err)
                  : put_card_date(object, "birth_date", data->contents.birth, err));
    TRY(is_forged || !age_of(data->contents.birth, &age) ? json_put_null(object, "age", err)
                                                         : json_put_int(object, "age", age, err));
    return output_json(object, err);
}

static int read_age(const struct options *options, enum exit_code *ret_code, struct err *err)
{
    const struct card_request request = {
        .card = &options->card,
        .pin = &options->pin,
        .anchors = options->anchors,
        .which = ICC_PIN_BIRTH,
        .app = ICC_APP_VISUAL,
    };
    CLEANUP(card_access_done) struct card_access access = CARD_ACCESS_INIT;
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(card_access_open(&request, &access, err));
    TRY(card_access_begin(&access, ICC_APP_VISUAL, &txn, err));
    TRY(visual_read(access.icc, VISUAL_AGE, access.roots, &data, err));
    icc_end(&txn);
    TRY(options->card.json ? show_json(&data, err) : show(&data, err));
    *ret_code = authenticity_exit_code(&data.authenticity);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc;

    (void)argc, (void)argv;
    rc = read_age(given, &code, &err);
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command read_age_command = {
    .path = "read age",
    .arguments = "",
    .description = N_("verify a date of birth by the card, and tell the age"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
