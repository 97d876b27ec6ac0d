/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CA certificate of a key is decided in two durable steps: what is to be signed goes to
 * NAME.ca, then the ledger notes its digest. Before the second step nothing is decided and the
 * file is replaced freely; after it the file must match. The signature comes after both.
 */
#include "signer/key.h"

#include "base/file.h"
#include "crypto/ed25519.h"
#include "crypto/pubkey.h"
#include "signer/keyfile.h"
#include "signer/requestor.h"
#include "signer/role_card.h"
#include "signer/role_feed.h"
#include "signer/role_jws.h"
#include "signer/role_note.h"
#include "signer/role_ocsp.h"
#include "signer/role_party.h"
#include "x509/cert.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_SECONDS = 86400, CARD_SIGNATURE_SIZE = 256 };

struct key {
    const struct key_config *row;
    struct privkey *private;
    struct ledger *ledger;
    char *ca_path;
    struct buf spki;
    struct pubkey *public;
    struct buf ca_der; /* the CA certificate's TBSCertificate; empty before it is decided */
    struct tbs ca;     /* points into ca_der */
    struct ca_self self;
    char algorithm[RPC_WORD_MAX + 1];
};

/*
 * Keys are RSA, but for those that sign tokens or open what is encrypted, which may be on P-256,
 * and those of notes, which have no struct pubkey and no certificate.
 */
static int read_public(struct key *key, struct err *err)
{
    uint8_t point[ED25519_KEY_SIZE];

    TRY(privkey_spki(key->private, &key->spki, err));
    if (key_config_is_of_notes(key->row))
        return ed25519_from_spki(buf_bytes(&key->spki), point, err);
    if (key->row->is == KEY_ROLE_JWS || key->row->is == KEY_ROLE_TOKEN)
        return pubkey_from_spki_jws(buf_bytes(&key->spki), &key->public, err);
    return pubkey_from_spki_rsa(buf_bytes(&key->spki), &key->public, err);
}

static int describe(struct key *key, struct digest *ret_fingerprint, struct err *err)
{
    enum key_kind kind = privkey_kind(key->private);

    TRY(read_public(key, err));
    if (key->public != NULL)
        TRY(pubkey_key_id(key->public, key->self.key_id, err));
    key->self.spki = buf_bytes(&key->spki);
    if (kind == KEY_RSA)
        (void)snprintf(key->algorithm, sizeof key->algorithm, "RSA-%zu", pubkey_bits(key->public));
    else
        (void)snprintf(key->algorithm, sizeof key->algorithm, "%s", key_kind_name(kind));
    return digest_compute(DIGEST_SHA256, buf_bytes(&key->spki), ret_fingerprint, err);
}

static int use_ca(struct key *key, struct buf *der, struct err *err)
{
    TRY(tbs_parse(buf_bytes(der), &key->ca, err));
    buf_done(&key->ca_der);
    buf_move(&key->ca_der, der);
    key->self.certificate = &key->ca;
    return 0;
}

static int load_ca(struct key *key, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest noted;
    struct digest found;

    if (!ledger_has_ca(key->ledger, &noted))
        return 0;
    TRY(file_read(key->ca_path, X509_CERT_MAX, &der, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&der), &found, err));
    if (!bytes_equal(digest_bytes(&noted), digest_bytes(&found)))
        return FAIL(err, ERR_INPUT, "%s: is not what the ledger says was signed", key->ca_path);
    return err_prefix(err, use_ca(key, &der, err), "%s", key->ca_path);
}

static bool is_of_card_data(const struct key_config *row)
{
    return row->is == KEY_ROLE_CV_ROOT || row->is == KEY_ROLE_CARD_DATA;
}

/* What the key was before, or is, that its role cannot be given to. */
static int check_role(const struct key *key, const char *path, struct err *err)
{
    if (key_has_ca(key) && key->row->is != KEY_ROLE_CA)
        return FAIL(err, ERR_INPUT, "%s: this key is a CA's and takes no other role", path);
    if (is_of_card_data(key->row) && privkey_signature_size(key->private) != CARD_SIGNATURE_SIZE)
        return FAIL(err, ERR_INPUT, "key %s: keys of card data have 2048 bits", key->row->name);
    return 0;
}

