/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-authorityd/commands.h"
#include "programs/jpki-authorityd/config.h"
#include "programs/variant.h"

#include <unistd.h>

struct issue_ocsp {
    const char *config;
};

static const struct cli_option issue_ocsp_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct issue_ocsp, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

/* The responder's public key, from the signerd that has the private one. */
static int responder_key(const struct authorityd_config *config, enum ca_kind kind, struct buf *ret,
                         struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(config->ocsp_signer == NULL ? config->signer : config->ocsp_signer, &signer,
                    err));
    return signer_public(signer, config->ocsp_keys[kind], ret, err);
}

static int issue_with(const struct authorityd_config *config, struct authority *authority,
                      enum ca_kind kind, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    const struct audit_origin by = audit_by_uid(clock_now(authority->clock), getuid(), NULL);
    struct responder_request request = {.kind = kind, .by = &by};
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    for (unsigned i = 0; i < CA_KINDS_; i++)
        authority->cas[i].key = config->keys[i];
    TRY(authority_load_cas(authority, err));
    TRY(responder_key(config, kind, &spki, err));
    TRY(signer_open(config->signer, &signer, err));
    request.spki = buf_bytes(&spki);
    TRY(authority_issue_responder(authority, signer, &request, &record, err));
    TRY(x509_cert_parse(buf_bytes(&record.certificate), &cert, err));
    TRY(x509_cert_append_pem(&pem, cert, err));
    return file_write_all(STDOUT_FILENO, buf_bytes(&pem), err);
}

static int issue_ocsp(const struct issue_ocsp *options, const char *name, struct err *err)
{
    CLEANUP(authorityd_config_done) struct authorityd_config config = {.database = NULL};
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;
    CLEANUP(authority_unload_cas) struct authority authority = {.store = NULL};
    enum ca_kind kind;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(ca_kind_from_name(name, &kind, err));
    TRY(authorityd_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&authority.clock, err));
    TRY(authority_store_open(config.database, &store, err));
    authority.store = store;
    return issue_with(&config, &authority, kind, err);
}

static int issue_ocsp_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return issue_ocsp(options, argv[0], &err) < 0 ? exit_report("jpki-authorityd", &err)
                                                  : EXIT_CODE_DONE;
}

const struct cli_command issue_ocsp_command = {
    "issue-ocsp",
    "sign|auth",
    N_("make the certificate of a CA's OCSP responder and print it"),
    issue_ocsp_options,
    sizeof(struct issue_ocsp),
    1,
    1,
    issue_ocsp_run,
};
