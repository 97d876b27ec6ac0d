/* SPDX-License-Identifier: Apache-2.0 */
/* A machine in a shop that prints certificates: for jpki-kiosk. */
#include "sandbox/setup_parts.h"

int setup_kiosk(const struct roster *roster, const char *conf, struct err *err)
{
    const struct tool add = {
        .program = "jpki-portald",
        .words = {"kiosk", "add", "--config", conf, "SHOP-1", "見本商店の端末（試験用）"},
        .identity = IDENTITY_PORTAL};
    const struct tool renew = {.program = "jpki-portald",
                               .words = {"kiosk", "renew", "--config", conf, "SHOP-1"},
                               .identity = IDENTITY_PORTAL};

    return setup_keep_or(roster, &add, &renew, "providers/kiosk.key", err);
}