int key_open(const struct signer_config *config, const struct key_config *row,
             const struct secret *passphrase, struct key **ret, struct err *err)
{
    CLEANUP(key_freep) struct key *key = calloc(1, sizeof *key);
    CLEANUP(free_text) char *ledger = NULL;
    struct digest fingerprint;

    if (key == NULL)
        return FAIL_NOMEM(err);
    key->row = row;
    TRY(path_format(&ledger, err, "%s/%s.ledger", config->keys, row->name));
    TRY(path_format(&key->ca_path, err, "%s/%s.ca", config->keys, row->name));
    TRY(keyfile_read(config->keys, row->name, passphrase, &key->private, err));
    TRY(describe(key, &fingerprint, err));
    TRY(ledger_open(ledger, &fingerprint, &key->ledger, err));
    TRY(load_ca(key, err));
    TRY(check_role(key, ledger, err));
    *ret = key;
    key = NULL;
    return 0;
}

void key_free(struct key *key)
{
    if (key == NULL)
        return;
    privkey_free(key->private);
    ledger_close(key->ledger);
    free_text(&key->ca_path);
    pubkey_freep(&key->public);
    buf_done(&key->spki);
    buf_done(&key->ca_der);
    free(key);
}

void key_freep(struct key **key)
{
    key_free(*key);
    *key = NULL;
}

void key_use_config(struct key *key, const struct key_config *row)
{
    key->row = row;
}

const struct key_config *key_config_of(const struct key *key)
{
    return key->row;
}

struct bytes key_spki(const struct key *key)
{
    return buf_bytes(&key->spki);
}

const char *key_algorithm(const struct key *key)
{
    return key->algorithm;
}

bool key_has_ca(const struct key *key)
{
    return key->self.certificate != NULL;
}

static int decide_ca(struct key *key, const struct ledger_entry *entry, struct bytes tbs,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest noted;

    if (ledger_has_ca(key->ledger, &noted))
        return ledger_add(key->ledger, entry, err);
    TRY(buf_copy(tbs, &der, err));
    TRY(file_replace(key->ca_path, 0600, tbs, err));
    TRY(ledger_add(key->ledger, entry, err));
    return use_ca(key, &der, err);
}

/* A structure that asks for a signature. */
struct work {
    enum signer_kind kind;
    struct bytes tbs;
    struct digest digest; /* of tbs */
    struct buf info;      /* what is padded, or signed as it is, instead; if there is something */
    struct key_act *act;
};

static int note(struct key *key, enum ledger_kind kind, const struct work *work, struct err *err)
{
    struct ledger_entry entry = {.kind = kind, .serial = work->act->serial};

    TRY(digest_compute(DIGEST_SHA256, work->tbs, &entry.digest, err));
    return kind == LEDGER_CA ? decide_ca(key, &entry, work->tbs, err)
                             : ledger_add(key->ledger, &entry, err);
}

static const char *name_of(const struct tbs *tbs)
{
    if (tbs->is_ca)
        return "ca";
    if (tbs_has_purpose(tbs, OID_FEED_SIGNING))
        return "feed-signer";
    return tbs_has_purpose(tbs, OID_OCSP_SIGNING) ? "responder" : "certificate";
}

static int approve_certificate(struct key *key, struct work *work, struct err *err)
{
    enum ledger_kind kind;
    struct tbs parsed;

    TRY(tbs_parse(work->tbs, &parsed, err));
    if (parsed.serial.len <= 4)
        work->act->serial = (uint32_t)tbs_serial_number(&parsed);
    work->act->what = name_of(&parsed);
    TRY(role_ca_check(&key->row->rules, &key->self, &parsed, &kind, err));
    TRY(digest_compute(parsed.algorithm_digest, work->tbs, &work->digest, err));
    return note(key, kind, work, err);
}

static int approve_streamed(struct key *key, struct list *list, struct work *work, struct err *err)
{
    struct ledger_entry entry = {.kind = LEDGER_LIST};
    struct crl_streamed streamed;

    TRY(list_end(list, &streamed, err));
    work->act->what = streamed.count == 0 ? "empty-crl" : "crl";
    TRY(role_ca_check_list(&key->row->rules, &key->self, &streamed.crl, &work->act->serial, err));
    work->digest = entry.digest = streamed.digest;
    entry.serial = work->act->serial;
    return ledger_add(key->ledger, &entry, err);
}

static int approve_list(struct key *key, struct work *work, struct err *err)
{
    CLEANUP(list_freep) struct list *list = NULL;

    TRY(list_begin(key->row->name, &list, err));
    TRY(list_add(list, work->tbs, err));
    return approve_streamed(key, list, work, err);
}

static int approve_response(struct key *key, struct work *work, struct err *err)
{
    work->act->what = "ocsp-response";
    TRY(role_ocsp_check_response(bytes_of(key->self.key_id, KEY_ID_SIZE), key->row->response_hours,
                                 work->tbs, err));
    return digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err);
}

static int approve_request(struct key *key, struct work *work, struct err *err)
{
    (void)key;
    work->act->what = "ocsp-request";
    TRY(role_ocsp_check_request(work->tbs, err));
    return digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err);
}

