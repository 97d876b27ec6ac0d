/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-bench: what we take, beside what others take for the same in the same run. */
#include "programs/jpki-bench/bench.h"

#include "base/i18n.h"
#include "programs/exit.h"

struct measure {
    bool json;
};

static const struct cli_option options[] = {
    {'j', "json", CLI_FLAG, offsetof(struct measure, json), NULL,
     N_("print one JSON object per measurement")},
    CLI_OPTIONS_END,
};

static const struct {
    const char *name;
    bench_fn *measure;
} measurements[] = {
    {"start", bench_start},           {"card-info", bench_card_info},
    {"pcsc-apdu", bench_pcsc_apdu},   {"card-apdu", bench_card_apdu},
    {"card-sign", bench_card_sign},   {"card-many", bench_card_many},
    {"pin-verify", bench_pin_verify}, {"card-make", bench_card_make},
};

static int run_one(size_t index, const void *parsed)
{
    const struct measure *measure = parsed;

    return bench_run(measurements[index].name, measurements[index].measure, measure->json);
}

static int run_start(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(0, parsed);
}

static int run_card_info(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(1, parsed);
}

static int run_pcsc_apdu(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(2, parsed);
}

static int run_card_apdu(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(3, parsed);
}

static int run_card_sign(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(4, parsed);
}

static int run_card_many(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(5, parsed);
}

static int run_pin_verify(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(6, parsed);
}

static int run_card_make(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return run_one(7, parsed);
}

/* All of them, also after one that failed; the first failure's exit code. */
static int run_all(const void *parsed, int argc, char *const argv[])
{
    int first = EXIT_CODE_DONE;

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof measurements / sizeof measurements[0]; i++) {
        int code = run_one(i, parsed);

        if (first == EXIT_CODE_DONE)
            first = code;
    }
    return first;
}

#define MEASUREMENT(identifier, name, text, function)                                              \
    const struct cli_command identifier = {.path = (name),                                         \
                                           .arguments = "",                                        \
                                           .description = (text),                                  \
                                           .options = options,                                     \
                                           .size = sizeof(struct measure),                         \
                                           .run = (function)}

MEASUREMENT(command_start, "start", N_("how long a new sandbox takes until everything runs"),
            run_start);
MEASUREMENT(command_card_info, "card-info", N_("jpki card info beside opensc-tool -n"),
            run_card_info);
MEASUREMENT(command_pcsc_apdu, "pcsc-apdu", N_("one APDU through the sandbox's reader"),
            run_pcsc_apdu);
MEASUREMENT(command_card_apdu, "card-apdu", N_("one APDU on the card's own socket"), run_card_apdu);
MEASUREMENT(command_card_sign, "card-sign", N_("a signature in the card beside openssl's"),
            run_card_sign);
MEASUREMENT(command_card_many, "card-many", N_("the memory of a thousand cards in one process"),
            run_card_many);
MEASUREMENT(command_pin_verify, "pin-verify", N_("a right PIN beside the writes it takes"),
            run_pin_verify);
MEASUREMENT(command_card_make, "card-make", N_("a card of somebody's beside its keys alone"),
            run_card_make);
MEASUREMENT(command_all, "all", N_("all of these"), run_all);

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_start,
        &command_card_info,
        &command_pcsc_apdu,
        &command_card_apdu,
        &command_card_sign,
        &command_card_many,
        &command_pin_verify,
        &command_card_make,
        &command_all,
        &command_apdu,
        NULL,
    };
    static const struct cli_program program = {
        .name = "jpki-bench",
        .description = N_("measure OpenJPKI beside others, in the same run"),
        .commands = commands,
    };

    return cli_main(&program, argc, argv);
}
