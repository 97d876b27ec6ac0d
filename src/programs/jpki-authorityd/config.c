/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authorityd/config.h"

#include "authority/schedule.h"
#include "holder/origin.h"

#include <string.h>

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
    {"authority", "holder_socket", CONF_PATH, AT(holder_socket), CONF_UNSET, 0, 0,
     "Unix socket on which anyone is answered who has the key of a certificate"},
    {"authority", "holder_listen", CONF_TEXT, AT(holder_listen), CONF_UNSET, 0, 0,
     "the same on a port: 127.0.0.1:PORT"},
    {"authority", "holder_origin", CONF_TEXT, AT(holder_origin), CONF_UNSET, 0, 0,
     "how holders reach it: https://HOST[:PORT]; what they sign depends on it"},
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
    {"authority", "feed_sign_key", CONF_TEXT, AT(feed_keys[CA_SIGN]), CONF_UNSET, 0, 0,
     "the key at jpki-signerd that signs the sign CA's revocation feed; none, no feed"},
    {"authority", "feed_auth_key", CONF_TEXT, AT(feed_keys[CA_AUTH]), CONF_UNSET, 0, 0,
     "the same for the auth CA's; both or neither"},
    {"authority", "feed_every_s", CONF_INT, AT(feed_every_s), "900", 1, CHANGED_S_MAX,
     "how many seconds lie between deltas of the feeds; 1 is at once"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

/* Of this computer alone: whoever is reached from elsewhere has a web server in front. */
static int read_port(const char *text, uint16_t *ret, struct err *err)
{
    static const char host[] = "127.0.0.1:";
    const char *digits;
    uint32_t port = 0;

    if (text == NULL)
        return 0;
    if (strncmp(text, host, sizeof host - 1) != 0)
        return FAIL(err, ERR_INPUT, "not 127.0.0.1:PORT");
    digits = text + sizeof host - 1;
    if (digits[0] == '0' || strlen(digits) > 5 || strspn(digits, "0123456789") != strlen(digits))
        return FAIL(err, ERR_INPUT, "not 127.0.0.1:PORT");
    for (; *digits != '\0'; digits++)
        port = port * 10 + (uint32_t)(*digits - '0');
    if (port == 0 || port > UINT16_MAX)
        return FAIL(err, ERR_INPUT, "not 127.0.0.1:PORT");
    *ret = (uint16_t)port;
    return 0;
}

/* Spelled as clients spell it, or no signature would ever be one over it. */
static int check_origin(const char *text, struct err *err)
{
    struct origin origin;
    const char *path;
    struct err why = {0};

    if (origin_parse(text, &origin, &path, &why) < 0)
        return FAIL(err, ERR_INPUT, "%s", why.text); /* a fault of the file, whatever it is */
    if (strcmp(origin.text, text) != 0)
        return FAIL(err, ERR_INPUT, "clients call this %s", origin.text);
    return 0;
}

/* The interface for holders: whole, or none. */
static int check_holder(struct authorityd_config *config, struct err *err)
{
    bool has_place;

    TRY(err_prefix(err, read_port(config->holder_listen, &config->holder_port, err),
                   "holder_listen"));
    if (config->holder_socket != NULL)
        TRY(sock_path_check(config->holder_socket, err));
    has_place = config->holder_socket != NULL || config->holder_port != 0;
    if (has_place != (config->holder_origin != NULL))
        return FAIL(err, ERR_INPUT,
                    "holder_origin goes with holder_socket or holder_listen, and neither without "
                    "the other");
    return has_place ? err_prefix(err, check_origin(config->holder_origin, err), "holder_origin")
                     : 0;
}

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
    TRY(err_prefix(err, check_holder(ret, err), "%s", path));
    if ((ret->feed_keys[CA_SIGN] == NULL) != (ret->feed_keys[CA_AUTH] == NULL))
        return FAIL(err, ERR_INPUT, "%s: feed_sign_key and feed_auth_key go together", path);
    if (ret->ocsp_signer != NULL)
        TRY(err_prefix(err, sock_path_check(ret->ocsp_signer, err), "%s", path));
    return err_prefix(err, service_check(&ret->service, &ret->rules, err), "%s", path);
}

void authorityd_config_done(struct authorityd_config *config)
{
    conf_done(authorityd_keys, config);
}
