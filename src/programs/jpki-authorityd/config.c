/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authorityd/config.h"

#include "authority/schedule.h"

enum { CHANGED_S_MAX = 86400 };

#define AT(member) offsetof(struct authorityd_config, member)
const struct conf_key authorityd_keys[] = {
    SERVICE_KEYS("authority", AT(service)),
    {"authority", "database", CONF_PATH, AT(database), NULL, 0, 0, "the database file"},
    {"authority", "signer", CONF_PATH, AT(signer), NULL, 0, 0, "socket of jpki-signerd"},
    {"authority", "ocspd_peers", CONF_TEXT, AT(ocspd_peers), "", 0, 0,
     "numeric user ids that may read revocations and verifiers, beside peers"},
    {"authority", "operator_peers", CONF_TEXT, AT(operator_peers), "", 0, 0,
     "numeric user ids that may register verifiers, beside peers"},
    {"authority", "ocsp_signer", CONF_PATH, AT(ocsp_signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd that has the responders' keys, if it is another"},
    {"authority", "ocsp_sign_key", CONF_TEXT, AT(ocsp_keys[CA_SIGN]), "ocsp-sign", 0, 0,
     "the key of the sign CA's OCSP responder there"},
    {"authority", "ocsp_auth_key", CONF_TEXT, AT(ocsp_keys[CA_AUTH]), "ocsp-auth", 0, 0,
     "the key of the auth CA's OCSP responder there"},
    {"authority", "sign_key", CONF_TEXT, AT(keys[CA_SIGN]), "sign-ca", 0, 0,
     "the sign CA's key at jpki-signerd"},
    {"authority", "auth_key", CONF_TEXT, AT(keys[CA_AUTH]), "auth-ca", 0, 0,
     "the auth CA's key at jpki-signerd"},
    {"authority", "publish_at", CONF_TEXT, AT(publish_at), "07:00", 0, 0,
     "when all lists of revocations are published, in Japan"},
    {"authority", "publish_changed_s", CONF_INT, AT(publish_changed_s), "0", 0, CHANGED_S_MAX,
     "how many seconds a list that changed waits; 0 is until publish_at"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

int authorityd_config_read(const char *path, struct authorityd_config *ret, struct err *err)
{
    *ret = (struct authorityd_config){.database = NULL};
    TRY(service_read(path, authorityd_keys, ret, err));
    TRY(err_prefix(err, sock_path_check(ret->signer, err), "%s", path));
    TRY(err_prefix(err, schedule_read(ret->publish_at, &ret->daily, err), "%s: publish_at", path));
    TRY(err_prefix(err, service_read_peers("ocspd_peers", ret->ocspd_peers, &ret->ocspd, err), "%s",
                   path));
    TRY(err_prefix(err,
                   service_read_peers("operator_peers", ret->operator_peers, &ret->operators, err),
                   "%s", path));
    if (ret->ocsp_signer != NULL)
        TRY(err_prefix(err, sock_path_check(ret->ocsp_signer, err), "%s", path));
    return err_prefix(err, service_check(&ret->service, &ret->rules, err), "%s", path);
}

void authorityd_config_done(struct authorityd_config *config)
{
    conf_done(authorityd_keys, config);
}
