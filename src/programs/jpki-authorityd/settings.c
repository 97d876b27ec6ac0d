/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authorityd/settings.h"

#include "base/file.h"
#include "base/share.h"

#include <stdlib.h>

int settings_own_fees(char **ret, struct err *err)
{
    return share_path("openjpki/fees.tsv", ret, err);
}

static int load_fees(const struct authorityd_config *config, struct fees *ret, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    const char *path = config->fees;
    int rc;

    if (path == NULL) {
        TRY(settings_own_fees(&own, err));
        path = own;
    }
    rc = fees_load(path, config->up_to, ret, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_INPUT, "there is no table of fees at %s", path) : rc;
}

/* What may be another after each reload. */
static void fill_authority(struct settings *settings)
{
    struct authority *authority = &settings->authority;
    const struct authorityd_config *config = &settings->config;

    authority->is_consent_from_receipt = config->is_consent_from_receipt;
    authority->fees = &settings->fees;
    authority->ocspd = (struct peer_list){config->ocspd.uids, config->ocspd.count};
    authority->proxies = (struct peer_list){config->proxy_peers.uids, config->proxy_peers.count};
    authority->operators = (struct peer_list){config->operators.uids, config->operators.count};
}

int settings_read(const char *path, struct settings *ret, struct err *err)
{
    struct authority *authority = &ret->authority;
    const struct authorityd_config *config = &ret->config;

    TRY(authorityd_config_read(path, &ret->config, err));
    TRY(load_fees(config, &ret->fees, err));
    authority->signer = config->signer;
    authority->holder_origin = config->holder.origin;
    authority->verifier_origin = config->verifier.origin;
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        authority->cas[kind].key = config->keys[kind];
    fill_authority(ret);
    return 0;
}

void settings_done(struct settings *settings)
{
    authorityd_config_done(&settings->config);
}

void settings_freep(struct settings **settings)
{
    if (*settings == NULL)
        return;
    settings_done(*settings);
    free(*settings);
    *settings = NULL;
}

int settings_follow(const char *path, const struct settings *first, struct settings **ret,
                    struct err *err)
{
    CLEANUP(settings_freep) struct settings *settings = calloc(1, sizeof *settings);

    if (settings == NULL)
        return FAIL_NOMEM(err);
    settings->authority = first->authority;
    TRY(authorityd_config_read(path, &settings->config, err));
    TRY(service_check_reload(authorityd_keys, &first->config, &settings->config,
                             authorityd_reloaded, err));
    TRY(load_fees(&settings->config, &settings->fees, err));
    fill_authority(settings);
    *ret = settings;
    settings = NULL;
    return 0;
}
