/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-platformd/tenants.h"

#include "base/daemon.h"
#include "programs/variant.h"

#include <unistd.h>

int tenants_open(const char *path, struct tenants *ret, struct err *err)
{
    const struct clock *clock;

    *ret = (struct tenants){.store = NULL};
    if (path == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(platformd_config_read(path, &ret->config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    ret->by = audit_by_uid(clock_now(clock), getuid(), NULL);
    return platform_store_open(ret->config.database, &ret->store, err);
}

void tenants_done(struct tenants *tenants)
{
    platform_store_close(tenants->store);
    platformd_config_done(&tenants->config);
}
