/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"
#include "base/caltime.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-authorityd/commands.h"
#include "programs/jpki-authorityd/config.h"
#include "programs/variant.h"

#include <unistd.h>

struct init_ca {
    const char *config;
    const char *generation;
    const char *from;
};

static const struct cli_option init_ca_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct init_ca, config), "FILE",
     N_("the configuration file")},
    {'g', "generation", CLI_TEXT, offsetof(struct init_ca, generation), "N",
     N_("the next generation instead of the first")},
    {'f', "from", CLI_TEXT, offsetof(struct init_ca, from), "YYYY-MM-DD",
     N_("since when a later generation issues, in Japan; without it at once")},
    CLI_OPTIONS_END,
};

/* Midnight of that day in Japan. */
static int read_from(const char *text, int64_t *ret, struct err *err)
{
    struct caldate date;

    TRY(err_prefix(err, caldate_parse_iso(text, &date, err), "--from"));
    *ret = caltime_utc((struct caltime){date, 0, 0, 0}, JST_OFFSET_SECONDS);
    return 0;
}

static int read_options(const struct init_ca *options, struct ca_setup *setup, struct err *err)
{
    TRY(generation_option(options->generation, &setup->generation, err));
    setup->issues_from = setup->by->at;
    if (options->from == NULL)
        return 0;
    if (setup->generation == 1)
        return FAIL(err, ERR_USAGE, "--from is for later generations");
    TRY(read_from(options->from, &setup->issues_from, err));
    return 0;
}

static int init_ca(const struct init_ca *options, const char *name, struct err *err)
{
    CLEANUP(authorityd_config_done) struct authorityd_config config = {.database = NULL};
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct audit_origin by;
    struct ca_setup setup = {.by = &by};
    const struct clock *clock;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(ca_kind_from_name(name, &setup.kind, err));
    TRY(authorityd_config_read(options->config, &config, err));
    setup.key = config.keys[setup.kind];
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    TRY(read_options(options, &setup, err));
    TRY(authority_store_open(config.database, &store, err));
    TRY(signer_open(config.signer, &signer, err));
    TRY(ca_init(store, signer, &setup, &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    TRY(x509_cert_append_pem(&pem, cert, err));
    return file_write_all(STDOUT_FILENO, buf_bytes(&pem), err);
}

static int init_ca_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return init_ca(options, argv[0], &err) < 0 ? exit_report("jpki-authorityd", &err)
                                               : EXIT_CODE_DONE;
}

const struct cli_command init_ca_command = {
    "init-ca",
    "sign|auth",
    N_("make the certificate of a CA or of a generation of it, once, and print it"),
    init_ca_options,
    sizeof(struct init_ca),
    1,
    1,
    init_ca_run,
};