/* Nothing is noted: a request counts once at the authority, by its nonce. */
static int approve_party_request(struct key *key, struct work *work, struct err *err)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;

    work->act->what = "party-request";
    TRY(role_party_check(&key->row->party, buf_bytes(&key->spki), work->tbs, &attributes, err));
    return digest_compute(key_kind_digest(privkey_kind(key->private)), buf_bytes(&attributes),
                          &work->digest, err);
}

static int approve_feed(struct key *key, struct work *work, struct err *err)
{
    struct feed_head head;

    work->act->what = "feed";
    TRY(role_feed_check(BYTES_ARRAY(key->self.key_id), key->row->feed_hours, work->tbs, &head,
                        err));
    work->act->what = head.is_delta ? "feed-delta" : "feed-snapshot";
    work->act->serial = head.edition;
    TRY(digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err));
    return note(key, LEDGER_LIST, work, err);
}

static int approve_cv_certificate(struct key *key, struct work *work, struct err *err)
{
    work->act->what = "cv-certificate";
    TRY(role_card_check_certificate(&key->row->card, key->self.spki, work->tbs, &work->act->serial,
                                    err));
    TRY(digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err));
    return note(key, LEDGER_CERTIFICATE, work, err);
}

/* Nothing is noted: cards have the same structures as often as they are written. */
static int approve_card_data(struct key *key, struct work *work, struct err *err)
{
    work->act->what = role_card_name(work->kind);
    TRY(role_card_check(&key->row->card, key->self.spki, work->kind, work->tbs, err));
    if (work->kind == SIGNER_CARD_FACE)
        return role_card_face_info(work->tbs, &work->info, err);
    return digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err);
}

/* Nothing is noted: a provider gives tokens all day, and says so in its own log. */
static int approve_token(struct key *key, struct work *work, struct err *err)
{
    work->act->what = "token";
    TRY(role_jws_check(&key->row->jws, key->public, work->tbs, err));
    return digest_compute(DIGEST_SHA256, work->tbs, &work->digest, err);
}

/* One size of the log has one root, and the next checkpoint is of more records: noted. */
static int approve_checkpoint(struct key *key, struct work *work, struct err *err)
{
    work->act->what = "checkpoint";
    TRY(role_checkpoint_check(key->row->origin, work->tbs, &work->act->serial, err));
    TRY(note(key, LEDGER_LIST, work, err));
    return buf_copy(work->tbs, &work->info, err);
}

/* Nothing is noted: what a witness has seen is in its database. */
static int approve_cosignature(struct key *key, struct work *work, struct err *err)
{
    work->act->what = "cosignature";
    TRY(role_cosignature_check(key->row->origins, work->tbs, err));
    return buf_copy(work->tbs, &work->info, err);
}

/* Who signs what. A kind that is not here under the key's role is not signed. */
static const struct {
    enum key_role role;
    enum signer_kind kind;
    int (*approve)(struct key *key, struct work *work, struct err *err);
} rows[] = {
    {KEY_ROLE_CA, SIGNER_CERTIFICATE, approve_certificate},
    {KEY_ROLE_CA, SIGNER_CRL, approve_list},
    {KEY_ROLE_OCSP, SIGNER_OCSP_RESPONSE, approve_response},
    {KEY_ROLE_VERIFIER, SIGNER_OCSP_REQUEST, approve_request},
    {KEY_ROLE_PARTY, SIGNER_PARTY_REQUEST, approve_party_request},
    {KEY_ROLE_FEED, SIGNER_FEED, approve_feed},
    {KEY_ROLE_CV_ROOT, SIGNER_CV_CERTIFICATE, approve_cv_certificate},
    {KEY_ROLE_CARD_DATA, SIGNER_CARD_DIGESTS, approve_card_data},
    {KEY_ROLE_CARD_DATA, SIGNER_CARD_KEY, approve_card_data},
    {KEY_ROLE_CARD_DATA, SIGNER_CARD_AGE, approve_card_data},
    {KEY_ROLE_CARD_DATA, SIGNER_CARD_FACE, approve_card_data},
    {KEY_ROLE_CARD_DATA, SIGNER_CARD_NUMBER, approve_card_data},
    {KEY_ROLE_JWS, SIGNER_TOKEN, approve_token},
    {KEY_ROLE_CHECKPOINT, SIGNER_CHECKPOINT, approve_checkpoint},
    {KEY_ROLE_COSIGNATURE, SIGNER_COSIGNATURE, approve_cosignature},
};

static void work_done(struct work *work)
{
    buf_done(&work->info);
}

