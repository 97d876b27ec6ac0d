/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal for citizens, and what there is to apply for in it. That it is a relying party of the
 * OpenID provider is setup_authapp.c's.
 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/setup_parts.h"

#define PLATFORM_KEY "conf/portal-platform.key"

/*
 * The zone of its own key is full, so that of its log, and of the key that signers of applications
 * encrypt to, is where the register's is. The start page
 * fills the registers of bodies when it has issued a card.
 */
static int write_conf(const struct roster *roster, char **ret, struct err *err)
{
    unsigned port = roster->ports->portal;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(
        &text, err,
        "[portal]\n"
        "socket = @/portal/portal.sock\n"
        "socket_mode = 0660\n"
        "operator_peers = %u %u\n"
        "port = %u\n"
        "origin = http://127.0.0.1:%u\n"
        "database = @/portal/portal.db\n"
        "provider_database = @/portal/provider.db\n"
        "signer = @/signer-token/signer.sock\n"
        "client_id = " SETUP_PORTAL_CLIENT "\n"
        "issuer = http://127.0.0.1:%u/api/realms/main\n"
        "authapp = @/authapp/authapp.sock\n"
        "register = @/register/counter.sock\n"
        "platform = @/platform/platform.sock\n"
        "platform_key = @/" PLATFORM_KEY "\n"
        "seal_signer = @/signer-card/signer.sock\n"
        "seal_key = portal-seal\n"
        "audit_signer = @/signer-card/signer.sock\n"
        "operators_socket = @/portal/operators.sock\n"
        "operators_origin = http://127.0.0.1:%u\n"
        "operators_proxies = %u %u\n",
        (unsigned)identity_uid(IDENTITY_OWNER), (unsigned)identity_uid(IDENTITY_PAGE), port, port,
        port, (unsigned)roster->ports->authapp, port, (unsigned)identity_uid(IDENTITY_OWNER),
        (unsigned)identity_uid(IDENTITY_PAGE)));
    TRY(setup_append_sites(roster, &text, err));
    TRY(setup_append_checkpoints("portal", &text, err));
    TRY(setup_append_anchors(roster, false, &text, err));
    TRY(setup_append_pages(roster, "portal", "pages_dir", &text, err));
    TRY(setup_append_pages(roster, "office", "office_dir", &text, err));
    return setup_write_conf(roster, "portald.conf", &text, ret, err);
}

/*
 * The municipalities that the exchange connects, where the personas live, offer all procedures.
 * What is kept says that it was done: a start that did not live so long has it done again.
 */
static int have_procedures(const struct roster *roster, const char *conf, struct err *err)
{
    static const char kept[] = "providers/municipalities";
    const struct tool load = {
        .program = "jpki-portald",
        .words = {"procedures", "load", "--config", conf},
        .identity = IDENTITY_PORTAL,
    };
    const struct tool add = {
        .program = "jpki-portald",
        .words = {"municipality", "add-connected", "--offer-all", "--config", conf},
        .identity = IDENTITY_PORTAL,
    };
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(roster->layout, kept, &path, err));
    if (setup_exists(path))
        return 0;
    TRY(setup_run(roster, &load, err));
    return setup_keep(roster, &add, kept, 0644, err);
}

/* What makes whoever logs in with a card the municipality's clerk or editor, at the portal's desk.
 */
static int have_invitation(const struct roster *roster, const char *conf, const char *role,
                           const char *name, const char *kept, struct err *err)
{
    const struct tool invite = {
        .program = "jpki-portald",
        .words = {"municipality", "invite", "--config", conf, "--days", "3650", "13101", role,
                  name},
        .identity = IDENTITY_PORTAL,
    };

    return setup_keep(roster, &invite, kept, 0600, err);
}

/*
 * Who works for the municipality of the first persona, and a service that searches. A start that
 * did not live to keep a municipality's key or invitation leaves that to nobody.
 */
static int have_partners(const struct roster *roster, const char *conf, struct err *err)
{
    static const char finder[] = "providers/finder.password";
    const struct tool clerk = {
        .program = "jpki-portald",
        .words = {"municipality", "key", "--config", conf, "13101", "clerk", "窓口（試験用）"},
        .identity = IDENTITY_PORTAL,
    };
    const struct tool editor = {
        .program = "jpki-portald",
        .words = {"municipality", "key", "--config", conf, "13101", "editor", "広報（試験用）"},
        .identity = IDENTITY_PORTAL,
    };
    const struct tool add = {
        .program = "jpki-portald",
        .words = {"client", "add", "--config", conf, "finder", "手続検索（試験用）"},
        .identity = IDENTITY_PORTAL,
    };
    const struct tool renew = {
        .program = "jpki-portald",
        .words = {"client", "renew", "--config", conf, "finder"},
        .identity = IDENTITY_PORTAL,
    };

    TRY(setup_keep(roster, &clerk, "providers/13101-clerk.key", 0600, err));
    TRY(setup_keep(roster, &editor, "providers/13101-editor.key", 0600, err));
    TRY(have_invitation(roster, conf, "clerk", "窓口　一葉", "providers/13101-clerk.invitation",
                        err));
    TRY(have_invitation(roster, conf, "editor", "広報　三葉", "providers/13101-editor.invitation",
                        err));
    return setup_keep_or(roster, &add, &renew, finder, err);
}

int setup_portal(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;
    CLEANUP(free_text) char *key = NULL;

    TRY(path_format(&key, err, "providers/portal-%u.key", (unsigned)roster->ports->portal));
    TRY(setup_copy_key(roster, key, PLATFORM_KEY, IDENTITY_PORTAL, err));
    TRY(write_conf(roster, &conf, err));
    TRY(have_procedures(roster, conf, err));
    TRY(have_partners(roster, conf, err));
    TRY(setup_clinics(roster, conf, err));
    return setup_kiosk(roster, conf, err);
}
