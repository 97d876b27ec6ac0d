/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/beside.h"

#include "base/file.h"
#include "base/log.h"
#include "portal/portal.h"
#include "programs/terminal.h"

#include <fcntl.h>

enum { PASSWORD_MAX = 255 };

static void observe_mail(const struct err *why)
{
    log_failure("mail.waits", why);
}

static void observe_sites(const struct err *failure)
{
    log_failure("sites.wait", failure);
}

static int read_password(const char *path, struct secret *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;

    if (fd < 0)
        return FAIL(err, ERR_INPUT, "%s: it cannot be read", path);
    TRY(secret_new(PASSWORD_MAX + 1, ret, err));
    TRY(err_prefix(err, descriptor_read(fd, ret, &len, err), "%s", path));
    if (len == 0 || len > PASSWORD_MAX)
        return FAIL(err, ERR_INPUT, "%s: 1 to %d characters", path, PASSWORD_MAX);
    secret_cut(ret, len + 1);
    ret->ptr[len] = '\0';
    return 0;
}

static int open_office(const struct portald_config *config, struct beside *beside, struct err *err)
{
    struct mail_server server = {.host = config->smtp_host,
                                 .port = (uint16_t)config->smtp_port,
                                 .user = config->smtp_user,
                                 .authorities = config->smtp_ca};

    if (config->smtp_password != NULL) {
        TRY(read_password(config->smtp_password, &beside->smtp_password, err));
        server.password = (const char *)beside->smtp_password.ptr;
    }
    beside->office = (struct mail_office){.db = portal_store_db(beside->portal->store),
                                          .clock = beside->portal->clock,
                                          .origin = config->origin,
                                          .server = server,
                                          .from = config->smtp_from};
    beside->mailer = (struct mail_worker){.office = &beside->office, .observe = observe_mail};
    return 0;
}

int beside_open(const struct portald_config *config, const struct portal *portal,
                struct network *network, struct beside *ret, struct err *err)
{
    ret->portal = portal;
    ret->network = network;
    ret->drafts = (struct drafts_keeper){.db = portal_store_db(portal->store),
                                         .clock = portal->clock};
    return open_office(config, ret, err);
}

void beside_done(struct beside *beside)
{
    secret_done(&beside->smtp_password);
}

int beside_start(struct beside *beside, struct err *err)
{
    TRY(checkpoint_start(beside->portal->desk.keeper, err));
    TRY(mail_worker_start(&beside->mailer, err));
    TRY(drafts_keeper_start(&beside->drafts, err));
    TRY(site_worker_start(&beside->teller, beside->portal, observe_sites, err));
    return network_start(beside->network, err);
}

void beside_stop(struct beside *beside)
{
    site_worker_stop(&beside->teller);
    network_stop(beside->network);
    mail_worker_stop(&beside->mailer);
    drafts_keeper_stop(&beside->drafts);
    audit_keeper_stop(beside->portal->desk.keeper);
}
