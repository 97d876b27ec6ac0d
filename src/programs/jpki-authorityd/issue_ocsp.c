/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/feed/feed.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-authorityd/commands.h"
#include "programs/jpki-authorityd/config.h"
#include "programs/variant.h"

#include <unistd.h>

struct issue {
    const char *config;
    const char *generation;
};

/* For whom: a generation of a CA. */
struct issuer {
    enum ca_kind kind;
    unsigned generation;
};

static const struct cli_option issue_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct issue, config), "FILE", N_("the configuration file")},
    {'g', "generation", CLI_TEXT, offsetof(struct issue, generation), "N",
     N_("of the CA; without it the first")},
    CLI_OPTIONS_END,
};

/* What a key is appointed to. */
struct office {
    /* The key's public half, from the signerd that has the private one. */
    int (*find)(const struct authorityd_config *config, const struct issuer *issuer,
                struct buf *ret, struct err *err);
    int (*appoint)(const struct authority *authority, struct signer *signer,
                   const struct responder_request *request, struct record *ret, struct err *err);
};

static int public_of(const char *socket, const char *first, unsigned generation, struct buf *ret,
                     struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    char key[RPC_NAME_MAX + 1];

    TRY(generation_name(first, generation, key, sizeof key, err));
    TRY(signer_open(socket, &signer, err));
    return signer_public(signer, key, ret, err);
}

static int feed_key(const struct authorityd_config *config, const struct issuer *issuer,
                    struct buf *ret, struct err *err)
{
    if (config->feed_keys[issuer->kind] == NULL)
        return FAIL(err, ERR_INPUT, "the configuration names no keys for feeds");
    return public_of(config->signer, config->feed_keys[issuer->kind], issuer->generation, ret, err);
}

static int responder_key(const struct authorityd_config *config, const struct issuer *issuer,
                         struct buf *ret, struct err *err)
{
    return public_of(config->ocsp_signer == NULL ? config->signer : config->ocsp_signer,
                     config->ocsp_keys[issuer->kind], issuer->generation, ret, err);
}

static int issue_with(const struct office *office, const struct authorityd_config *config,
                      struct authority *authority, const struct issuer *issuer, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    const struct audit_origin by = audit_by_uid(clock_now(authority->clock), getuid(), NULL);
    struct responder_request request = {
        .kind = issuer->kind, .generation = issuer->generation, .by = &by};
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    for (unsigned i = 0; i < CA_KINDS_; i++)
        authority->cas[i].key = config->keys[i];
    TRY(authority_load_cas(authority, err));
    TRY(office->find(config, issuer, &spki, err));
    TRY(signer_open(config->signer, &signer, err));
    request.spki = buf_bytes(&spki);
    TRY(office->appoint(authority, signer, &request, &record, err));
    TRY(x509_cert_parse(buf_bytes(&record.certificate), &cert, err));
    TRY(x509_cert_append_pem(&pem, cert, err));
    return file_write_all(STDOUT_FILENO, buf_bytes(&pem), err);
}

static int issue(const struct office *office, const struct issue *options, const char *name,
                 struct err *err)
{
    CLEANUP(authorityd_config_done) struct authorityd_config config = {.database = NULL};
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;
    CLEANUP(authority_unload_cas) struct authority authority = {.store = NULL};
    struct issuer issuer;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(ca_kind_from_name(name, &issuer.kind, err));
    TRY(generation_option(options->generation, &issuer.generation, err));
    TRY(authorityd_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&authority.clock, err));
    TRY(authority_store_open(config.database, &store, err));
    authority.store = store;
    return issue_with(office, &config, &authority, &issuer, err);
}

static int issue_run(const struct office *office, const void *options, const char *name)
{
    struct err err = {0};

    return issue(office, options, name, &err) < 0 ? exit_report("jpki-authorityd", &err)
                                                  : EXIT_CODE_DONE;
}

static int issue_ocsp_run(const void *options, int argc, char *const argv[])
{
    static const struct office responder = {responder_key, authority_issue_responder};

    (void)argc;
    return issue_run(&responder, options, argv[0]);
}

static int issue_feed_run(const void *options, int argc, char *const argv[])
{
    static const struct office feed = {feed_key, authority_issue_feed_signer};

    (void)argc;
    return issue_run(&feed, options, argv[0]);
}

const struct cli_command issue_ocsp_command = {
    "issue-ocsp",
    "sign|auth",
    N_("make the certificate of a CA's OCSP responder and print it"),
    issue_options,
    sizeof(struct issue),
    1,
    1,
    issue_ocsp_run,
};

const struct cli_command issue_feed_command = {
    "issue-feed",
    "sign|auth",
    N_("make the certificate of the key that signs a CA's feed and print it"),
    issue_options,
    sizeof(struct issue),
    1,
    1,
    issue_feed_run,
};
