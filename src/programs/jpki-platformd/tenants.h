/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands for tenants have in common: the database of a daemon that does not run. */
#pragma once

#include "platform/tenant/tenant.h"
#include "programs/jpki-platformd/config.h"

struct tenants {
    struct platformd_config config;
    struct platform_store *store;
    struct audit_origin by; /* the user who runs the command, now */
};

/* path NULL: ERR_USAGE. Release with tenants_done, also after a failure. */
MUST_CHECK int tenants_open(const char *path, struct tenants *ret, struct err *err);
void tenants_done(struct tenants *tenants);
