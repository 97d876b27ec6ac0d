/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"
#include "base/i18n.h"
#include "platform/latest/store.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/config.h"
#include "programs/variant.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS_MAX = 31536000 };

struct tenant_notice {
    const char *config, *every;
};

static const struct cli_option tenant_notice_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_notice, config), "FILE",
     N_("the configuration file")},
    {0, "every", CLI_TEXT, offsetof(struct tenant_notice, every), "SECONDS",
     N_("the interval, 1 to 31536000; days begin at midnight in Japan")},
    CLI_OPTIONS_END,
};

static int read_seconds(const char *text, int64_t *ret, struct err *err)
{
    size_t len = text == NULL ? 0 : strlen(text);

    if (len == 0 || len > 8 || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_USAGE, "--every SECONDS is needed: 1 to %d", SECONDS_MAX);
    *ret = strtoll(text, NULL, 10);
    if (*ret < 1 || *ret > SECONDS_MAX)
        return FAIL(err, ERR_USAGE, "--every SECONDS is needed: 1 to %d", SECONDS_MAX);
    return 0;
}

static int agree(const struct tenant_notice *options, const char *client_id, struct err *err)
{
    CLEANUP(platformd_config_done) struct platformd_config config = {.database = NULL};
    CLEANUP(platform_store_closep) struct platform_store *store = NULL;
    const struct clock *clock;
    struct audit_origin by;
    int64_t seconds;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(read_seconds(options->every, &seconds, err));
    TRY(platformd_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    TRY(platform_store_open(config.database, &store, err));
    return platform_set_notice(store, client_id, seconds, &by, err);
}

static int tenant_notice_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return agree(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_notice_command = {
    "tenant notice",
    "CLIENT_ID",
    N_("agree with a provider at which intervals it hears of newer data"),
    tenant_notice_options,
    sizeof(struct tenant_notice),
    1,
    1,
    tenant_notice_run,
};
