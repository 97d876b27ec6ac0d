/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signerd's configuration, read and checked as a whole: what is refused here is never half in
 * force. jpki-signerd(8) describes the file.
 */
#pragma once

#include "base/bytes.h"
#include "rpc/limits.h"
#include "signer/limits.h"
#include "signer/role_ca.h"
#include "signer/role_card.h"
#include "signer/role_jws.h"
#include "signer/role_party.h"

#include <sys/types.h>

/* What a key is for; config.c knows the names. */
enum key_role {
    KEY_ROLE_CA,
    KEY_ROLE_OCSP,
    KEY_ROLE_VERIFIER,
    KEY_ROLE_PARTY,
    KEY_ROLE_FEED,
    KEY_ROLE_TOKEN,
    KEY_ROLE_CV_ROOT,
    KEY_ROLE_CARD_DATA,
    KEY_ROLE_JWS,
    KEY_ROLE_CHECKPOINT,
    KEY_ROLE_COSIGNATURE,
};

/* User ids, as the kernel tells them of who is connected. */
struct uid_list {
    uid_t at[SIGNERD_PEERS_MAX];
    size_t count;
};

/* One section [key NAME]; the texts as they stand in the file. */
struct key_config {
    char *name;
    char *role;
    char *backend;
    char *allow_uid;
    char *public_uid; /* NULL: nobody */
    char *subject;
    char *policies;
    char *purposes;
    char *key_id;
    char *subjects;
    char *applet;
    char *origin;
    char *origins;
    char *issuer;
    char *tokens; /* role jws: "login", "report" or "assertion" */
    int64_t bits;
    int64_t subject_bits;
    int64_t ca_days;
    int64_t days;
    int64_t responder_days;
    int64_t crl_days;
    int64_t response_hours;
    int64_t feed_hours;
    int64_t token_seconds;

    enum key_role is;         /* role */
    struct uid_list users;    /* allow_uid */
    struct uid_list others;   /* public_uid */
    struct ca_rules rules;    /* for a CA key; borrows subject */
    struct card_rules card;   /* for a key of card data */
    struct party_rules party; /* for a party's key; borrows origin */
    struct jws_rules jws;     /* for an OpenID provider's key; borrows issuer */
};

struct signer_config {
    char *socket;
    char *socket_mode; /* "0600", "0660" or "0666" */
    char *keys;        /* directory of keys and ledgers */
    char *passphrase_file;
    char *passphrase_credential;
    char *quorum;        /* instead of both: the file that says how custodians' shares fit */
    char *unlock_socket; /* where they hand them in */

    struct key_config key[RPC_KEYS_MAX];
    size_t key_count;
};

/* ERR_ABSENT if there is no such file, else ERR_INPUT. Release with signer_config_free. */
MUST_CHECK int signer_config_read(const char *path, struct signer_config **ret, struct err *err);
void signer_config_free(struct signer_config *config);
void signer_config_freep(struct signer_config **config);

/* The section of a key; ERR_ABSENT if there is none. */
MUST_CHECK int signer_config_key(const struct signer_config *config, const char *name,
                                 const struct key_config **ret, struct err *err);
/*
 * Have the keys elsewhere, with a socket that is this process's alone: for who holds a ceremony
 * with the keys of a configuration. On failure it is of no more use.
 */
MUST_CHECK int signer_config_redirect(struct signer_config *config, const char *keys,
                                      const char *socket, struct err *err);
mode_t signer_config_mode(const struct signer_config *config);
/* Whether this user may use the key, and whether he may at least be told its public half. */
bool key_config_allows(const struct key_config *key, uid_t uid);
bool key_config_shows(const struct key_config *key, uid_t uid);
/* Whether it is of a log or a witness: on Ed25519, signing notes. */
bool key_config_is_of_notes(const struct key_config *key);
/* Whether no peer of any key runs under the user id of this process. */
bool signer_config_separates(const struct signer_config *config);
/* Of the section [signer] and of each [key NAME]; ends with NULL. */
extern const struct conf_key *const signer_config_tables[];
/* A commented sample. */
MUST_CHECK int signer_config_sample(struct buf *ret, struct err *err);
