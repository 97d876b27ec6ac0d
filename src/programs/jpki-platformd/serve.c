/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "http/pages.h"
#include "platform/authentication/reference.h"
#include "platform/kyc/store.h"
#include "platform/latest/lookout.h"
#include "platform/report/stamp.h"
#include "platform/revocation/follower.h"
#include "platform/routes.h"
#include "platform/watch.h"
#include "platform/webhook/courier.h"
#include "programs/anchor_files.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/config.h"
#include "programs/jpki-platformd/powers.h"
#include "programs/variant.h"
#include "verify/crl_status.h"

#include <stdlib.h>

enum { SECONDS_PER_DAY = 86400 };

/* The certificate by which the authority knows this verifier. */
static int load_verifier(const char *path, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int rc;

    if (path == NULL)
        return 0;
    rc = file_read(path, (size_t)X509_CERT_MAX * 2, &file, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    return err_prefix(err, x509_cert_parse_file(buf_bytes(&file), ret, err), "%s", path);
}

static int load_lists(const struct platformd_config *config, struct platform *platform,
                      struct err *err)
{
    static const struct crl_limits limits = {CRL_FILES_DEFAULT, CRL_ENTRIES_DEFAULT};
    const struct anchors *const cas[] = {platform->sign_cas, platform->auth_cas};

    platform->policy = config->policy;
    for (size_t i = 0; config->policy == REVOCATION_CRL && i < 2; i++) {
        TRY(crl_lists_new(cas[i], &limits, &platform->lists[i], err));
        TRY(crl_lists_set_path(platform->lists[i], config->crls, err));
    }
    return 0;
}

static int load_console(const char *folder, struct http_pages **ret, struct err *err)
{
    if (folder == NULL)
        return 0;
    return err_prefix(err, http_pages_load(folder, ret, err), "console_dir");
}

/* All that a serving platform has from its configuration: one value, replaced as a whole. */
struct site {
    struct platform platform; /* first: what requests find */
    struct platformd_config config;
    struct kyc_methods methods; /* read once, by the first */
};

static int load(const struct platformd_config *config, struct platform *platform, struct err *err)
{
    TRY(anchor_files_load(config->sign_cas, &platform->sign_cas, err));
    TRY(anchor_files_load(config->auth_cas, &platform->auth_cas, err));
    TRY(load_lists(config, platform, err));
    TRY(load_verifier(config->verifier_certificate, &platform->ocsp.certificate, err));
    TRY(load_verifier(config->party_certificate, &platform->door.certificate, err));
    TRY(load_console(config->console_dir, &platform->console, err));
    if (config->reference_key != NULL)
        TRY(reference_load(config->reference_key, &platform->reference.key, err));
    if (config->timestamp_url != NULL)
        TRY(report_load_roots(config->timestamp_roots, &platform->report.timestamp_roots, err));
    platform->reference.tenants = config->reference_tenants;
    platform->door.socket = config->authority;
    platform->door.origin = config->authority_origin;
    platform->door.key = config->party_key;
    platform->webhooks = config->webhooks;
    platform->origin = config->origin;
    platform->signer = config->signer;
    platform->token_key = config->token_key;
    platform->agreement.name = config->agreement_key;
    platform->report.name = config->report_key;
    platform->report.timestamp_url = config->timestamp_url;
    platform->kyc.name = config->evidence_key;
    platform->ocsp.socket = config->ocsp;
    platform->ocsp.key = config->verifier_key;
    platform->warn_s = config->warn_days * SECONDS_PER_DAY;
    platform->operators.uids = config->operators.uids;
    platform->operators.count = config->operators.count;
    return 0;
}

static int read_site(const char *path, struct site *site, struct err *err)
{
    TRY(platformd_config_read(path, &site->config, err));
    return load(&site->config, &site->platform, err);
}

static void site_done(struct site *site)
{
    platform_done(&site->platform);
    platformd_config_done(&site->config);
}

static void site_freep(struct site **site)
{
    if (*site == NULL)
        return;
    site_done(*site);
    free(*site);
    *site = NULL;
}

static void report_feed(enum purpose purpose, const char *issuer, enum follower_event event,
                        const struct err *failure)
{
    static const char *const names[] = {[FOLLOWER_CURRENT] = "feed.current",
                                        [FOLLOWER_FAILED] = "feed.failure",
                                        [FOLLOWER_REFUSED] = "feed.refused"};

    log_event(event == FOLLOWER_CURRENT ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, names[event],
              (struct log_field[]){LOG_TEXT("kind", purpose == PURPOSE_LOGIN ? "auth" : "sign"),
                                   LOG_TEXT("issuer", issuer),
                                   LOG_TEXT("failure", failure == NULL ? "" : failure->text),
                                   LOG_END});
}

static void report_warning(enum warning warning, bool begins)
{
    log_event(begins ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
              begins ? "standing.warning" : "standing.mended",
              (struct log_field[]){LOG_TEXT("what", warning_words[warning]), LOG_END});
}

static void report_standing(const struct err *failure)
{
    log_failure("standing.unknown", failure);
}

static void report_lookout(const struct err *why)
{
    log_event(why == NULL ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
              why == NULL ? "lookout.current" : "lookout.failure",
              (struct log_field[]){LOG_TEXT("failure", why == NULL ? "" : why->text), LOG_END});
}

static void report_courier(const struct err *why)
{
    log_event(LOG_LEVEL_WARNING, "webhook.failure",
              (struct log_field[]){LOG_TEXT("failure", why->text), LOG_END});
}

/* What runs beside the server. */
struct beside {
    const char *path; /* of the configuration */
    struct site *first;
    struct turns *platforms;
    struct lookout *lookout;
    struct courier *courier;
};

static void stop(void *context)
{
    struct beside *beside = context;

    audit_keeper_stop(beside->first->platform.keeper);
    courier_stopp(&beside->courier);
    lookout_stopp(&beside->lookout);
    watch_stopp(&beside->first->platform.watch);
    follower_stopp(&beside->first->platform.follower);
}

/* What looks after consents and watched certificates, and what brings events to tenants. */
static int start_latest(struct beside *beside, struct err *err)
{
    const struct platformd_config *config = &beside->first->config;
    const struct lookout_options lookout = {.platforms = beside->platforms,
                                            .look_seconds = config->look_seconds,
                                            .notice_seconds = config->notice_seconds,
                                            .report = report_lookout};
    const struct courier_options courier = {beside->platforms, report_courier};

    TRY(lookout_start(&lookout, &beside->lookout, err));
    if (beside->first->platform.webhooks == WEBHOOKS_NONE)
        return 0;
    return courier_start(&courier, &beside->courier, err);
}

static int start_all(struct beside *beside, struct err *err)
{
    struct platform *platform = &beside->first->platform;
    const struct follower_options follower = {
        .platforms = beside->platforms, .clock = platform->clock, .report = report_feed};
    const struct watch_options watch = {.platforms = beside->platforms,
                                        .clock = platform->clock,
                                        .report = report_warning,
                                        .failed = report_standing};

    if (platform->policy == REVOCATION_FEED)
        TRY(follower_start(&follower, &platform->follower, err));
    TRY(watch_start(&watch, &platform->watch, err));
    TRY(checkpoint_start(platform->keeper, err));
    return start_latest(beside, err);
}

static int start(void *context, struct err *err)
{
    int rc = start_all(context, err);

    if (rc < 0)
        stop(context);
    return rc;
}

/* ---- while serving ---- */

static void release_site(void *value)
{
    struct site *site = value;

    site_freep(&site);
}

/* The same from files that may have changed, with what does not come from files. */
static int follow_site(const char *path, const struct site *first, struct site **ret,
                       struct err *err)
{
    CLEANUP(site_freep) struct site *site = calloc(1, sizeof *site);
    struct platform *platform;

    if (site == NULL)
        return FAIL_NOMEM(err);
    platform = &site->platform;
    TRY(platformd_config_read(path, &site->config, err));
    TRY(service_check_reload(platformd_keys, &first->config, &site->config, platformd_reloaded,
                             err));
    TRY(load(&site->config, platform, err));
    platform->store = first->platform.store;
    platform->kyc.store = first->platform.kyc.store;
    platform->kyc.methods = first->platform.kyc.methods;
    platform->clock = first->platform.clock;
    platform->follower = first->platform.follower;
    platform->watch = first->platform.watch;
    platform->keeper = first->platform.keeper;
    platformd_attach(platform);
    TRY(platform_load_keys(platform, err));
    TRY(platform_check_certificates(platform, err));
    *ret = site;
    site = NULL;
    return 0;
}

static int reload(void *context, struct err *err)
{
    const struct beside *beside = context;
    CLEANUP(site_freep) struct site *site = NULL;

    TRY(follow_site(beside->path, beside->first, &site, err));
    if (site->platform.follower != NULL)
        TRY(follower_add(site->platform.follower, &site->platform, err));
    TRY(turns_put(beside->platforms, site, release_site, err));
    site = NULL;
    return 0;
}

static void add_files(const struct beside *beside, struct service *service)
{
    const struct platformd_config *config = &beside->first->config;

    service_add_reloaded(service, beside->path);
    service_add_reloaded(service, config->sign_cas);
    service_add_reloaded(service, config->auth_cas);
    service_add_reloaded(service, config->verifier_certificate);
    service_add_reloaded(service, config->party_certificate);
    service_add_reloaded(service, config->reference_key);
    service_add_reloaded(service, config->timestamp_roots);
    service_add_reloaded(service, config->console_dir);
}

static int serve_with(const char *path, struct site *site, int signal_fd, struct err *err)
{
    static const struct step steps[] = {
        {HTTP_POST, "/v1/verifications", "F2", "③",
         "the platform opened the signature with the certificate's key"},
        {HTTP_POST, "/v1/verifications", "F2", "④",
         "the platform compared it with the document's digest"},
        {HTTP_POST, "/v1/logins", "F3", "①", "the platform made a challenge"},
        {HTTP_POST, "/v1/logins/:session/answer", "F3", "④",
         "the platform opened the signature with the certificate's key"},
        {HTTP_POST, "/v1/logins/:session/answer", "F3", "⑤",
         "the platform found the signature to be over its own message"},
        {HTTP_GET, NULL, NULL, NULL, NULL},
    };
    const struct platformd_config *config = &site->config;
    CLEANUP(turns_freep) struct turns *platforms = NULL;
    struct beside beside = {.path = path, .first = site};
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database, config->evidence},
        .steps = steps,
        .port = (uint16_t)config->port,
        .options = {.tables = platform_routes,
                    .about = &platform_about,
                    .context = site,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = platform_ready,
                    .warn = platform_warn},
        .more = {{config->crls, CONFINE_READ}},
        .has_network = config->webhooks != WEBHOOKS_NONE || config->timestamp_url != NULL,
        .start = start,
        .stop = stop,
        .reload = reload,
        .powers = variant_powers(),
        .clock = site->platform.clock,
        .context = &beside,
    };

    platformd_attach(&site->platform);
    TRY(platform_load_keys(&site->platform, err));
    TRY(turns_new(site, &platforms, err));
    beside.platforms = platforms;
    service.options.turns = platforms;
    add_files(&beside, &service);
    if (service.has_network)
        service_add_network_files(&service);
    return service_run(&service, signal_fd, err);
}

