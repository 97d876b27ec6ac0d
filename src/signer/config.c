/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/config.h"

#include "base/conf.h"
#include "base/sock.h"
#include "signer/keyfile.h"
#include "x509/oids.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct signer_config, member)
static const struct conf_key signer_keys[] = {
    {"signer", "socket", CONF_PATH, AT(socket), NULL, 0, 0, "where peers connect"},
    {"signer", "socket_mode", CONF_TEXT, AT(socket_mode), "0600", 0, 0,
     "0600, 0660 or 0666; who may use a key is decided by allow_uid alone"},
    {"signer", "keys", CONF_PATH, AT(keys), NULL, 0, 0, "directory of the keys and their ledgers"},
    {"signer", "passphrase_file", CONF_PATH, AT(passphrase_file), CONF_UNSET, 0, 0,
     "file with the passphrase of the keys, mode 0600, outside the keys' directory"},
    {"signer", "passphrase_credential", CONF_TEXT, AT(passphrase_credential), CONF_UNSET, 0, 0,
     "or the name of a systemd credential with it"},
    {"signer", "quorum", CONF_PATH, AT(quorum), CONF_UNSET, 0, 0,
     "or the file of a key ceremony: custodians open the keys with their shares"},
    {"signer", "unlock_socket", CONF_PATH, AT(unlock_socket), CONF_UNSET, 0, 0,
     "with quorum: where custodians hand in their shares after each start"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

#define AT(member) offsetof(struct key_config, member)
static const struct conf_key key_keys[] = {
    {"key NAME", "role", CONF_TEXT, AT(role), NULL, 0, 0,
     "what the key may do: ca, ocsp, verifier, party, feed, token, jws, cv-root, "
     "card-data, checkpoint or cosignature"},
    {"key NAME", "backend", CONF_TEXT, AT(backend), "file", 0, 0, "where the key is kept: file"},
    {"key NAME", "allow_uid", CONF_TEXT, AT(allow_uid), NULL, 0, 0,
     "numeric user ids that may use the key, with blanks between"},
    {"key NAME", "public_uid", CONF_TEXT, AT(public_uid), CONF_UNSET, 0, 0,
     "numeric user ids that may ask for the public key and nothing else"},
    {"key NAME", "subject", CONF_TEXT, AT(subject), CONF_UNSET, 0, 0,
     "role ca: the CA's name as in RFC 4514: OU=...,O=...,C=JP"},
    {"key NAME", "policies", CONF_TEXT, AT(policies), CONF_UNSET, 0, 0,
     "role ca: certificate policies that may be issued, with blanks between"},
    {"key NAME", "purposes", CONF_TEXT, AT(purposes), CONF_UNSET, 0, 0,
     "role ca: purposes that extKeyUsage may have, with blanks between"},
    {"key NAME", "key_id", CONF_TEXT, AT(key_id), CONF_UNSET, 0, 0,
     "roles cv-root and card-data: the key's own id in CV certificates, 32 hexadecimal digits"},
    {"key NAME", "subjects", CONF_TEXT, AT(subjects), CONF_UNSET, 0, 0,
     "role cv-root: key ids that it may certify, with blanks between"},
    {"key NAME", "applet", CONF_TEXT, AT(applet), CONF_UNSET, 0, 0,
     "role card-data: whose files it signs, text or visual"},
    {"key NAME", "origin", CONF_TEXT, AT(origin), CONF_UNSET, 0, 0,
     "role party: the authority's verifier_origin; role checkpoint: what the log is called"},
    {"key NAME", "origins", CONF_TEXTS, AT(origins), CONF_UNSET, 0, 0,
     "role cosignature: what a log is called that it witnesses; once for each of them"},
    {"key NAME", "issuer", CONF_TEXT, AT(issuer), CONF_UNSET, 0, 0,
     "role jws: the issuer of the tokens that it signs"},
    {"key NAME", "tokens", CONF_TEXT, AT(tokens), "login", 0, 0,
     "role jws: what it signs: login (ID and logout tokens), report (of verifications) or "
     "assertion "
     "(of who a relying party is)"},
    {"key NAME", "bits", CONF_INT, AT(bits), "2048", 255, 4096,
     "size of the key; 256, roles jws and token: on P-256; 255, roles checkpoint and cosignature: "
     "Ed25519"},
    {"key NAME", "subject_bits", CONF_INT, AT(subject_bits), "2048", 2048, 4096,
     "role ca: size of the keys in certificates"},
    {"key NAME", "ca_days", CONF_INT, AT(ca_days), "3660", 1, 10000,
     "role ca: longest validity of the CA certificate"},
    {"key NAME", "days", CONF_INT, AT(days), "1830", 1, 10000,
     "longest validity of other certificates; roles verifier and party: of its own"},
    {"key NAME", "responder_days", CONF_INT, AT(responder_days), "400", 1, 10000,
     "role ca: longest validity of an OCSP responder's certificate"},
    {"key NAME", "crl_days", CONF_INT, AT(crl_days), "8", 1, 400,
     "role ca: longest time from thisUpdate to nextUpdate of a CRL"},
    {"key NAME", "response_hours", CONF_INT, AT(response_hours), "192", 1, 9600,
     "role ocsp: longest time from thisUpdate to nextUpdate of an answer"},
    {"key NAME", "feed_hours", CONF_INT, AT(feed_hours), "48", 1, 9600,
     "role feed: longest time from thisUpdate to nextUpdate of a revocation feed"},
    {"key NAME", "token_seconds", CONF_INT, AT(token_seconds), "3600", 1, 86400,
     "role jws: longest time from iat to exp of a token"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const struct conf_key *const signer_config_tables[] = {signer_keys, key_keys, NULL};

static const struct {
    const char *text;
    mode_t mode;
} socket_modes[] = {{"0600", 0600}, {"0660", 0660}, {"0666", 0666}};

static const struct {
    const char *name;
    enum key_role role;
} roles[] = {
    {"feed", KEY_ROLE_FEED},
    {"ca", KEY_ROLE_CA},
    {"ocsp", KEY_ROLE_OCSP},
    {"verifier", KEY_ROLE_VERIFIER},
    {"token", KEY_ROLE_TOKEN},
    {"cv-root", KEY_ROLE_CV_ROOT},
    {"card-data", KEY_ROLE_CARD_DATA},
    {"party", KEY_ROLE_PARTY},
    {"jws", KEY_ROLE_JWS},
    {"checkpoint", KEY_ROLE_CHECKPOINT},
    {"cosignature", KEY_ROLE_COSIGNATURE},
};

static const struct {
    const char *name;
    enum card_applet applet;
} applets[] = {{"text", CARD_APPLET_TEXT}, {"visual", CARD_APPLET_VISUAL}};

/* Names that are meant for later are refused by name, everything else as unknown. */
static const struct {
    const char *name;
    bool is_there;
} backends[] = {{"file", true}, {"pkcs11", false}};

static struct conf_group group_of(struct signer_config *config)
{
    return (struct conf_group){
        .prefix = "key",
        .keys = key_keys,
        .name = offsetof(struct key_config, name),
        .size = sizeof config->key[0],
        .max = RPC_KEYS_MAX,
        .items = config->key,
        .count = &config->key_count,
    };
}

static int check_name(const char *name, struct err *err)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (name[len] != 0 || len > RPC_NAME_MAX || name[0] == '-')
        return FAIL(err, ERR_INPUT, "the name of a key is at most %d of a-z, 0-9 and -",
                    RPC_NAME_MAX);
    return 0;
}

static int find_role(struct key_config *key, struct err *err)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(key->role, roles[i].name) != 0)
            continue;
        key->is = roles[i].role;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "there is no role %s", key->role);
}

