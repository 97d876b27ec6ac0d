/* SPDX-License-Identifier: Apache-2.0 */
/* jpki consent list: to whom one has consented that newer attributes are told, and what was. */
#include "programs/jpki/consent/ask.h"

#include "base/caltime.h"
#include "holder/consent.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

static const struct cli_option rows[] = {
    CONSENT_OPTIONS,
    CLI_OPTIONS_END,
};

static const struct consent_options defaults = {.pin = PIN_DEFAULTS};

static int print_text(const char *label, const char *text, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *value;

    TRY(append_shown(&shown, bytes_text(text), err));
    TRY(buf_text(&shown, &value, err));
    print_field(label, value);
    return 0;
}

static int print_attributes(const struct json *attributes, struct err *err)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT;
    const char *text;

    for (size_t i = 0; i < json_count(attributes); i++)
        TRY(buf_append_format(&all, err, "%s%s", i == 0 ? "" : " ",
                              json_text(json_at(attributes, i))));
    TRY(buf_text(&all, &text, err));
    return print_text(tr("Attributes"), text, err);
}

static void print_time(const char *label, int64_t at)
{
    char time[CALTIME_TEXT_SIZE];

    caltime_format(at, JST_OFFSET_SECONDS, time);
    print_field(label, time);
}

static int print_consent(const struct own_consent *consent, struct err *err)
{
    TRY(print_text(tr("Consent"), consent->id, err));
    TRY(print_text(tr("Provider"), consent->provider_title, err));
    TRY(print_text(tr("Service"), consent->service_title, err));
    TRY(print_text(tr("Through"), consent->verifier_title, err));
    TRY(print_attributes(consent->attributes, err));
    print_time(tr("From"), consent->valid_from);
    print_time(tr("Until"), consent->valid_until);
    if (consent->withdrawn_at != 0)
        print_time(tr("Withdrawn"), consent->withdrawn_at);
    return 0;
}

/* How often something was told because of a consent, and when last. */
static int print_disclosures(const struct json *list, const char *id, struct err *err)
{
    size_t count = 0;
    int64_t last = 0;

    for (size_t i = 0; i < json_count(list); i++) {
        const char *consent;
        int64_t at;

        TRY(json_get_text(json_at(list, i), "consent", &consent, err));
        TRY(json_get_int(json_at(list, i), "at", &at, err));
        if (!bytes_equal(bytes_text(consent), bytes_text(id)))
            continue;
        last = count == 0 ? at : last;
        count++;
    }
    if (count > 0)
        print_time(tr("Last told"), last);
    return 0;
}

static int print_all(const struct json *answer, struct err *err)
{
    const struct json *consents;
    const struct json *disclosures;

    TRY(json_get_array(answer, "consents", &consents, err));
    TRY(json_get_array(answer, "disclosures", &disclosures, err));
    if (json_count(consents) == 0)
        printf("%s\n", tr("You have given no consent."));
    for (size_t i = 0; i < json_count(consents); i++) {
        struct own_consent consent;

        TRY(own_consent_read(json_at(consents, i), &consent, err));
        if (i > 0)
            printf("\n");
        TRY(print_consent(&consent, err));
        TRY(print_disclosures(disclosures, consent.id, err));
    }
    return 0;
}

static int list(const struct consent_options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(consent_ask(options, NULL, &answer, err));
    return options->card.json ? output_json(answer, err) : print_all(answer, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct consent_options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(list(given, &err), given->card.json, &err);
}

const struct cli_command consent_list_command = {
    .path = "consent list",
    .arguments = "",
    .description = N_("list whom you allowed to get newer attributes, and what they got"),
    .options = rows,
    .size = sizeof(struct consent_options),
    .run = run,
    .defaults = &defaults,
};
