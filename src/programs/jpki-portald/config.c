/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/config.h"

#include "base/sock.h"
#include "fetch/mail.h"
#include "fetch/uri.h"
#include "paper/font.h"

#define AT(member) offsetof(struct portald_config, member)
const struct conf_key portald_keys[] = {
    SERVICE_LISTEN_KEYS("portal", AT(service)),
    SERVICE_PORT_KEY("portal", AT(port)),
    {"portal", "origin", CONF_TEXT, AT(origin), NULL, 0, 0,
     "how browsers reach it: https://HOST[:PORT]"},
    SERVICE_DATABASE_KEY("portal", AT(database)),
    SERVICE_SIGNER_KEY("portal", AT(signer)),
    {"portal", "issuer", CONF_TEXT, AT(issuer), NULL, 0, 0,
     "the OpenID provider at which people log in: its issuer"},
    {"portal", "authapp", CONF_PATH, AT(authapp), CONF_UNSET, 0, 0,
     "socket of jpki-authappd, if that is the provider; without it it is asked at its address"},
    {"portal", "client_id", CONF_TEXT, AT(client_id), "portal", 0, 0,
     "how the portal is called there"},
    {"portal", "client_key", CONF_TEXT, AT(client_key), "portal", 0, 0,
     "the key at jpki-signerd by which it is known there, of role jws"},
    {"portal", "register", CONF_PATH, AT(registry), CONF_UNSET, 0, 0,
     "socket of jpki-registerd, which tells the codes of people; without it there are none"},
    {"portal", "platform", CONF_PATH, AT(platform), CONF_UNSET, 0, 0,
     "socket of jpki-platformd, which says whether signatures of applications count; without it "
     "nothing signed is taken"},
    {"portal", "platform_key", CONF_PATH, AT(platform_key), CONF_UNSET, 0, 0,
     "file with the key by which the platform knows this tenant"},
    {"portal", "seal_signer", CONF_PATH, AT(seal_signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd that has seal_key; missing: signer"},
    {"portal", "seal_key", CONF_TEXT, AT(seal_key), CONF_UNSET, 0, 0,
     "the key there, of role token, that signers of applications encrypt their certificates to; "
     "without it nothing is signed through the authentication app"},
    {"portal", "auth_cas", CONF_PATHS, AT(auth_cas), CONF_UNSET, 0, 0,
     "certificates of the CAs whose cards may be shown at clinics, one file each; without it none"},
    {"portal", "pages_dir", CONF_PATH, AT(pages_dir), CONF_UNSET, 0, 0,
     "the folder of the pages' files; without it there are none"},
    {"portal", "office_dir", CONF_PATH, AT(office_dir), CONF_UNSET, 0, 0,
     "the folder of the files of municipalities' pages; without it there are none"},
    {"portal", "font", CONF_PATH, AT(font), PAPER_FONT_PATH, 0, 0,
     "the font of documents that people take along"},
    {"portal", "kiosk_table", CONF_PATH, AT(kiosk_table), CONF_UNSET, 0, 0,
     "file with other certificates of kiosks than the one that comes with the program"},
    SERVICE_OPERATORS_KEY("portal", AT(operator_peers)),
    {"portal", "provider_database", CONF_PATH, AT(provider_database), CONF_UNSET, 0, 0,
     "database of what bodies hold about people; without it there is no exchange of information"},
    {"portal", "exchange_tables", CONF_PATH, AT(exchange_tables), CONF_UNSET, 0, 0,
     "folder with other tables of the exchange than those that come with the program"},
    {"portal", "exchange_capacity", CONF_INT, AT(exchange_capacity), "1000", 1, 1000000,
     "questions that may be open at one body"},
    {"portal", "exchange_rate", CONF_INT, AT(exchange_rate), "60", 1, 10000,
     "questions about one person by one body in a minute"},
    {"portal", "exchange_answer_s", CONF_INT, AT(exchange_answer_s), "3600", 1, 604800,
     "seconds for which a body's answer is waited for"},
    {"portal", "exchange_keep_s", CONF_INT, AT(exchange_keep_s), "604800", 1, 31536000,
     "seconds for which an answer is kept"},
    {"portal", "smtp_host", CONF_TEXT, AT(smtp_host), CONF_UNSET, 0, 0,
     "mail server that takes the portal's mails, with STARTTLS unless it is this computer; without "
     "it there are none"},
    {"portal", "smtp_port", CONF_INT, AT(smtp_port), "587", 1, UINT16_MAX, "its port"},
    {"portal", "smtp_from", CONF_TEXT, AT(smtp_from), CONF_UNSET, 0, 0,
     "the address that mails come from"},
    {"portal", "smtp_user", CONF_TEXT, AT(smtp_user), CONF_UNSET, 0, 0,
     "who the portal is there; without it nobody logs in"},
    {"portal", "smtp_password", CONF_PATH, AT(smtp_password), CONF_UNSET, 0, 0,
     "file with the password of smtp_user"},
    {"portal", "smtp_ca", CONF_PATH, AT(smtp_ca), CONF_UNSET, 0, 0,
     "file of certificates by which that server is known, in PEM; without it those of the system"},
    {"portal", "operators_socket", CONF_PATH, AT(operators_socket), CONF_UNSET, 0, 0,
     "Unix socket of the operators' door: for services, clinics and kiosks, behind a proxy"},
    {"portal", "operators_port", CONF_INT, AT(operators_port), "0", 0, UINT16_MAX,
     "the same on a port of 127.0.0.1, where no certificate counts; 0 is none"},
    {"portal", "operators_origin", CONF_TEXT, AT(operators_origin), CONF_UNSET, 0, 0,
     "how operators reach it: https://HOST[:PORT]"},
    {"portal", "operators_proxies", CONF_TEXT, AT(operators_proxies), "", 0, 0,
     "numeric user ids of the proxy that says which certificate a client has shown"},
    {"portal", "sites", CONF_PATH, AT(sites), CONF_UNSET, 0, 0,
     "file of the outside sites to which people go on from the portal; without it there are none"},
    {"portal", "sites_signer", CONF_PATH, AT(sites_signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd that has sites_key, if it is another than signer"},
    {"portal", "sites_key", CONF_TEXT, AT(sites_key), "sites", 0, 0,
     "the key there by which sites know what the portal says, of role jws"},
    CHECKPOINT_KEYS("portal", AT(checkpoints)),
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const char *const portald_reloaded[] = {
    "client_key", "platform_key",   "auth_cas",          "pages_dir",
    "office_dir", "operator_peers", "operators_proxies", NULL};

/* The operators' door: all of it or nothing. */
static int check_door(struct portald_config *config, struct err *err)
{
    const bool is_there = config->operators_socket != NULL || config->operators_port != 0;

    TRY(service_read_peers("operators_proxies", config->operators_proxies, &config->proxies, err));
    if (is_there != (config->operators_origin != NULL))
        return FAIL(err, ERR_INPUT,
                    "operators_origin goes together with operators_socket or operators_port");
    if (config->operators_socket == NULL && config->proxies.count > 0)
        return FAIL(err, ERR_INPUT, "operators_proxies are users of operators_socket");
    if (config->operators_socket != NULL)
        TRY(sock_path_check(config->operators_socket, err));
    return is_there ? uri_check_origin("operators_origin", config->operators_origin, err) : 0;
}

static int check_mail(const struct portald_config *config, struct err *err)
{
    struct mailbox from;

    if ((config->smtp_host == NULL) != (config->smtp_from == NULL))
        return FAIL(err, ERR_INPUT, "smtp_host and smtp_from are set both or neither");
    if ((config->smtp_user == NULL) != (config->smtp_password == NULL))
        return FAIL(err, ERR_INPUT, "smtp_user and smtp_password are set both or neither");
    if (config->smtp_from == NULL)
        return 0;
    TRY(mail_host_check(config->smtp_host, err));
    return err_prefix(err, mailbox_parse(bytes_text(config->smtp_from), &from, err), "smtp_from");
}

/* Of other daemons that it asks, if it does. */
static int check_sockets(const struct portald_config *config, struct err *err)
{
    const char *const sockets[] = {config->authapp, config->platform, config->seal_signer,
                                   config->sites_signer, config->registry};

    if ((config->platform == NULL) != (config->platform_key == NULL))
        return FAIL(err, ERR_INPUT, "platform and platform_key are set both or neither");
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i] != NULL)
            TRY(sock_path_check(sockets[i], err));
    return 0;
}

static int check(struct portald_config *config, struct err *err)
{
    struct uri issuer;

    TRY(sock_path_check(config->signer, err));
    TRY(checkpoint_check(&config->checkpoints, config->signer, err));
    TRY(uri_check_origin("origin", config->origin, err));
    TRY(err_prefix(err, uri_parse(config->issuer, &issuer, err), "issuer"));
    TRY(check_sockets(config, err));
    TRY(check_mail(config, err));
    TRY(service_read_peers("operator_peers", config->operator_peers, &config->operators, err));
    TRY(check_door(config, err));
    return service_check(&config->service, &config->rules, err);
}

int portald_config_read(const char *path, struct portald_config *ret, struct err *err)
{
    static char nobody[] = "";

    *ret = (struct portald_config){.database = NULL};
    TRY(service_read(path, portald_keys, ret, err));
    ret->service.peers = nobody;
    return err_prefix(err, check(ret, err), "%s", path);
}

void portald_config_done(struct portald_config *config)
{
    conf_done(portald_keys, config);
}
