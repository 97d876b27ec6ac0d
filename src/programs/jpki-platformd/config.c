/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-platformd/config.h"

#include "base/sock.h"
#include "platform/tenant/tenant.h"
#include "programs/variant.h"

#include <string.h>

enum { WARN_DAYS_MAX = 365 };

#define AT(member) offsetof(struct platformd_config, member)
const struct conf_key platformd_keys[] = {
    SERVICE_LISTEN_KEYS("platform", AT(service)),
    SERVICE_PORT_KEY("platform", AT(port)),
    {"platform", "origin", CONF_TEXT, AT(origin), NULL, 0, 0,
     "how clients reach it: https://HOST[:PORT]; what they sign depends on it"},
    SERVICE_DATABASE_KEY("platform", AT(database)),
    SERVICE_SIGNER_KEY("platform", AT(signer)),
    {"platform", "token_key", CONF_TEXT, AT(token_key), "token", 0, 0,
     "the key at jpki-signerd that clients encrypt to"},
    {"platform", "agreement_key", CONF_TEXT, AT(agreement_key), CONF_UNSET, 0, 0,
     "another one there, of role token and on P-256, that they may choose: it takes less time"},
    {"platform", "evidence", CONF_PATH, AT(evidence), CONF_UNSET, 0, 0,
     "the database file of identifications and their evidence; without it there are none"},
    {"platform", "evidence_key", CONF_TEXT, AT(evidence_key), CONF_UNSET, 0, 0,
     "the key at jpki-signerd, of role token, that evidence is encrypted to"},
    {"platform", "kyc_methods", CONF_PATH, AT(kyc_methods), CONF_UNSET, 0, 0,
     "table of methods of identification, instead of the one that comes with the program"},
    {"platform", "report_key", CONF_TEXT, AT(report_key), CONF_UNSET, 0, 0,
     "the key at jpki-signerd that signs reports, of role jws; without it there are none"},
    {"platform", "timestamp_url", CONF_TEXT, AT(timestamp_url), CONF_UNSET, 0, 0,
     "a timestamp authority (RFC 3161) that says when each report was there; without it only the "
     "platform does"},
    {"platform", "timestamp_roots", CONF_PATH, AT(timestamp_roots), CONF_UNSET, 0, 0,
     "certificates, in PEM, that its timestamps are believed by"},
    {"platform", "sign_cas", CONF_PATHS, AT(sign_cas), NULL, 0, 0,
     "CA certificates for signatures: a file or a directory"},
    {"platform", "auth_cas", CONF_PATHS, AT(auth_cas), NULL, 0, 0,
     "CA certificates for logins: a file or a directory"},
    {"platform", "ocsp", CONF_PATH, AT(ocsp), CONF_UNSET, 0, 0,
     "socket of jpki-ocspd; without it no verdict is valid and nobody can log in"},
    {"platform", "revocation", CONF_TEXT, AT(revocation), "ocsp", 0, 0,
     "where revocation is looked up: ocsp, feed (then ocsp for what that does not cover) or crl"},
    {"platform", "crls", CONF_PATH, AT(crls), CONF_UNSET, 0, 0,
     "with crl: the directory of the lists, each *.crl"},
    {"platform", "verifier_key", CONF_TEXT, AT(verifier_key), "verifier", 0, 0,
     "the key at jpki-signerd that signs questions to jpki-ocspd"},
    {"platform", "verifier_certificate", CONF_PATH, AT(verifier_certificate), CONF_UNSET, 0, 0,
     "the certificate registered for that key; without it questions are not signed"},
    {"platform", "authority", CONF_PATH, AT(authority), CONF_UNSET, 0, 0,
     "socket of jpki-authorityd for verifiers; without it nobody with a new certificate is known"},
    {"platform", "authority_origin", CONF_TEXT, AT(authority_origin), CONF_UNSET, 0, 0,
     "how that is called there: its verifier_origin"},
    {"platform", "party_key", CONF_TEXT, AT(party_key), "party", 0, 0,
     "the key at jpki-signerd that signs requests to the authority, of role party"},
    {"platform", "party_certificate", CONF_PATH, AT(party_certificate), CONF_UNSET, 0, 0,
     "the certificate registered for that key"},
    {"platform", "reference_key", CONF_PATH, AT(reference_key), CONF_UNSET, 0, 0,
     "the register's public key, in PEM, that person references are encrypted to"},
    {"platform", "reference_tenants", CONF_TEXT, AT(reference_tenants), "", 0, 0,
     "client ids of tenants that may ask for them, with blanks between"},
    {"platform", "warn_days", CONF_INT, AT(warn_days), "30", 0, WARN_DAYS_MAX,
     "how many days before one of its own certificates ends it warns; 0 is never"},
    {"platform", "webhooks", CONF_TEXT, AT(webhooks_to), "none", 0, 0,
     "whom tenants may have called: none, public or, in a sandbox, any"},
    {"platform", "look_seconds", CONF_INT, AT(look_seconds), "900", 1, 86400,
     "from one look at consents and watched certificates to the next"},
    {"platform", "notice_seconds", CONF_INT, AT(notice_seconds), "86400", 1, 31536000,
     "interval at whose end tenants hear of newer data, where no other was agreed"},
    SERVICE_OPERATORS_KEY("platform", AT(operator_peers)),
    CHECKPOINT_KEYS("platform", AT(checkpoints)),
    {"platform", "console_dir", CONF_PATH, AT(console_dir), CONF_UNSET, 0, 0,
     "the folder of the console's files; without it there is none"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const char *const platformd_reloaded[] = {
    "sign_cas",  "auth_cas",          "ocsp",          "verifier_key",      "verifier_certificate",
    "party_key", "party_certificate", "reference_key", "reference_tenants", "operator_peers",
    "warn_days", "console_dir",       "report_key",    "agreement_key",     "timestamp_roots",
    NULL};

/* All of it or nothing. */
static int check_authority(const struct platformd_config *config, struct err *err)
{
    bool is_asked = config->authority != NULL;

    if ((config->authority_origin != NULL) != is_asked ||
        (config->party_certificate != NULL) != is_asked)
        return FAIL(err, ERR_INPUT,
                    "authority, authority_origin and party_certificate belong together");
    return is_asked ? sock_path_check(config->authority, err) : 0;
}

static int check_evidence(const struct platformd_config *config, struct err *err)
{
    if ((config->evidence != NULL) != (config->evidence_key != NULL))
        return FAIL(err, ERR_INPUT, "evidence and evidence_key belong together");
    return 0;
}

static int check_timestamps(const struct platformd_config *config, struct err *err)
{
    if ((config->timestamp_url != NULL) != (config->timestamp_roots != NULL))
        return FAIL(err, ERR_INPUT, "timestamp_url and timestamp_roots belong together");
    if (config->timestamp_url != NULL && config->report_key == NULL)
        return FAIL(err, ERR_INPUT, "timestamps are of reports: timestamp_url needs report_key");
    return 0;
}

static int read_policy(struct platformd_config *config, struct err *err)
{
    static const char *const names[REVOCATION_POLICIES_] = {
        [REVOCATION_OCSP] = "ocsp", [REVOCATION_FEED] = "feed", [REVOCATION_CRL] = "crl"};
    unsigned policy = 0;

    while (policy < REVOCATION_POLICIES_ && strcmp(names[policy], config->revocation) != 0)
        policy++;
    if (policy == REVOCATION_POLICIES_)
        return FAIL(err, ERR_INPUT, "revocation is ocsp, feed or crl");
    config->policy = (enum revocation_policy)policy;
    if ((config->policy == REVOCATION_CRL) != (config->crls != NULL))
        return FAIL(err, ERR_INPUT, "crls is for revocation = crl, which needs it");
    if (config->policy == REVOCATION_FEED && config->authority == NULL)
        return FAIL(err, ERR_INPUT, "revocation = feed needs authority");
    return 0;
}

static int read_webhooks(struct platformd_config *config, struct err *err)
{
    static const char *const names[WEBHOOKS_] = {
        [WEBHOOKS_NONE] = "none", [WEBHOOKS_PUBLIC] = "public", [WEBHOOKS_ANY] = "any"};
    unsigned choice = 0;

    while (choice < WEBHOOKS_ && strcmp(names[choice], config->webhooks_to) != 0)
        choice++;
    if (choice == WEBHOOKS_)
        return FAIL(err, ERR_INPUT, "webhooks is none, public or any");
    if (choice == WEBHOOKS_ANY && !variant_is_sandbox())
        return FAIL(err, ERR_INPUT, "webhooks = any is for a sandbox: it calls private addresses");
    config->webhooks = (enum webhooks)choice;
    return 0;
}

static int check(struct platformd_config *config, struct err *err)
{
    TRY(sock_path_check(config->signer, err));
    if (config->ocsp != NULL)
        TRY(sock_path_check(config->ocsp, err));
    TRY(check_authority(config, err));
    TRY(check_evidence(config, err));
    TRY(check_timestamps(config, err));
    TRY(read_policy(config, err));
    TRY(read_webhooks(config, err));
    TRY(service_read_peers("operator_peers", config->operator_peers, &config->operators, err));
    TRY(origin_check(config->origin, err));
    TRY(checkpoint_check(&config->checkpoints, config->signer, err));
    return service_check(&config->service, &config->rules, err);
}

int platformd_config_read(const char *path, struct platformd_config *ret, struct err *err)
{
    static char nobody[] = "";

    *ret = (struct platformd_config){.database = NULL};
    TRY(service_read(path, platformd_keys, ret, err));
    ret->service.peers = nobody;
    return err_prefix(err, check(ret, err), "%s", path);
}

void platformd_config_done(struct platformd_config *config)
{
    conf_done(platformd_keys, config);
}
