/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-ocspd/config.h"

#include "base/file.h"
#include "base/sock.h"

enum {
    POLL_MS_MAX = 900 * 1000,
    VALID_S_MAX = 8 * 86400,
    REFRESH_S_MAX = 86400,
    WAIT_MS_MAX = 10000
};

#define AT(member) offsetof(struct ocspd_config, member)
const struct conf_key ocspd_keys[] = {
    SERVICE_LISTEN_KEYS("ocsp", AT(service)),
    {"ocsp", "port", CONF_INT, AT(port), "0", 0, UINT16_MAX,
     "port of 127.0.0.1 to serve as well; 0 is none"},
    {"ocsp", "authority", CONF_PATH, AT(authority), NULL, 0, 0, "socket of jpki-authorityd"},
    {"ocsp", "signer", CONF_PATH, AT(signer), NULL, 0, 0, "socket of jpki-signerd"},
    {"ocsp", "sign_key", CONF_TEXT, AT(keys[OCSP_CA_SIGN]), "ocsp-sign", 0, 0,
     "the key at jpki-signerd that answers for the sign CA"},
    {"ocsp", "auth_key", CONF_TEXT, AT(keys[OCSP_CA_AUTH]), "ocsp-auth", 0, 0,
     "the key at jpki-signerd that answers for the auth CA"},
    {"ocsp", "sign_ca", CONF_PATH, AT(cas[OCSP_CA_SIGN]), NULL, 0, 0, "the sign CA's certificate"},
    {"ocsp", "auth_ca", CONF_PATH, AT(cas[OCSP_CA_AUTH]), NULL, 0, 0, "the auth CA's certificate"},
    {"ocsp", "sign_certificate", CONF_PATH, AT(certificates[OCSP_CA_SIGN]), NULL, 0, 0,
     "the certificate of sign_key, made by jpki-authorityd issue-ocsp"},
    {"ocsp", "auth_certificate", CONF_PATH, AT(certificates[OCSP_CA_AUTH]), NULL, 0, 0,
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
    {"ocsp", "meter", CONF_PATH, AT(meter), CONF_UNSET, 0, 0,
     "file in which the questions of each requester are counted, for the authority's bills"},
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

int ocspd_delegates_load(const struct ocspd_config *config, struct ocsp_delegate ret[OCSP_CAS_],
                         struct err *err)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct err why = {0};

        ret[ca].key = config->keys[ca];
        TRY(load(config->cas[ca], &ret[ca].ca, err));
        TRY(load(config->certificates[ca], &ret[ca].certificate, err));
        if (ocsp_delegate_check(&ret[ca], &why) < 0)
            return FAIL(err, ERR_INPUT, "%s: %s", config->certificates[ca], why.text);
    }
    return 0;
}

void ocspd_delegates_done(struct ocsp_delegate (*delegates)[OCSP_CAS_])
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        x509_cert_freep(&(*delegates)[ca].ca);
        x509_cert_freep(&(*delegates)[ca].certificate);
    }
}
