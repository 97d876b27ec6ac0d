/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clinic and a pharmacy at the portal, with a key of a terminal and one of somebody who works
 * there each: for jpki-clinic.
 */
#include "sandbox/setup_parts.h"

#include "base/file.h"

static const struct {
    const char *number, *name, *name_en;
    const char *called; /* of the files in providers/ */
} clinics[] = {
    {"1399999011", "見本内科クリニック（試験用）", "Sample Clinic (TEST)", "clinic"},
    {"1399999029", "例示調剤薬局（試験用）", "Sample Pharmacy (TEST)", "pharmacy"},
};

/* Where a start did not live to note that the clinic is there, the list of them is noted. */
static int have_clinic(const struct roster *roster, const char *conf, size_t i, struct err *err)
{
    const struct tool add = {.program = "jpki-portald",
                             .words = {"clinic", "add", "--config", conf, clinics[i].number,
                                       clinics[i].name, clinics[i].name_en},
                             .identity = IDENTITY_PORTAL};
    const struct tool list = {.program = "jpki-portald",
                              .words = {"clinic", "list", "--config", conf},
                              .identity = IDENTITY_PORTAL};
    CLEANUP(free_text) char *below = NULL;

    TRY(path_format(&below, err, "providers/%s.added", clinics[i].called));
    return setup_keep_or(roster, &add, &list, below, err);
}

/* A start that did not live to keep a key leaves it to nobody. */
static int have_key(const struct roster *roster, const char *conf, size_t i, const char *role,
                    const char *name, struct err *err)
{
    const struct tool key = {
        .program = "jpki-portald",
        .words = {"clinic", "key", "--config", conf, clinics[i].number, role, name},
        .identity = IDENTITY_PORTAL};
    CLEANUP(free_text) char *below = NULL;

    TRY(path_format(&below, err, "providers/%s-%s.key", clinics[i].called, role));
    return setup_keep(roster, &key, below, 0600, err);
}

int setup_clinics(const struct roster *roster, const char *conf, struct err *err)
{
    for (size_t i = 0; i < sizeof clinics / sizeof clinics[0]; i++) {
        TRY(have_clinic(roster, conf, i, err));
        TRY(have_key(roster, conf, i, "terminal", "受付端末（試験用）", err));
        TRY(have_key(roster, conf, i, "operator", "受付　例示（試験用）", err));
    }
    return 0;
}
