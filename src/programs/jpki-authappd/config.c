/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authappd/config.h"

#include "base/sock.h"
#include "fetch/uri.h"

#define AT(member) offsetof(struct authappd_config, member)
const struct conf_key authappd_keys[] = {
    SERVICE_LISTEN_KEYS("authapp", AT(service)),
    SERVICE_PORT_KEY("authapp", AT(port)),
    {"authapp", "origin", CONF_TEXT, AT(origin), NULL, 0, 0,
     "how browsers and cards reach it: https://HOST[:PORT]; the issuer begins with it"},
    SERVICE_DATABASE_KEY("authapp", AT(database)),
    SERVICE_SIGNER_KEY("authapp", AT(signer)),
    {"authapp", "seal_key", CONF_TEXT, AT(seal_key), "seal", 0, 0,
     "the key at jpki-signerd that unwraps the secret of the pseudonyms, of role token"},
    {"authapp", "token_keys", CONF_TEXT, AT(token_keys), NULL, 0, 0,
     "keys at jpki-signerd of role jws, with blanks between: of each algorithm the first signs"},
    {"authapp", "auth_cas", CONF_PATHS, AT(auth_cas), NULL, 0, 0,
     "CA certificates whose cards can log in: a file or a directory"},
    {"authapp", "platform", CONF_TEXT, AT(platform), NULL, 0, 0,
     "the platform: path of its socket, or its origin"},
    {"authapp", "platform_key", CONF_PATH, AT(platform_key), NULL, 0, 0,
     "file with the key by which the platform knows this tenant"},
    SERVICE_OPERATORS_KEY("authapp", AT(operator_peers)),
    CHECKPOINT_KEYS("authapp", AT(checkpoints)),
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const char *const authappd_reloaded[] = {"token_keys", "auth_cas", "platform_key", "operator_peers",
                                         NULL};

static int check(struct authappd_config *config, struct err *err)
{
    TRY(sock_path_check(config->signer, err));
    TRY(checkpoint_check(&config->checkpoints, config->signer, err));
    TRY(uri_check_origin("origin", config->origin, err));
    TRY(config->platform[0] == '/' ? sock_path_check(config->platform, err)
                                   : uri_check_origin("platform", config->platform, err));
    TRY(service_read_peers("operator_peers", config->operator_peers, &config->operators, err));
    return service_check(&config->service, &config->rules, err);
}

int authappd_config_read(const char *path, struct authappd_config *ret, struct err *err)
{
    static char nobody[] = "";

    *ret = (struct authappd_config){.database = NULL};
    TRY(service_read(path, authappd_keys, ret, err));
    ret->service.peers = nobody;
    return err_prefix(err, check(ret, err), "%s", path);
}

void authappd_config_done(struct authappd_config *config)
{
    conf_done(authappd_keys, config);
}
