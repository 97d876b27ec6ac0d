/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-bench: what we take, beside what others take for the same in the same run. */
#include "programs/jpki-bench/bench.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variables.h"

struct measure {
    bool json;
    const char *dir;
    int64_t largest;
};

static const struct cli_option options[] = {
    {'j', "json", CLI_FLAG, offsetof(struct measure, json), NULL,
     N_("print one JSON object per measurement")},
    {'d', "dir", CLI_TEXT, offsetof(struct measure, dir), N_("DIR"),
     N_("where what takes long to make is kept for the next run")},
    {'l', "largest", CLI_INT, offsetof(struct measure, largest), N_("N"),
     N_("leave out what has more than N people")},
    CLI_OPTIONS_END,
};

/* X(bench_NAME, "the name", N_("what it measures")), in the order of jpki-bench all. */
#define MEASUREMENTS(X)                                                                            \
    X(start, "start", N_("how long a new sandbox takes until everything runs"))                    \
    X(card_info, "card-info", N_("jpki card info beside opensc-tool -n"))                          \
    X(pcsc_apdu, "pcsc-apdu", N_("one APDU through the sandbox's reader"))                         \
    X(card_apdu, "card-apdu", N_("one APDU on the card's own socket"))                             \
    X(card_sign, "card-sign", N_("a signature in the card beside openssl's"))                      \
    X(card_many, "card-many", N_("the memory of a thousand cards in one process"))                 \
    X(pin_verify, "pin-verify", N_("a right PIN beside the writes it takes"))                      \
    X(card_make, "card-make", N_("a card of somebody's beside its keys alone"))                    \
    X(ocsp_cached, "ocsp-cached", N_("OCSP answers that are kept"))                                \
    X(ocsp_live, "ocsp-live", N_("OCSP answers that are signed for each question"))                \
    X(crl_write, "crl-write", N_("a nation's list of revocations beside openssl's"))               \
    X(crl_read, "crl-read", N_("reading such a list beside libcrypto"))                            \
    X(feed, "feed", N_("the revocation feed of a nation beside a bitmap and a CRL"))               \
    X(freshness, "freshness", N_("how soon OCSP nodes and a platform know of an act"))             \
    X(verify, "verify", N_("a signed document beside OpenSSL with a list"))                        \
    X(platform_verify, "platform-verify", N_("verifications that a provider asks for over HTTP"))  \
    X(oidc_login, "oidc-login", N_("whole logins at the OpenID provider over HTTP"))               \
    X(tenants, "tenants", N_("a provider among a thousand beside one alone"))                      \
    X(portal_log, "portal-log", N_("a page of the exchange log among a hundred million records"))  \
    X(portal_search, "portal-search", N_("searches of a portal beside a constant answer"))         \
    X(issue, "issue", N_("durable certificates beside signatures alone"))                          \
    X(scale, "scale", N_("operations among a million and among a hundred million"))

#define DEFINE_COMMAND(identifier, name, text)                                                     \
    static int run_##identifier(const void *parsed, int argc, char *const argv[])                  \
    {                                                                                              \
        const struct measure *measure = parsed;                                                    \
                                                                                                   \
        (void)argc;                                                                                \
        (void)argv;                                                                                \
        bench_keep_in(measure->dir);                                                               \
        bench_leave_out_above(measure->largest);                                                   \
        return bench_run((name), bench_##identifier, measure->json);                               \
    }                                                                                              \
    static const struct cli_command command_##identifier = {.path = (name),                        \
                                                            .arguments = "",                       \
                                                            .description = (text),                 \
                                                            .options = options,                    \
                                                            .size = sizeof(struct measure),        \
                                                            .run = run_##identifier};
MEASUREMENTS(DEFINE_COMMAND)

#define COUNT_COMMAND(identifier, name, text) MEASUREMENT_##identifier,
enum { MEASUREMENTS(COUNT_COMMAND) MEASUREMENT_COUNT };

#define LIST_COMMAND(identifier, name, text) [MEASUREMENT_##identifier] = &command_##identifier,
static const struct cli_command command_all;
static const struct cli_command *const commands[] = {
    MEASUREMENTS(LIST_COMMAND) /* one after the other, each with its comma */
        [MEASUREMENT_COUNT] = &command_all,
    &command_apdu,
    NULL,
};

/* All of them, also after one that failed; the first failure's exit code. */
static int run_all(const void *parsed, int argc, char *const argv[])
{
    int first = EXIT_CODE_DONE;

    for (size_t i = 0; i < MEASUREMENT_COUNT; i++) {
        int code = commands[i]->run(parsed, argc, argv);

        if (first == EXIT_CODE_DONE)
            first = code;
    }
    return first;
}

static const struct cli_command command_all = {.path = "all",
                                               .arguments = "",
                                               .description = N_("all of these"),
                                               .options = options,
                                               .size = sizeof(struct measure),
                                               .run = run_all};

int main(int argc, char *argv[])
{
    static const struct settings_variable variables[] = {
        {"JPKI_BENCH_DIR", "", "where made data is kept between runs, unless --dir is given"},
        {"XDG_CACHE_HOME", "~/.cache", "where neither is: its openjpki"},
        {"HOME", "", "where XDG_CACHE_HOME is not set: its .cache/openjpki"},
        VARIABLES_LANGUAGE,
        VARIABLES_END};
    static const struct program_settings settings = {NULL, NULL, variables};
    static const struct cli_program program = {
        .name = "jpki-bench",
        .description = N_("measure OpenJPKI beside others, in the same run"),
        .commands = commands,
        .settings = &settings,
    };

    return cli_main(&program, argc, argv);
}