/* The keys of card data: on cards there is room for 2048 bits, no more (card.md 3.2). */
static int check_card_role(const struct key_config *key, struct err *err)
{
    bool is_root = key->is == KEY_ROLE_CV_ROOT;
    bool is_data = key->is == KEY_ROLE_CARD_DATA;

    if ((is_root || is_data) != (key->key_id != NULL))
        return FAIL(err, ERR_INPUT, "key_id is for roles cv-root and card-data, which need it");
    if (is_root != (key->subjects != NULL))
        return FAIL(err, ERR_INPUT, "subjects is for role cv-root, which needs it");
    if (is_data != (key->applet != NULL))
        return FAIL(err, ERR_INPUT, "applet is for role card-data, which needs it");
    if ((is_root || is_data) && key->bits != 2048)
        return FAIL(err, ERR_INPUT, "keys of card data have 2048 bits");
    return 0;
}

/* JWS_TOKENS_ for a word that is none. */
static enum jws_tokens tokens_of(const char *word)
{
    static const char *const words[JWS_TOKENS_] = {
        [JWS_LOGIN] = "login", [JWS_REPORT] = "report", [JWS_ASSERTION] = "assertion"};
    unsigned i = 0;

    while (i < JWS_TOKENS_ && strcmp(words[i], word) != 0)
        i++;
    return (enum jws_tokens)i;
}

