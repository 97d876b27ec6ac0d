/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authorityd/config.h"

#include "authority/schedule.h"
#include "holder/origin.h"

#include <string.h>

enum { CHANGED_S_MAX = 86400, CACHE_MB_MAX = 65536 };

#define AT(member) offsetof(struct authorityd_config, member)
const struct conf_key authorityd_keys[] = {
    SERVICE_KEYS("authority", AT(service)),
    SERVICE_DATABASE_KEY("authority", AT(database)),
    {"authority", "database_cache_mb", CONF_INT, AT(cache_mb), "256", 1, CACHE_MB_MAX,
     "megabytes of the database in memory at most for acts that write, and as many for questions"},
    SERVICE_SIGNER_KEY("authority", AT(signer)),
    {"authority", "ocspd_peers", CONF_TEXT, AT(ocspd_peers), "", 0, 0,
     "numeric user ids that may read revocations and verifiers, beside peers"},
    {"authority", "operator_peers", CONF_TEXT, AT(operator_peers), "", 0, 0,
     "numeric user ids that may register verifiers, beside peers"},
    CHECKPOINT_KEYS("authority", AT(checkpoints)),
    {"authority", "holder_socket", CONF_PATH, AT(holder.socket), CONF_UNSET, 0, 0,
     "Unix socket on which anyone is answered who has the key of a certificate"},
    {"authority", "holder_listen", CONF_TEXT, AT(holder.listen), CONF_UNSET, 0, 0,
     "the same on a port: 127.0.0.1:PORT"},
    {"authority", "holder_origin", CONF_TEXT, AT(holder.origin), CONF_UNSET, 0, 0,
     "how holders reach it: https://HOST[:PORT]; what they sign depends on it"},
    {"authority", "verifier_socket", CONF_PATH, AT(verifier.socket), CONF_UNSET, 0, 0,
     "Unix socket on which signed requests of verifiers are answered"},
    {"authority", "verifier_listen", CONF_TEXT, AT(verifier.listen), CONF_UNSET, 0, 0,
     "the same on a port: 127.0.0.1:PORT"},
    {"authority", "verifier_origin", CONF_TEXT, AT(verifier.origin), CONF_UNSET, 0, 0,
     "how verifiers reach it: https://HOST[:PORT]; what they sign depends on it"},
    {"authority", "proxy_socket", CONF_PATH, AT(proxy_socket), CONF_UNSET, 0, 0,
     "Unix socket for a proxy that ends TLS and says which certificate a verifier has shown"},
    {"authority", "proxies", CONF_TEXT, AT(proxies), "", 0, 0,
     "numeric user ids of that proxy, with blanks between"},
    {"authority", "consents_begin", CONF_TEXT, AT(consents_begin), "here", 0, 0,
     "the day after which a consent counts: here, when it came here, or receipt, as said"},
    {"authority", "fees", CONF_PATH, AT(fees), CONF_UNSET, 0, 0,
     "table of fees, instead of the one that comes with the program"},
    {"authority", "fees_waived", CONF_TEXT, AT(fees_waived), "observed", 0, 0,
     "which waivers count: law for none, announced, or those without an end as well: observed"},
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

const char *const authorityd_reloaded[] = {
    "proxies",     "ocspd_peers", "operator_peers", "consents_begin",    "fees",
    "fees_waived", "publish_at",  "feed_every_s",   "publish_changed_s", NULL};

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

static int check_begin(struct authorityd_config *config, struct err *err)
{
    config->is_consent_from_receipt = strcmp(config->consents_begin, "receipt") == 0;
    if (!config->is_consent_from_receipt && strcmp(config->consents_begin, "here") != 0)
        return FAIL(err, ERR_INPUT, "not here or receipt");
    return 0;
}

/* name is "holder" or "verifier". */
static int check_door(const char *name, struct authorityd_door *door, struct err *err)
{
    bool has_place;

    TRY(err_prefix(err, read_port(door->listen, &door->port, err), "%s_listen", name));
    if (door->socket != NULL)
        TRY(sock_path_check(door->socket, err));
    has_place = door->socket != NULL || door->port != 0;
    if (has_place != (door->origin != NULL))
        return FAIL(err, ERR_INPUT,
                    "%s_origin goes with %s_socket or %s_listen, and neither without the other",
                    name, name, name);
    return has_place ? err_prefix(err, check_origin(door->origin, err), "%s_origin", name) : 0;
}

int generation_option(const char *text, unsigned *ret, struct err *err)
{
    _Static_assert(GENERATIONS_MAX == 9, "a generation has one digit");
    if (text != NULL && (strlen(text) != 1 || text[0] < '1' || text[0] > '9'))
        return FAIL(err, ERR_USAGE, "--generation is a number from 1 to %d", GENERATIONS_MAX);
    *ret = text == NULL ? 1 : (unsigned)(text[0] - '0');
    return 0;
}

static int check_proxy(struct authorityd_config *config, struct err *err)
{
    TRY(service_read_peers("proxies", config->proxies, &config->proxy_peers, err));
    if ((config->proxy_socket == NULL) != (config->proxy_peers.count == 0))
        return FAIL(err, ERR_INPUT, "proxy_socket and proxies go together");
    return config->proxy_socket == NULL ? 0 : sock_path_check(config->proxy_socket, err);
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
    TRY(err_prefix(err, check_proxy(ret, err), "%s", path));
    TRY(err_prefix(err, checkpoint_check(&ret->checkpoints, ret->signer, err), "%s", path));
    TRY(err_prefix(err, check_begin(ret, err), "%s: consents_begin", path));
    TRY(err_prefix(err, fee_basis_read(ret->fees_waived, &ret->up_to, err), "%s: fees_waived",
                   path));
    TRY(err_prefix(err, check_door("holder", &ret->holder, err), "%s", path));
    TRY(err_prefix(err, check_door("verifier", &ret->verifier, err), "%s", path));
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
