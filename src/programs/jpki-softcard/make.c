/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "base/rand.h"
#include "card/store.h"
#include "programs/exit.h"

#include <stdio.h>

struct make {
    const char *output;
    const char *serial;
    const char *key_file;
    const char *kind;
    const char *option;
};

static const struct cli_option options[] = {
    {'o', "output", CLI_TEXT, offsetof(struct make, output), N_("CARD"),
     N_("the card file to make; CARD.counters and CARD.key lie beside it")},
    {'s', "serial", CLI_TEXT, offsetof(struct make, serial), N_("SERIAL"),
     N_("1 to 16 letters and digits; random digits if not given")},
    {'k', "key-file", CLI_TEXT, offsetof(struct make, key_file), N_("FILE"),
     N_("seal the card with the key in FILE, which is made if it is missing")},
    {'t', "kind", CLI_TEXT, offsetof(struct make, kind), N_("KIND"),
     N_("plastic (if not given), android, iphone, under15, under1 or face")},
    {'O', "option", CLI_TEXT, offsetof(struct make, option), N_("NAME=VALUE"),
     N_("what the card does where sources disagree; several with commas")},
    CLI_OPTIONS_END,
};

static int random_serial(char ret[CARD_SERIAL_MAX + 1], struct err *err)
{
    uint8_t random[CARD_SERIAL_MAX];

    TRY(rand_fill(random, sizeof random, err));
    for (size_t i = 0; i < sizeof random; i++)
        ret[i] = (char)('0' + random[i] % 10);
    ret[CARD_SERIAL_MAX] = 0;
    return 0;
}

static int make(const struct make *given, struct err *err)
{
    const struct store_paths paths = {given->output, given->key_file};
    char serial[CARD_SERIAL_MAX + 1];
    struct image image;

    if (given->output == NULL)
        return FAIL(err, ERR_USAGE, "--output is needed: where shall the card be?");
    TRY(daemon_harden(err));
    TRY(random_serial(serial, err));
    TRY(image_init(&image, given->serial == NULL ? serial : given->serial, err));
    if (given->kind != NULL)
        TRY(card_kind_named(given->kind, &image.kind, err));
    if (given->option != NULL)
        TRY(card_options_parse(bytes_text(given->option), &image.options, err));
    return store_make_from(&paths, &image, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};

    (void)argc;
    (void)argv;
    return make(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_make = {
    .path = "make",
    .arguments = "",
    .description = N_("make a blank card, as a counter has in stock"),
    .options = options,
    .size = sizeof(struct make),
    .run = run,
};