/* Rules that would not be kept are not accepted either. */
static int check_role(const struct key_config *key, struct err *err)
{
    if (key->is == KEY_ROLE_CA && (key->subject == NULL || key->policies == NULL))
        return FAIL(err, ERR_INPUT, "role ca needs subject and policies");
    if (key->is != KEY_ROLE_CA &&
        (key->subject != NULL || key->policies != NULL || key->purposes != NULL))
        return FAIL(err, ERR_INPUT, "subject, policies and purposes are for role ca");
    if ((key->is == KEY_ROLE_PARTY || key->is == KEY_ROLE_CHECKPOINT) != (key->origin != NULL))
        return FAIL(err, ERR_INPUT, "origin is for roles party and checkpoint, which need it");
    if ((key->is == KEY_ROLE_COSIGNATURE) != (key->origins != NULL))
        return FAIL(err, ERR_INPUT, "origins is for role cosignature, which needs it");
    if ((key->is == KEY_ROLE_JWS) != (key->issuer != NULL))
        return FAIL(err, ERR_INPUT, "issuer is for role jws, which needs it");
    if (tokens_of(key->tokens) == JWS_TOKENS_ ||
        (tokens_of(key->tokens) != JWS_LOGIN && key->is != KEY_ROLE_JWS))
        return FAIL(err, ERR_INPUT, "tokens is login, report or assertion, and for role jws");
    return check_card_role(key, err);
}

static int check_backend(const struct key_config *key, struct err *err)
{
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
        if (strcmp(key->backend, backends[i].name) != 0)
            continue;
        if (!backends[i].is_there)
            return FAIL(err, ERR_INPUT, "backend %s is not there yet in this version",
                        key->backend);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "there is no backend %s", key->backend);
}

/* Calls each for every word of a list; words are separated by blanks. */
static int each_word(const char *list, int (*each)(void *context, const char *word, struct err *),
                     void *context, struct err *err)
{
    while (*list != 0) {
        char word[64];
        size_t len = strcspn(list, " ");

        if (len >= sizeof word)
            return FAIL(err, ERR_INPUT, "a word of %zu characters in a list", len);
        memcpy(word, list, len);
        word[len] = 0;
        if (len > 0)
            TRY(each(context, word, err));
        list += len;
        list += strspn(list, " ");
    }
    return 0;
}

struct uid_key {
    const char *key;
    struct uid_list *uids;
};

static int add_uid(void *context, const char *word, struct err *err)
{
    const struct uid_key *list = context;
    unsigned long long uid = strtoull(word, NULL, 10);

    /* (uid_t)-1 is nobody's: the system uses it for "no change". */
    if (word[strspn(word, "0123456789")] != 0 || uid >= (uid_t)-1)
        return FAIL(err, ERR_INPUT, "%s: %s is not a numeric user id", list->key, word);
    if (list->uids->count == SIGNERD_PEERS_MAX)
        return FAIL(err, ERR_INPUT, "%s: more than %d user ids", list->key, SIGNERD_PEERS_MAX);
    list->uids->at[list->uids->count++] = (uid_t)uid;
    return 0;
}

struct oid_list {
    const char *key;
    struct buf *oids;
    size_t *count;
};

static int add_oid(void *context, const char *word, struct err *err)
{
    struct oid_list *list = context;

    if (*list->count == SIGNERD_POLICIES_MAX)
        return FAIL(err, ERR_INPUT, "%s: more than %d", list->key, SIGNERD_POLICIES_MAX);
    TRY(err_prefix(err, oid_from_text(word, &list->oids[*list->count], err), "%s", list->key));
    ++*list->count;
    return 0;
}

