/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki card report: what a real card answers, for those who maintain this, without anything about
 * its holder. All of it is shown before it is written, and nothing is sent to anybody.
 */
#include "client/survey.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/files.h"
#include "programs/jpki/pin/rows.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *out;
    bool force, yes, with_pin;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE", N_("write the report there")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether what is shown may be written")},
    {0, "with-pin", CLI_FLAG, offsetof(struct options, with_pin), NULL,
     N_("also what shows only after the authentication PIN; asks for it")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

static int append_heading(const struct icc *icc, struct buf *ret, struct err *err)
{
    TRY(buf_append_format(ret, err, "# OpenJPKI card report, format 1, by jpki %s\n",
                          cli_version()));
    TRY(buf_append_text(ret,
                        "# It has status words, lengths and the type of a card. Of its holder, of\n"
                        "# its numbers and of PINs it has nothing.\n",
                        err));
    return buf_append_format(ret, err, "# kind: %s\n", icc_kind_name(icc_token(icc)->kind));
}

/* That no try was spent is checked, not promised. */
static int check_tries(const struct pin_rows *before, const struct pin_rows *after, struct err *err)
{
    for (unsigned which = 0; which < ICC_PINS_; which++)
        for (size_t i = 0; i < ICC_PIN_PLACES_MAX; i++)
            if (after->counters[which][i].left < before->counters[which][i].left)
                return FAIL(err, ERR_REMOTE,
                            "the card took a try of the %s without having been sent one; please "
                            "report that, and do not repeat this",
                            err_message(icc_pin_title((enum icc_pin)which)));
    return 0;
}

static int ask_for_pin(const struct options *options, struct icc *icc, struct secret *ret,
                       struct err *err)
{
    unsigned left;

    if (!options->with_pin)
        return 0;
    TRY(pin_is_usable(icc, ICC_PIN_AUTH, &options->pin, &left, err));
    return pin_ask(ICC_PIN_AUTH, &options->pin, left, ret, err);
}

static int survey(const struct options *options, struct buf *ret, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct pin_rows before, after;

    TRY(open_card(&options->card, &icc, err));
    TRY(ask_for_pin(options, icc, &pin, err));
    TRY(pin_rows_read(icc, &before, err));
    TRY(append_heading(icc, ret, err));
    TRY(survey_card(icc, ret, err));
    if (options->with_pin)
        TRY(survey_card_with_pin(icc, &pin, options->pin.last_try, ret, err));
    TRY(pin_rows_read(icc, &after, err));
    return check_tries(&before, &after, err);
}

/* The whole report goes to the person's eyes; with --json standard output is for the object. */
static int agree(const struct options *options, struct buf *text, struct err *err)
{
    bool is_agreed = options->yes;
    const char *shown;

    TRY(buf_text(text, &shown, err));
    (void)fputs(shown, options->card.json ? stderr : stdout);
    (void)fflush(stdout);
    if (!is_agreed)
        TRY(confirm(tr("This is all that the file will hold. Write it?"), &is_agreed, err));
    return is_agreed ? 0 : FAIL(err, ERR_DENIED, "not agreed; nothing was written");
}

static int tell(const struct options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card.json) {
        (void)fprintf(stderr, tr("Written: %s\n"), options->out);
        return 0;
    }
    object = json_object_new();
    TRY(output_put_name(object, "file", options->out, err));
    TRY(json_put_bool(object, "with_pin", options->with_pin, err));
    return output_json(object, err);
}

static int card_report(const struct options *options, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct inputs inputs = {.pin = &options->pin};

    if (options->out == NULL)
        return FAIL(err, ERR_USAGE, "--out FILE is needed: where to write the report");
    TRY(output_check(options->out, options->force, &inputs, err));
    TRY(survey(options, &text, err));
    TRY(agree(options, &text, err));
    TRY(output_write(options->out, options->force, 0644, buf_bytes(&text), err));
    return tell(options, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(card_report(given, &err), given->card.json, &err);
}

const struct cli_command card_report_command = {
    .path = "card report",
    .arguments = "",
    .description = N_("write what is not known of cards to a file, without personal data"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