static int approve(struct key *key, struct work *work, struct err *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].role == key->row->is && rows[i].kind == work->kind)
            return rows[i].approve(key, work, err);
    }
    return FAIL(err, ERR_UNTRUSTED, "structures of kind %d are not signed by keys of role %s",
                (int)work->kind, key->row->role);
}

int key_approve(struct key *key, enum signer_kind kind, struct bytes tbs, struct key_work *ret,
                struct key_act *ret_act, struct err *err)
{
    CLEANUP(work_done) struct work work = {.kind = kind, .tbs = tbs, .act = ret_act};

    *ret_act = (struct key_act){0};
    TRY(approve(key, &work, err));
    ret->key = key;
    ret->digest = work.digest;
    buf_move(&ret->info, &work.info);
    return 0;
}

int key_approve_list(struct key *key, struct list *list, struct key_work *ret,
                     struct key_act *ret_act, struct err *err)
{
    struct work work = {.kind = SIGNER_CRL, .act = ret_act};

    *ret_act = (struct key_act){0};
    if (key->row->is != KEY_ROLE_CA)
        return FAIL(err, ERR_UNTRUSTED, "keys of role %s sign no lists", key->row->role);
    TRY(approve_streamed(key, list, &work, err));
    ret->key = key;
    ret->digest = work.digest;
    return 0;
}

void key_work_done(struct key_work *work)
{
    buf_done(&work->info);
    *work = (struct key_work)KEY_WORK_INIT;
}

int key_work_sign(const struct key_work *work, struct buf *ret, struct err *err)
{
    const struct privkey *private = work->key->private;

    if (key_config_is_of_notes(work->key->row))
        return privkey_sign_message(private, buf_bytes(&work->info), ret, err);
    if (work->info.len > 0)
        return privkey_sign_raw(private, buf_bytes(&work->info), ret, err);
    return privkey_sign_jws(private, &work->digest, ret, err);
}

int key_sign(struct key *key, enum signer_kind kind, struct bytes tbs, struct buf *ret_signature,
             struct key_act *ret_act, struct err *err)
{
    CLEANUP(key_work_done) struct key_work work = KEY_WORK_INIT;

    TRY(key_approve(key, kind, tbs, &work, ret_act, err));
    return key_work_sign(&work, ret_signature, err);
}

int key_sync(struct key *key, struct err *err)
{
    return ledger_sync(key->ledger, err);
}

int key_unwrap(const struct key *key, struct bytes wrapped, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    int rc;

    if (key->row->is != KEY_ROLE_TOKEN)
        return FAIL(err, ERR_UNTRUSTED, "keys of role %s unwrap nothing", key->row->role);
    rc = privkey_kind(key->private) == KEY_P256
             ? privkey_agree(key->private, wrapped, &plain, NULL)
             : privkey_unwrap(key->private, wrapped, &plain, NULL);
    /* One answer for all of it (RFC 8017, 7.1.2, note). */
    if (rc == -ERR_UNTRUSTED || (rc == 0 && plain.len > RPC_PLAIN_MAX))
        return FAIL(err, ERR_UNTRUSTED, "it cannot be unwrapped with this key");
    if (rc < 0)
        return FAIL(err, err_kind_of(rc), "the key could not be used");
    return secret_copy(secret_bytes(&plain), ret, err);
}

int key_certify(const struct key *key, int64_t now, struct buf *ret_der, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct requestor requestor = {
        .name = key->row->name,
        .spki = buf_bytes(&key->spki),
        .key_id = BYTES_ARRAY(key->self.key_id),
        .not_before = now,
        .not_after = now + key->row->days * DAY_SECONDS,
    };
    struct digest digest;

    if (key->row->is != KEY_ROLE_VERIFIER && key->row->is != KEY_ROLE_PARTY)
        return FAIL(err, ERR_USAGE,
                    "only keys of roles verifier and party have a certificate of their own");
    TRY(requestor_build(&requestor, &tbs, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, err));
    TRY(privkey_sign(key->private, &digest, &signature, err));
    return cert_assemble(buf_bytes(&tbs), buf_bytes(&signature), ret_der, err);
}

int key_certify_card(struct key *root, const struct key *subject, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct key_act act;

    if (root->row->is != KEY_ROLE_CV_ROOT || subject->row->is != KEY_ROLE_CARD_DATA)
        return FAIL(err, ERR_USAGE, "a key of role cv-root certifies one of role card-data");
    TRY(role_card_body(&root->row->card, &subject->row->card, buf_bytes(&subject->spki), &body,
                       err));
    TRY(key_sign(root, SIGNER_CV_CERTIFICATE, buf_bytes(&body), &signature, &act, err));
    TRY(key_sync(root, err));
    return role_card_assemble(buf_bytes(&body), buf_bytes(&signature), ret, err);
}