static int fill_rules(struct key_config *key, struct err *err)
{
    struct ca_rules *rules = &key->rules;
    struct oid_list policies = {"policies", rules->policies, &rules->policy_count};
    struct oid_list purposes = {"purposes", rules->purposes, &rules->purpose_count};

    if (key->policies != NULL)
        TRY(each_word(key->policies, add_oid, &policies, err));
    if (key->purposes != NULL)
        TRY(each_word(key->purposes, add_oid, &purposes, err));
    key->party.origin = key->origin;
    key->jws = (struct jws_rules){key->issuer, key->token_seconds, tokens_of(key->tokens)};
    rules->subject = key->subject;
    rules->subject_bits = key->subject_bits;
    rules->ca_days = key->ca_days;
    rules->days = key->days;
    rules->responder_days = key->responder_days;
    rules->crl_days = key->crl_days;
    return 0;
}

static int add_subject(void *context, const char *word, struct err *err)
{
    struct card_rules *rules = context;

    if (rules->subject_count == SIGNERD_SUBJECTS_MAX)
        return FAIL(err, ERR_INPUT, "subjects: more than %d", SIGNERD_SUBJECTS_MAX);
    TRY(err_prefix(err, cv_key_id_parse(word, rules->subjects[rules->subject_count], err),
                   "subjects"));
    if (bytes_equal(BYTES_ARRAY(rules->subjects[rules->subject_count]), BYTES_ARRAY(rules->key_id)))
        return FAIL(err, ERR_INPUT, "subjects: a root does not certify itself");
    rules->subject_count++;
    return 0;
}

static int find_applet(struct key_config *key, struct err *err)
{
    for (size_t i = 0; i < sizeof applets / sizeof applets[0]; i++) {
        if (strcmp(key->applet, applets[i].name) != 0)
            continue;
        key->card.applet = applets[i].applet;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "applet: text or visual");
}

static int fill_card_rules(struct key_config *key, struct err *err)
{
    if (key->key_id != NULL)
        TRY(err_prefix(err, cv_key_id_parse(key->key_id, key->card.key_id, err), "key_id"));
    if (key->subjects != NULL)
        TRY(each_word(key->subjects, add_subject, &key->card, err));
    if (key->applet != NULL)
        TRY(find_applet(key, err));
    return 0;
}

static int check_bits(const struct key_config *key, struct err *err)
{
    if (key->bits == KEYFILE_P256 && (key->is == KEY_ROLE_JWS || key->is == KEY_ROLE_TOKEN))
        return 0;
    if (key_config_is_of_notes(key))
        return key->bits == KEYFILE_ED25519 ? 0
                                            : FAIL(err, ERR_INPUT, "keys of role %s need bits = %d",
                                                   key->role, KEYFILE_ED25519);
    if (key->bits < 2048 || key->bits % 1024 != 0 || key->subject_bits % 1024 != 0)
        return FAIL(err, ERR_INPUT, "bits and subject_bits are 2048, 3072 or 4096");
    return 0;
}

static int check_key(struct key_config *key, struct err *err)
{
    struct uid_key users = {"allow_uid", &key->users};
    struct uid_key others = {"public_uid", &key->others};

    TRY(check_name(key->name, err));
    TRY(find_role(key, err));
    TRY(check_role(key, err));
    TRY(check_backend(key, err));
    TRY(check_bits(key, err));
    TRY(each_word(key->allow_uid, add_uid, &users, err));
    if (key->public_uid != NULL)
        TRY(each_word(key->public_uid, add_uid, &others, err));
    TRY(fill_card_rules(key, err));
    return fill_rules(key, err);
}

/* A passphrase beside the keys would protect nothing when the directory is copied. */
static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    return strncmp(path, dir, len) == 0 && (path[len] == '/' || dir[len - 1] == '/');
}

static int check_signer(const struct signer_config *config, struct err *err)
{
    TRY(sock_path_check(config->socket, err));
    if (signer_config_mode(config) == 0)
        return FAIL(err, ERR_INPUT, "socket_mode: must be 0600, 0660 or 0666");
    if ((config->passphrase_file != NULL) + (config->passphrase_credential != NULL) +
            (config->quorum != NULL) !=
        1)
        return FAIL(err, ERR_INPUT,
                    "[signer] needs one of passphrase_file, passphrase_credential and quorum");
    if ((config->quorum != NULL) != (config->unlock_socket != NULL))
        return FAIL(err, ERR_INPUT, "quorum and unlock_socket go together");
    if (config->unlock_socket != NULL)
        TRY(sock_path_check(config->unlock_socket, err));
    if (config->passphrase_file != NULL && is_below(config->passphrase_file, config->keys))
        return FAIL(err, ERR_INPUT, "passphrase_file: must not be in the keys' directory");
    if (config->passphrase_credential != NULL && strchr(config->passphrase_credential, '/') != NULL)
        return FAIL(err, ERR_INPUT, "passphrase_credential: a name, not a path");
    if (config->key_count == 0)
        return FAIL(err, ERR_INPUT, "there is no section [key NAME]");
    return 0;
}

