/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/checkpoints.h"

#include "base/log.h"
#include "base/sock.h"
#include "note/key.h"

enum { MS_PER_SECOND = 1000 };

int checkpoint_check(struct checkpoint_config *config, const char *own_signer, struct err *err)
{
    TRY(service_read_peers("witness_peers", config->witnesses, &config->witness_peers, err));
    if ((config->key == NULL) != (config->origin == NULL))
        return FAIL(err, ERR_INPUT, "audit_key and audit_origin go together");
    if (config->key == NULL) {
        if (config->signer != NULL || config->witness_peers.count > 0)
            return FAIL(err, ERR_INPUT, "audit_signer and witness_peers are for audit_key");
        return 0;
    }
    if (config->signer == NULL && own_signer == NULL)
        return FAIL(err, ERR_INPUT, "audit_key needs audit_signer");
    if (config->signer != NULL)
        TRY(sock_path_check(config->signer, err));
    return err_prefix(err, note_name_check(bytes_text(config->origin), err), "audit_origin");
}

static void report(int64_t size, const struct err *failure)
{
    if (failure != NULL)
        log_failure("checkpoint.failure", failure);
    else
        log_event(LOG_LEVEL_NOTICE, "checkpoint.made",
                  (struct log_field[]){LOG_INT("records", size), LOG_END});
}

int checkpoint_open(const struct checkpoint_config *config, const struct checkpoint_site *site,
                    struct audit_keeper **ret, struct err *err)
{
    const struct audit_keeper_options options = {
        .db = site->db,
        .signer = config->signer != NULL ? config->signer : site->signer,
        .key = config->key,
        .origin = config->origin,
        .interval_ms = config->every_s * MS_PER_SECOND,
        .clock = site->clock,
        .witnesses = config->witness_peers.uids,
        .witness_count = config->witness_peers.count,
        .report = report,
    };

    return config->key == NULL ? 0 : audit_keeper_new(&options, ret, err);
}

int checkpoint_start(struct audit_keeper *keeper, struct err *err)
{
    return keeper == NULL ? 0 : audit_keeper_start(keeper, err);
}
