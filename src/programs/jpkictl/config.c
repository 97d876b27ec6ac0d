/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/config.h"

#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct ctl_config, member)
static const struct conf_key keys[] = {
    {"verifier", "signer", CONF_PATH, AT(signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd that holds the key for OCSP questions"},
    {"verifier", "key", CONF_TEXT, AT(key), CONF_UNSET, 0, 0, "name of that key, of role verifier"},
    {"verifier", "certificate", CONF_PATH, AT(certificate), CONF_UNSET, 0, 0,
     "its certificate, as registered with the authority"},
    {"verifier", "anchors", CONF_PATH, AT(anchors), CONF_UNSET, 0, 0,
     "file or directory with the CA certificates that are trusted"},
    {"verifier", "ocsp_socket", CONF_PATH, AT(ocsp_socket), CONF_UNSET, 0, 0,
     "Unix socket of the OCSP responder, instead of the address in the certificate"},
    {"verifier", "ocsp_base", CONF_TEXT, AT(ocsp_base), CONF_UNSET, 0, 0,
     "or what replaces scheme and host of that address: http://127.0.0.1:8080"},
    {"evidence", "platform", CONF_PATH, AT(evidence.platform), CONF_UNSET, 0, 0,
     "Unix socket of the jpki-platformd that evidence is about"},
    {"evidence", "witness", CONF_PATH, AT(evidence.witness), CONF_UNSET, 0, 0,
     "Unix socket of the jpki-witnessd that cosigns its audit log"},
    {"evidence", "origin_key", CONF_PATH, AT(evidence.origin_key), CONF_UNSET, 0, 0,
     "file with the public key of that audit log"},
    {"evidence", "witness_key", CONF_PATH, AT(evidence.witness_key), CONF_UNSET, 0, 0,
     "file with the public key of the witness"},
    {"evidence", "keys", CONF_PATHS, AT(evidence.keys), CONF_UNSET, 0, 0,
     "folder with keys of a jpki-signerd; may be repeated"},
    {"evidence", "key_days", CONF_INT, AT(evidence.key_days), "1825", 1, 36500,
     "how old a key may be"},
    {"evidence", "rules", CONF_PATH, AT(evidence.rules), CONF_UNSET, 0, 0,
     "paper: procedures, duties and powers, audits"},
    {"evidence", "network", CONF_PATH, AT(evidence.network), CONF_UNSET, 0, 0,
     "paper: how the network in front is protected"},
    {"evidence", "restored", CONF_PATH, AT(evidence.restored), CONF_UNSET, 0, 0,
     "paper: the last time that a backup was restored"},
    {"evidence", "entry", CONF_PATH, AT(evidence.entry), CONF_UNSET, 0, 0,
     "paper: how the place of the machines is entered"},
    {"evidence", "contracts", CONF_PATH, AT(evidence.contracts), CONF_UNSET, 0, 0,
     "paper: contracts with others whose systems are used"},
    {"evidence", "organisation", CONF_PATH, AT(evidence.organisation), CONF_UNSET, 0, 0,
     "paper: who is responsible, who does the work"},
    {"evidence", "officers", CONF_PATH, AT(evidence.officers), CONF_UNSET, 0, 0,
     "paper: declarations of the officers"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

#define AT(member) offsetof(struct daemon_config, member)
static const struct conf_key daemon_keys[] = {
    {"daemon NAME", "protocol", CONF_TEXT, AT(protocol), "http", 0, 0, "http or signer"},
    {"daemon NAME", "socket", CONF_PATH, AT(socket), NULL, 0, 0, "where it listens"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const struct conf_key *const ctl_config_tables[] = {keys, daemon_keys, NULL};

static struct conf_group group_of(struct ctl_config *config)
{
    return (struct conf_group){
        .prefix = "daemon",
        .keys = daemon_keys,
        .name = offsetof(struct daemon_config, name),
        .size = sizeof config->daemon[0],
        .max = CTL_DAEMONS_MAX,
        .items = config->daemon,
        .count = &config->daemon_count,
    };
}

static int check(const struct ctl_config *config, struct err *err)
{
    if (config->ocsp_socket != NULL && config->ocsp_base != NULL)
        return FAIL(err, ERR_INPUT, "either ocsp_socket or ocsp_base, not both");
    for (size_t i = 0; i < config->daemon_count; i++)
        if (strcmp(config->daemon[i].protocol, "http") != 0 &&
            strcmp(config->daemon[i].protocol, "signer") != 0)
            return FAIL(err, ERR_INPUT, "[daemon %s]: protocol: must be http or signer",
                        config->daemon[i].name);
    return 0;
}

/* ERR_ABSENT if there is no such file, else ERR_INPUT. */
static int ctl_config_read(const char *path, struct ctl_config **ret, struct err *err)
{
    CLEANUP(ctl_config_freep) struct ctl_config *config = calloc(1, sizeof *config);
    struct conf_group group;

    if (config == NULL)
        return FAIL_NOMEM(err);
    group = group_of(config);
    TRY(conf_read_group(path, keys, config, &group, err));
    TRY(err_prefix(err, check(config, err), "%s", path));
    *ret = config;
    config = NULL;
    return 0;
}

int ctl_config_find(const char *path, struct ctl_config **ret, struct err *err)
{
    const char *named = path != NULL ? path : secure_getenv("JPKICTL_CONFIG");

    if (named == NULL || named[0] == '\0')
        return FAIL(err, ERR_USAGE, "--config is needed, or JPKICTL_CONFIG");
    return ctl_config_read(named, ret, err);
}

void ctl_config_free(struct ctl_config *config)
{
    struct conf_group group;

    if (config == NULL)
        return;
    group = group_of(config);
    conf_group_done(&group);
    conf_done(keys, config);
    free(config);
}

void ctl_config_freep(struct ctl_config **config)
{
    ctl_config_free(*config);
    *config = NULL;
}

int ctl_config_sample(struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf daemons = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(conf_sample(keys, &out, err));
    TRY(conf_sample(daemon_keys, &daemons, err));
    TRY(buf_append_byte(&out, '\n', err));
    TRY(buf_append(&out, buf_bytes(&daemons), err));
    buf_move(ret, &out);
    return 0;
}