static int open_keeper(const struct site *site, struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {.db = platform_store_db(site->platform.store),
                                       .signer = site->config.signer,
                                       .clock = site->platform.clock};

    return checkpoint_open(&site->config.checkpoints, &at, ret, err);
}

/* Identifications are in a file of their own, with the table of the day they are made by. */
static int open_evidence(struct site *site, struct kyc_store **ret, struct err *err)
{
    if (site->config.evidence == NULL)
        return 0;
    TRY(kyc_methods_load(site->config.kyc_methods, &site->methods, err));
    site->platform.kyc.methods = &site->methods;
    TRY(kyc_store_open(site->config.evidence, ret, err));
    site->platform.kyc.store = *ret;
    return 0;
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(platform_store_closep) struct platform_store *store = NULL;
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(kyc_store_closep) struct kyc_store *evidence = NULL;
    CLEANUP(site_done) struct site site = {.platform = {.store = NULL}};
    CLEANUP(fd_done) int signal_fd = -1;

    TRY(read_site(call->config, &site, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-platformd", &signal_fd, err));
    TRY(variant_clock(&site.platform.clock, err));
    TRY(platform_store_open(site.config.database, &store, err));
    site.platform.store = store;
    TRY(open_keeper(&site, &keeper, err));
    site.platform.keeper = keeper;
    TRY(open_evidence(&site, &evidence, err));
    return serve_with(call->config, &site, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-platformd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
