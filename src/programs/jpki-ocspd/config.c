/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-ocspd/config.h"

#include "base/file.h"
#include "base/sock.h"
#include "programs/variant.h"

#include <string.h>

enum {
    POLL_MS_MAX = 900 * 1000,
    VALID_S_MAX = 8 * 86400,
    REFRESH_S_MAX = 86400,
    WAIT_MS_MAX = 10000,
    RENEW_DAYS_MAX = 90 /* an authority makes none earlier */
};

#define AT(member) offsetof(struct ocspd_config, member)
const struct conf_key ocspd_keys[] = {
    SERVICE_LISTEN_KEYS("ocsp", AT(service)),
    SERVICE_PORT_KEY("ocsp", AT(port)),
    {"ocsp", "authority", CONF_PATH, AT(authority), NULL, 0, 0, "socket of jpki-authorityd"},
    SERVICE_SIGNER_KEY("ocsp", AT(signer)),
    {"ocsp", "sign_key", CONF_TEXTS, AT(keys[OCSP_CA_SIGN]), "ocsp-sign", 0, 0,
     "the key at jpki-signerd that answers for the sign CA"},
    {"ocsp", "auth_key", CONF_TEXTS, AT(keys[OCSP_CA_AUTH]), "ocsp-auth", 0, 0,
     "the key at jpki-signerd that answers for the auth CA"},
    {"ocsp", "sign_ca", CONF_PATHS, AT(cas[OCSP_CA_SIGN]), NULL, 0, 0,
     "the sign CA's certificate; once more for each generation that is in force"},
    {"ocsp", "auth_ca", CONF_PATHS, AT(cas[OCSP_CA_AUTH]), NULL, 0, 0,
     "the auth CA's certificate; once more for each generation that is in force"},
    {"ocsp", "sign_certificate", CONF_PATHS, AT(certificates[OCSP_CA_SIGN]), NULL, 0, 0,
     "the certificate of sign_key, made by jpki-authorityd issue-ocsp"},
    {"ocsp", "auth_certificate", CONF_PATHS, AT(certificates[OCSP_CA_AUTH]), NULL, 0, 0,
     "the certificate of auth_key, made by jpki-authorityd issue-ocsp"},
    {"ocsp", "poll_ms", CONF_INT, AT(poll_ms), "1000", 50, POLL_MS_MAX,
     "time between two questions to the authority"},
    {"ocsp", "wait_ms", CONF_INT, AT(wait_ms), "500", 0, WAIT_MS_MAX,
     "how long the authority may keep a question until there is something new; 0: not at all"},
    {"ocsp", "valid_s", CONF_INT, AT(valid_s), "900", 1, VALID_S_MAX,
     "how long answers hold after the authority's last confirmation"},
    {"ocsp", "refresh_s", CONF_INT, AT(refresh_s), "0", 0, REFRESH_S_MAX,
     "ask only once in each of these spans, which begin at whole multiples; 0: at each poll_ms"},
    {"ocsp", "proxy_socket", CONF_PATH, AT(proxy_socket), CONF_UNSET, 0, 0,
     "Unix socket for a proxy that ends TLS and says which certificate a client has shown"},
    {"ocsp", "proxies", CONF_TEXT, AT(proxies), "", 0, 0,
     "numeric user ids of that proxy, with blanks between"},
    {"ocsp", "keep_answers", CONF_INT, AT(keep_answers), "131072", 0, OCSP_CACHE_MAX,
     "how many signed answers are kept to be given again; 0: none"},
    {"ocsp", "keep_s", CONF_INT, AT(keep_s), "300", 1, VALID_S_MAX,
     "how long a signed answer is given again, at most until it says that it no longer holds"},
    {"ocsp", "lists_s", CONF_INT, AT(lists_s), "0", 0, REFRESH_S_MAX,
     "how often to look for new lists of revocations, offered to verifiers behind the proxy; "
     "0: there are none"},
    {"ocsp", "meter", CONF_PATH, AT(meter), CONF_UNSET, 0, 0,
     "file in which the questions of each requester are counted, for the authority's bills"},
    {"ocsp", "renew_days", CONF_INT, AT(renew_days), "60", 0, RENEW_DAYS_MAX,
     "days before a responder's certificate ends from which the authority is asked for the next; "
     "0: never"},
    {"ocsp", "warn_days", CONF_INT, AT(warn_days), "30", 0, RENEW_DAYS_MAX,
     "days before its end from which it is told that there is no next one; 0: never"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

/* Else there were moments at which nothing holds, though all goes well. */
static int check_times(const struct ocspd_config *config, struct err *err)
{
    if (config->refresh_s == 0)
        return 0;
    if (config->valid_s <= config->refresh_s)
        return FAIL(err, ERR_INPUT, "valid_s is not more than refresh_s");
    if (config->poll_ms > config->refresh_s * 1000)
        return FAIL(err, ERR_INPUT, "poll_ms is longer than refresh_s");
    return 0;
}

/* Without its users the socket answers nobody, and without it they are a mistake. */
static int check_proxy(struct ocspd_config *config, struct err *err)
{
    TRY(service_read_peers("proxies", config->proxies, &config->proxy_peers, err));
    if ((config->proxy_socket == NULL) != (config->proxy_peers.count == 0))
        return FAIL(err, ERR_INPUT, "proxy_socket and proxies go together");
    return config->proxy_socket == NULL ? 0 : sock_path_check(config->proxy_socket, err);
}

int ocspd_config_read(const char *path, struct ocspd_config *ret, struct err *err)
{
    *ret = (struct ocspd_config){.authority = NULL};
    TRY(service_read(path, ocspd_keys, ret, err));
    TRY(err_prefix(err, sock_path_check(ret->signer, err), "%s", path));
    TRY(err_prefix(err, sock_path_check(ret->authority, err), "%s", path));
    TRY(err_prefix(err, check_times(ret, err), "%s", path));
    TRY(err_prefix(err, check_proxy(ret, err), "%s", path));
    return err_prefix(err, service_check(&ret->service, &ret->rules, err), "%s", path);
}

void ocspd_config_done(struct ocspd_config *config)
{
    conf_done(ocspd_keys, config);
}

static int load(const char *path, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    int rc = file_read(path, X509_PEM_MAX, &contents, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    return err_prefix(err, x509_cert_parse_file(buf_bytes(&contents), ret, err), "%s", path);
}

/* What a generation of a CA is answered with: three settings, the nth value of each. */
struct files {
    const char *key, *ca, *certificate;
};

static int load_one(const struct files *files, enum ocsp_ca kind, struct ocsp_delegates *delegates,
                    struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    struct ocsp_appointment appointment = {.kind = kind, .key = files->key};
    struct err why = {0};

    TRY(load(files->ca, &ca, err));
    TRY(load(files->certificate, &certificate, err));
    TRY(err_prefix(err, variant_check_ca(ca, err), "%s", files->ca));
    appointment.ca = x509_cert_der(ca);
    appointment.certificate = x509_cert_der(certificate);
    if (ocsp_delegates_add(delegates, &appointment, &why) < 0)
        return FAIL(err, ERR_INPUT, "%s: %s", files->certificate, why.text);
    return 0;
}

/* The next value of a setting that may be given several times; NULL behind the last. */
static char *next_value(char **rest)
{
    return *rest == NULL ? NULL : strsep(rest, "\n");
}

static int load_all(char *keys, char *cas, char *certificates, enum ocsp_ca kind,
                    struct ocsp_delegates *delegates, struct err *err)
{
    for (;;) {
        const struct files files = {next_value(&keys), next_value(&cas), next_value(&certificates)};

        if (files.key == NULL && files.ca == NULL && files.certificate == NULL)
            return 0;
        if (files.key == NULL || files.ca == NULL || files.certificate == NULL)
            return FAIL(err, ERR_INPUT, "%s_key, %s_ca and %s_certificate are there equally often",
                        ocsp_ca_name(kind), ocsp_ca_name(kind), ocsp_ca_name(kind));
        TRY(load_one(&files, kind, delegates, err));
    }
}

static int load_kind(const struct ocspd_config *config, enum ocsp_ca kind,
                     struct ocsp_delegates *delegates, struct err *err)
{
    CLEANUP(free_text) char *keys = strdup(config->keys[kind]);
    CLEANUP(free_text) char *cas = strdup(config->cas[kind]);
    CLEANUP(free_text) char *certificates = strdup(config->certificates[kind]);

    if (keys == NULL || cas == NULL || certificates == NULL)
        return FAIL_NOMEM(err);
    return load_all(keys, cas, certificates, kind, delegates, err);
}

int ocspd_delegates_load(const struct ocspd_config *config, struct ocsp_delegates **ret,
                         struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *delegates = NULL;

    TRY(ocsp_delegates_new(&delegates, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        TRY(load_kind(config, (enum ocsp_ca)ca, delegates, err));
    *ret = delegates;
    delegates = NULL;
    return 0;
}

/* ---- while serving ---- */

const char *const ocspd_reloaded[] = {"sign_key",         "auth_key",         "sign_ca", "auth_ca",
                                      "sign_certificate", "auth_certificate", NULL};

int ocspd_reload(const char *path, const struct ocspd_config *config,
                 const struct renewal_options *options, struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *loaded = NULL;
    CLEANUP(ocspd_config_done) struct ocspd_config now = {.authority = NULL};

    TRY(ocspd_config_read(path, &now, err));
    TRY(service_check_reload(ocspd_keys, config, &now, ocspd_reloaded, err));
    TRY(ocspd_delegates_load(&now, &loaded, err));
    return renewal_take(options, loaded, err);
}
