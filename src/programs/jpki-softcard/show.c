/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "card/status.h"
#include "card/store.h"
#include "programs/exit.h"
#include "programs/output.h"

#include <stdio.h>

struct show {
    const char *key_file;
    bool json;
};

static const struct cli_option options[] = {
    {'k', "key-file", CLI_TEXT, offsetof(struct show, key_file), N_("FILE"),
     N_("the key that seals the card; CARD.key if not given")},
    {'j', "json", CLI_FLAG, offsetof(struct show, json), NULL, N_("print one line of JSON")},
    CLI_OPTIONS_END,
};

static void print_pin(const char *title, const struct card_status *status, enum card_pin pin)
{
    if (status->has_pin[pin])
        printf(tr("%s: %u of %u tries left\n"), title, status->tries[pin], status->tries_most[pin]);
    else
        printf(tr("%s: not set\n"), title);
}

static const struct {
    const char *title;
    enum card_pin pin;
} further_pins[] = {
    {N_("Input support PIN"), CARD_PIN_TEXT},
    {N_("Check code A (text)"), CARD_PIN_TEXT_A},
    {N_("Check code B (text)"), CARD_PIN_TEXT_B},
    {N_("Check code A (visual)"), CARD_PIN_VISUAL_A},
    {N_("Check code B (visual)"), CARD_PIN_VISUAL_B},
    {N_("Birth date code"), CARD_PIN_BIRTH},
    {N_("Resident register PIN (common)"), CARD_PIN_COMMON},
    {N_("Resident register PIN (juki)"), CARD_PIN_JUKI},
};

static void print_files(const struct card_status *status)
{
    printf("%s\n", tr("Files, by applet:"));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        if (status->has_data[i])
            printf(tr("  %-6s %04X %6zu bytes\n"), card_node_applet(NODE_DATA, i)->name,
                   card_node(NODE_DATA, i)->fid, status->data_size[i]);
}

static void print_personalised(const struct card_status *status)
{
    printf("%s\n", status->has_data[CARD_SIGN_CERT]
                       ? tr("Certificates: authentication and signature")
                       : tr("Certificates: authentication only"));
    print_pin(tr("Authentication PIN"), status, CARD_PIN_AUTH);
    print_pin(tr("Signature password"), status, CARD_PIN_SIGN);
    for (size_t i = 0; i < sizeof further_pins / sizeof further_pins[0]; i++)
        if (status->has_pin[further_pins[i].pin])
            print_pin(tr(further_pins[i].title), status, further_pins[i].pin);
    print_files(status);
}

static void print_options(const struct card_status *status)
{
    CLEANUP(buf_done) struct buf chosen = BUF_INIT;
    const char *text;

    if (card_options_append(&status->options, &chosen, NULL) < 0 || chosen.len == 0 ||
        buf_text(&chosen, &text, NULL) < 0)
        return;
    printf(tr("Options: %s\n"), text);
}

static void print_text(const struct card_status *status)
{
    printf(tr("Serial: %s\n"), status->serial);
    printf(tr("Kind: %s\n"), card_kind_rules(status->kind)->name);
    print_options(status);
    if (status->is_dead)
        printf("%s\n", tr("Dead: it was tampered with."));
    else if (status->is_personalised)
        print_personalised(status);
    else
        printf("%s\n", status->has_key[CARD_KEY_AUTH] || status->has_key[CARD_KEY_SIGN]
                           ? tr("In stock; keys are made, nobody's yet.")
                           : tr("In stock: blank."));
}

/* "sizes": {"text/0001": 17}, of all files, those of the JPKI applet among them */
static int put_sizes(struct json *object, const struct card_status *status, struct err *err)
{
    CLEANUP(json_freep) struct json *sizes = json_object_new();

    for (unsigned i = 0; i < CARD_DATA_; i++) {
        CLEANUP(buf_done) struct buf name = BUF_INIT;
        const char *text;

        if (!status->has_data[i])
            continue;
        TRY(buf_append_format(&name, err, "%s/%04X", card_node_applet(NODE_DATA, i)->name,
                              card_node(NODE_DATA, i)->fid));
        TRY(buf_text(&name, &text, err));
        TRY(json_put_int(sizes, text, (int64_t)status->data_size[i], err));
    }
    return json_put(object, "sizes", json_steal(&sizes), err);
}

static int print_json(const struct card_status *status, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(card_status_put(object, status, err));
    TRY(put_sizes(object, status, err));
    return output_json(object, err);
}

static int show(const struct show *given, const char *card, struct err *err)
{
    const struct store_paths paths = {card, given->key_file};
    struct card_status status;

    TRY(daemon_harden(err));
    TRY(store_look(&paths, &status, err));
    if (given->json)
        return print_json(&status, err);
    print_text(&status);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};

    (void)argc;
    return show(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_show = {
    .path = "show",
    .arguments = N_("CARD"),
    .description = N_("say what is on a card, without secrets"),
    .options = options,
    .size = sizeof(struct show),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
