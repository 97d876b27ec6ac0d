/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/i18n.h"
#include "base/rand.h"
#include "programs/exit.h"
#include "programs/jpki-softcard/issuer_keys.h"
#include "programs/jpki-softcard/make_issued.h"
#include "programs/jpki-softcard/own_ca.h"

#include <stdio.h>

struct make {
    const char *output;
    const char *serial;
    const char *key_file;
    const char *issuer_key_file;
    const char *own_ca;
    const char *json;
    const char *persona;
    const char *sandbox;
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
    {'i', "issuer-key-file", CLI_TEXT, offsetof(struct make, issuer_key_file), N_("FILE"),
     N_("the issuer's keys for the free area, as jpki free keys makes them")},
    {'c', "own-ca", CLI_TEXT, offsetof(struct make, own_ca), N_("DIR"),
     N_("make a card that is somebody's, by a CA of your own in DIR, which is made once")},
    {'j', "json", CLI_TEXT, offsetof(struct make, json), N_("FILE"),
     N_("whose card it is, by that JSON file")},
    {'p', "persona", CLI_TEXT, offsetof(struct make, persona), N_("NAME"),
     N_("whose card it is, by a name in personas.json; a running sandbox issues it without "
        "--own-ca")},
    {0, "sandbox", CLI_TEXT, offsetof(struct make, sandbox), N_("DIR"),
     N_("the sandbox's directory")},
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

static int check(const struct make *given, struct err *err)
{
    bool has_holder = given->persona != NULL || given->json != NULL;
    bool is_by_sandbox = has_holder && given->own_ca == NULL;

    if (given->output == NULL)
        return FAIL(err, ERR_USAGE, "--output is needed: where shall the card be?");
    if (given->persona != NULL && given->json != NULL)
        return FAIL(err, ERR_USAGE, "--json and --persona exclude each other");
    if (given->own_ca != NULL && !has_holder)
        return FAIL(err, ERR_USAGE,
                    "--own-ca needs --json or --persona, one of them: whose card shall it be?");
    if (given->sandbox != NULL && !is_by_sandbox)
        return FAIL(err, ERR_USAGE, "--sandbox goes with --persona or --json, without --own-ca");
    if (given->kind != NULL && is_by_sandbox)
        return FAIL(err, ERR_USAGE, "the counter of a sandbox decides the kind of a card");
    return 0;
}

static int make_in_sandbox(const struct make *given, const struct store_paths *paths,
                           const struct image *blank, struct err *err)
{
    CLEANUP(wish_freep) struct wish *wish = NULL;
    struct make_issued order = {
        .paths = paths, .blank = blank, .who = given->persona, .sandbox = given->sandbox};

    if (given->json != NULL) {
        TRY(wish_from_file(given->json, clock_now(&clock_system), &wish, err));
        order.wish = wish;
        order.who = given->json;
    }
    return make_issued(&order, err);
}

static void tell(const char *text)
{
    (void)fprintf(stderr, "%s\n", text);
}

static int read_wish(const struct make *given, int64_t now, struct wish **ret, struct err *err)
{
    return given->json != NULL ? wish_from_file(given->json, now, ret, err)
                               : wish_from_persona(given->persona, now, ret, err);
}

/* Code B needs the code, and only whoever sees the card's face knows it. */
static void tell_secrets(const struct make *given, const struct wish *wish)
{
    if (wish->is_code_drawn)
        printf(tr("The security code on the card is %s.\n"), wish->security_code);
    if (given->persona != NULL)
        printf(tr("'jpki-sandbox persona list' shows the PINs of %s.\n"), given->persona);
}

static int make_own(const struct make *given, const struct store_paths *paths,
                    const struct image *blank, struct err *err)
{
    CLEANUP(wish_freep) struct wish *wish = NULL;
    struct own_ca_order order = {
        .dir = given->own_ca,
        .paths = paths,
        .blank = blank,
        .kind = given->kind,
        .now = clock_now(&clock_system),
        .progress = tell,
    };

    TRY(read_wish(given, order.now, &wish, err));
    order.wish = wish;
    TRY(own_ca_make(&order, err));
    tell_secrets(given, wish);
    return 0;
}

static int make(const struct make *given, struct err *err)
{
    const struct store_paths paths = {given->output, given->key_file};
    char serial[CARD_SERIAL_MAX + 1];
    CLEANUP(image_done) struct image image = {.serial = ""};

    TRY(check(given, err));
    TRY(daemon_harden(err));
    TRY(random_serial(serial, err));
    TRY(image_init(&image, given->serial == NULL ? serial : given->serial, err));
    if (given->kind != NULL)
        TRY(card_kind_named(given->kind, &image.kind, err));
    if (given->option != NULL)
        TRY(card_options_parse(bytes_text(given->option), &image.options, err));
    if (given->issuer_key_file != NULL)
        TRY(issuer_keys_read(given->issuer_key_file, &image.issuer, err));
    if (given->own_ca != NULL)
        return make_own(given, &paths, &image, err);
    if (given->persona != NULL || given->json != NULL)
        return make_in_sandbox(given, &paths, &image, err);
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
    .description = N_("make a blank card, as a counter has in stock, or one that is somebody's"),
    .options = options,
    .size = sizeof(struct make),
    .run = run,
};