int signer_config_read(const char *path, struct signer_config **ret, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = calloc(1, sizeof *config);
    struct conf_group group;

    if (config == NULL)
        return FAIL_NOMEM(err);
    group = group_of(config);
    TRY(conf_read_group(path, signer_keys, config, &group, err));
    TRY(err_prefix(err, check_signer(config, err), "%s", path));
    for (size_t i = 0; i < config->key_count; i++)
        TRY(err_prefix(err, check_key(&config->key[i], err), "%s: [key %s]", path,
                       config->key[i].name));
    *ret = config;
    config = NULL;
    return 0;
}

void signer_config_free(struct signer_config *config)
{
    struct conf_group group;

    if (config == NULL)
        return;
    for (size_t i = 0; i < config->key_count; i++)
        for (size_t j = 0; j < SIGNERD_POLICIES_MAX; j++) {
            buf_done(&config->key[i].rules.policies[j]);
            buf_done(&config->key[i].rules.purposes[j]);
        }
    group = group_of(config);
    conf_group_done(&group);
    conf_done(signer_keys, config);
    free(config);
}

void signer_config_freep(struct signer_config **config)
{
    signer_config_free(*config);
    *config = NULL;
}

int signer_config_key(const struct signer_config *config, const char *name,
                      const struct key_config **ret, struct err *err)
{
    for (size_t i = 0; i < config->key_count; i++) {
        if (strcmp(config->key[i].name, name) != 0)
            continue;
        *ret = &config->key[i];
        return 0;
    }
    return FAIL(err, ERR_ABSENT, "the configuration has no section [key %s]", name);
}

static int replace_text(char **text, const char *by, struct err *err)
{
    char *copy = strdup(by);

    if (copy == NULL)
        return FAIL_NOMEM(err);
    free(*text);
    *text = copy;
    return 0;
}

int signer_config_redirect(struct signer_config *config, const char *keys, const char *socket,
                           struct err *err)
{
    TRY(sock_path_check(socket, err));
    TRY(replace_text(&config->keys, keys, err));
    TRY(replace_text(&config->socket, socket, err));
    TRY(replace_text(&config->socket_mode, "0600", err));
    for (size_t i = 0; i < config->key_count; i++) {
        config->key[i].users = (struct uid_list){{geteuid()}, 1};
        config->key[i].others = (struct uid_list){{0}, 0};
    }
    return 0;
}

mode_t signer_config_mode(const struct signer_config *config)
{
    for (size_t i = 0; i < sizeof socket_modes / sizeof socket_modes[0]; i++)
        if (strcmp(config->socket_mode, socket_modes[i].text) == 0)
            return socket_modes[i].mode;
    return 0;
}

static bool has_uid(const struct uid_list *list, uid_t uid)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i] == uid)
            return true;
    return false;
}

bool key_config_allows(const struct key_config *key, uid_t uid)
{
    return has_uid(&key->users, uid);
}

bool key_config_shows(const struct key_config *key, uid_t uid)
{
    return has_uid(&key->users, uid) || has_uid(&key->others, uid);
}

bool key_config_is_of_notes(const struct key_config *key)
{
    return key->is == KEY_ROLE_CHECKPOINT || key->is == KEY_ROLE_COSIGNATURE;
}

bool signer_config_separates(const struct signer_config *config)
{
    for (size_t i = 0; i < config->key_count; i++)
        if (key_config_allows(&config->key[i], geteuid()))
            return false;
    return true;
}

int signer_config_sample(struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf keys = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(conf_sample(signer_keys, &out, err));
    TRY(conf_sample(key_keys, &keys, err));
    TRY(buf_append_byte(&out, '\n', err));
    TRY(buf_append(&out, buf_bytes(&keys), err));
    buf_move(ret, &out);
    return 0;
}
