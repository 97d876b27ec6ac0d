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
    if (status->is_dead) {
        printf("%s\n", tr("Dead: it was tampered with."));
        return;
    }
    if (!status->is_personalised) {
        printf("%s\n", status->has_key[CARD_KEY_AUTH] || status->has_key[CARD_KEY_SIGN]
                           ? tr("In stock; keys are made, nobody's yet.")
                           : tr("In stock: blank."));
        return;
    }
    printf("%s\n", status->has_data[CARD_SIGN_CERT]
                       ? tr("Certificates: authentication and signature")
                       : tr("Certificates: authentication only"));
    print_pin(tr("Authentication PIN"), status, CARD_PIN_AUTH);
    print_pin(tr("Signature password"), status, CARD_PIN_SIGN);
}

static int print_json(const struct card_status *status, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(card_status_put(object, status, err));
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
