/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask is decided before what was asked is looked at. */
#include "signer/keyring.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "signer/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct keyring {
    struct signer_config *config;
    struct key *keys[RPC_KEYS_MAX];
    size_t key_count;
    int64_t started_ms;
    uint64_t signatures, refusals;
    int (*accepts)(const struct signer_config *config, struct err *err);
};

/* One question while it is answered. */
struct question {
    struct keyring *keyring;
    struct keyring_session *session;
    const struct keyring_surroundings *around;
    const struct rpc_fields *fields;
    struct keyring_record *record;
    struct key_work *work; /* what is left to be signed */
};

int keyring_open_with(struct signer_config *config, const struct secret *passphrase,
                      struct keyring **ret, struct err *err)
{
    CLEANUP(keyring_freep) struct keyring *keyring = calloc(1, sizeof *keyring);

    if (keyring == NULL) {
        signer_config_free(config);
        return FAIL_NOMEM(err);
    }
    keyring->config = config;
    keyring->started_ms = monotonic_ms();
    for (size_t i = 0; i < config->key_count; i++) {
        TRY(key_open(config, &config->key[i], passphrase, &keyring->keys[i], err));
        keyring->key_count++;
    }
    *ret = keyring;
    keyring = NULL;
    return 0;
}

int keyring_open(const char *config_path, struct keyring **ret, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    struct signer_config *taken;

    TRY(signer_config_read(config_path, &config, err));
    TRY(passphrase_read(config, &passphrase, err));
    taken = config;
    config = NULL;
    return keyring_open_with(taken, &passphrase, ret, err);
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    for (size_t i = 0; i < keyring->key_count; i++)
        key_free(keyring->keys[i]);
    signer_config_free(keyring->config);
    free(keyring);
}

void keyring_freep(struct keyring **keyring)
{
    keyring_free(*keyring);
    *keyring = NULL;
}

void keyring_require(struct keyring *keyring,
                     int (*accepts)(const struct signer_config *config, struct err *err))
{
    keyring->accepts = accepts;
}

static struct key **find_named(struct keyring *keyring, const char *name)
{
    for (size_t i = 0; i < keyring->key_count; i++)
        if (strcmp(key_config_of(keyring->keys[i])->name, name) == 0)
            return &keyring->keys[i];
    return NULL;
}

/*
 * Keys of the new configuration that the old one did not have; the others stay NULL. The custodians
 * have gone home: what they open, they open at the start.
 */
static int open_new_keys(struct keyring *keyring, struct keyring *fresh, struct err *err)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;

    if (fresh->config->quorum == NULL)
        TRY(passphrase_read(fresh->config, &passphrase, err));
    for (; fresh->key_count < fresh->config->key_count; fresh->key_count++) {
        const struct key_config *row = &fresh->config->key[fresh->key_count];

        struct key **there = find_named(keyring, row->name);

        if (there == NULL && fresh->config->quorum != NULL)
            return FAIL(err, ERR_CONFLICT, "key %s is opened by custodians, at a restart",
                        row->name);
        if (there == NULL)
            TRY(key_open(fresh->config, row, &passphrase, &fresh->keys[fresh->key_count], err));
        else if (key_config_of(*there)->is != row->is)
            return FAIL(err, ERR_CONFLICT, "the role of key %s changes by a restart only",
                        row->name);
    }
    return 0;
}

int keyring_reload(struct keyring *keyring, const char *config_path, struct err *err)
{
    CLEANUP(keyring_freep) struct keyring *fresh = calloc(1, sizeof *fresh);
    struct keyring old;

    if (fresh == NULL)
        return FAIL_NOMEM(err);
    TRY(signer_config_read(config_path, &fresh->config, err));
    if (keyring->accepts != NULL)
        TRY(keyring->accepts(fresh->config, err));
    if (strcmp(fresh->config->socket, keyring->config->socket) != 0 ||
        strcmp(fresh->config->keys, keyring->config->keys) != 0)
        return FAIL(err, ERR_CONFLICT, "%s: socket and keys change by a restart only", config_path);
    TRY(open_new_keys(keyring, fresh, err));
    /* Nothing fails from here on. A key's ledger has one owner, so keys move. */
    for (size_t i = 0; i < fresh->key_count; i++) {
        const struct key_config *row = &fresh->config->key[i];
        struct key **there = find_named(keyring, row->name);

        if (there == NULL)
            continue;
        fresh->keys[i] = *there;
        *there = keyring->keys[--keyring->key_count];
        key_use_config(fresh->keys[i], row);
    }
    fresh->started_ms = keyring->started_ms;
    fresh->signatures = keyring->signatures;
    fresh->refusals = keyring->refusals;
    fresh->accepts = keyring->accepts;
    old = *keyring;
    *keyring = *fresh;
    *fresh = old;
    return 0;
}

static bool may_ask_status(uid_t uid)
{
    return uid == 0 || uid == geteuid();
}

static bool is_peer(const struct keyring *keyring, uid_t uid)
{
    for (size_t i = 0; i < keyring->key_count; i++)
        if (key_config_shows(key_config_of(keyring->keys[i]), uid))
            return true;
    return false;
}

bool keyring_knows(const struct keyring *keyring, uid_t uid)
{
    return is_peer(keyring, uid) || may_ask_status(uid);
}

typedef bool permits_fn(const struct key_config *key, uid_t uid);

/* The key of that name, if what its configuration says of this user permits it. */
static int find_permitted(const struct question *question, const char *name, permits_fn *permits,
                          struct key **ret, struct err *err)
{
    uid_t uid = question->session->uid;
    struct key **there;

    (void)snprintf(question->record->key, sizeof question->record->key, "%s", name);
    there = find_named(question->keyring, name);
    if (there != NULL && permits(key_config_of(*there), uid)) {
        *ret = *there;
        return 0;
    }
    if (there == NULL && is_peer(question->keyring, uid))
        return FAIL(err, ERR_ABSENT, "there is no key %s here", name);
    return FAIL(err, ERR_DENIED, "user %u may not use key %s", (unsigned)uid, name);
}

/* The one that the question names. */
static int find_key(const struct question *question, permits_fn *permits, struct key **ret,
                    struct err *err)
{
    char name[RPC_NAME_MAX + 1];

    rpc_text(question->fields->value[RPC_TAG_KEY], name, sizeof name);
    return find_permitted(question, name, permits, ret, err);
}

static int answer_hello(const struct question *question, struct buf *body, struct err *err)
{
    uint64_t versions = rpc_number(question->fields->value[RPC_TAG_VERSIONS]);
    uint64_t lowest = versions >> 16;
    uint64_t highest = versions & 0xffff;
    uint64_t chosen = highest < RPC_VERSION_HIGHEST ? highest : RPC_VERSION_HIGHEST;

    if (lowest > highest)
        return FAIL(err, ERR_INPUT, "lowest and highest version are the wrong way round");
    if (chosen < lowest || chosen < RPC_VERSION_LOWEST)
        return FAIL(err, ERR_INPUT, "versions %u to %u are not spoken here, %d to %d are",
                    (unsigned)lowest, (unsigned)highest, RPC_VERSION_LOWEST, RPC_VERSION_HIGHEST);
    TRY(rpc_put_number(body, RPC_TAG_VERSION, chosen, err));
    question->session->version = (uint16_t)chosen;
    return 0;
}

static int answer_list(const struct question *question, struct buf *body, struct err *err)
{
    for (size_t i = 0; i < question->keyring->key_count; i++) {
        const struct key *key = question->keyring->keys[i];
        const struct key_config *row = key_config_of(key);

        if (!key_config_allows(row, question->session->uid))
            continue;
        TRY(rpc_put(body, RPC_TAG_KEY, bytes_text(row->name), err));
        TRY(rpc_put(body, RPC_TAG_ROLE, bytes_text(row->role), err));
        TRY(rpc_put(body, RPC_TAG_ALGORITHM, bytes_text(key_algorithm(key)), err));
    }
    return 0;
}

static int answer_public(const struct question *question, struct buf *body, struct err *err)
{
    struct key *key;

    TRY(find_key(question, key_config_shows, &key, err));
    return rpc_put(body, RPC_TAG_SPKI, key_spki(key), err);
}

static int answer_sign(const struct question *question, struct buf *body, struct err *err)
{
    enum signer_kind kind = (enum signer_kind)rpc_number(question->fields->value[RPC_TAG_KIND]);
    struct key *key;

    (void)body;
    TRY(find_key(question, key_config_allows, &key, err));
    return key_approve(key, kind, question->fields->value[RPC_TAG_TBS], question->work,
                       &question->record->act, err);
}

static int answer_list_begin(const struct question *question, struct buf *body, struct err *err)
{
    struct key *key;

    (void)body;
    TRY(find_key(question, key_config_allows, &key, err));
    if (key_config_of(key)->is != KEY_ROLE_CA)
        return FAIL(err, ERR_UNTRUSTED, "keys of role %s sign no lists", key_config_of(key)->role);
    return list_begin(key_config_of(key)->name, &question->session->list, err);
}

static int have_list(const struct question *question, struct err *err)
{
    return question->session->list != NULL ? 0 : FAIL(err, ERR_INPUT, "no list was begun");
}

static int answer_list_piece(const struct question *question, struct buf *body, struct err *err)
{
    (void)body;
    TRY(have_list(question, err));
    return list_add(question->session->list, question->fields->value[RPC_TAG_PIECE], err);
}

/* Whether the key is there, and this user's, is asked again: the configuration may be another. */
static int answer_list_end(const struct question *question, struct buf *body, struct err *err)
{
    struct list *list = question->session->list;
    struct key *key;

    (void)body;
    TRY(have_list(question, err));
    TRY(find_permitted(question, list->key, key_config_allows, &key, err));
    return key_approve_list(key, list, question->work, &question->record->act, err);
}

static int answer_unwrap(const struct question *question, struct buf *body, struct err *err)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    struct key *key;

    TRY(find_key(question, key_config_allows, &key, err));
    TRY(key_unwrap(key, question->fields->value[RPC_TAG_WRAPPED], &plain, err));
    return rpc_put(body, RPC_TAG_PLAIN, secret_bytes(&plain), err);
}

static int answer_status(const struct question *question, struct buf *body, struct err *err)
{
    const struct keyring *keyring = question->keyring;
    const struct {
        enum rpc_tag tag;
        uint64_t number;
    } rows[] = {
        {RPC_TAG_UPTIME, (uint64_t)(monotonic_ms() - keyring->started_ms) / 1000},
        {RPC_TAG_SIGNATURES, keyring->signatures},
        {RPC_TAG_REFUSALS, keyring->refusals},
        {RPC_TAG_CONNECTIONS, question->around->connections},
        {RPC_TAG_KEYS, keyring->key_count},
        {RPC_TAG_SEPARATED, signer_config_separates(keyring->config)},
        {RPC_TAG_LOCKED, question->around->memory_locked},
    };

    TRY(rpc_put(body, RPC_TAG_PROGRAM, bytes_text(OPENJPKI_VERSION), err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        TRY(rpc_put_number(body, rows[i].tag, rows[i].number, err));
    return 0;
}

static const struct {
    enum rpc_verb verb;
    int (*answer)(const struct question *question, struct buf *body, struct err *err);
} verbs[] = {
    {RPC_HELLO, answer_hello},           {RPC_LIST, answer_list},
    {RPC_PUBLIC, answer_public},         {RPC_SIGN, answer_sign},
    {RPC_STATUS, answer_status},         {RPC_UNWRAP, answer_unwrap},
    {RPC_LIST_BEGIN, answer_list_begin}, {RPC_LIST_PIECE, answer_list_piece},
    {RPC_LIST_END, answer_list_end},
};

static int check_turn(const struct keyring_session *session, const struct rpc_frame *frame,
                      struct err *err)
{
    bool is_first = session->version == 0;

    if (frame->status != RPC_QUESTION)
        return FAIL(err, ERR_INPUT, "an answer where a question is expected");
    if (is_first != (frame->verb == RPC_HELLO))
        return FAIL(err, ERR_INPUT, "the greeting comes first and once");
    if (frame->version != (is_first ? RPC_VERSION_LOWEST : session->version))
        return FAIL(err, ERR_INPUT, "a frame of version %u, agreed was another", frame->version);
    return 0;
}

static int answer(struct question *question, const struct rpc_frame *frame, struct buf *body,
                  struct err *err)
{
    uid_t uid = question->session->uid;
    struct rpc_fields fields;

    TRY(check_turn(question->session, frame, err));
    if (!keyring_knows(question->keyring, uid))
        return FAIL(err, ERR_DENIED, "user %u may not use any key here", (unsigned)uid);
    TRY(rpc_fields_parse(frame, &fields, err));
    if (frame->verb != RPC_LIST_PIECE && frame->verb != RPC_LIST_END)
        list_freep(&question->session->list);
    question->fields = &fields;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (verbs[i].verb == frame->verb)
            return verbs[i].answer(question, body, err);
    return FAIL(err, ERR_INPUT, "there is no verb %d", (int)frame->verb);
}

/* Signerd's own trouble is told to its operator, in the log; the peer hears that there is some. */
static int put_sentence(const struct err *why, struct buf *body, struct err *err)
{
    static const char own[] = "signerd has a fault of its own, see its log";
    struct bytes text = bytes_text(why->text);

    if (rpc_status_of(why->kind) == RPC_UNAVAILABLE && why->kind != ERR_REMOTE)
        text = bytes_text(own);
    if (text.len > RPC_SENTENCE_MAX || text.len == 0 || !utf8_is_valid(text))
        text = BYTES_LITERAL("refused");
    return rpc_put(body, RPC_TAG_SENTENCE, text, err);
}

void keyring_session_done(struct keyring_session *session)
{
    list_freep(&session->list);
}

void keyring_exchange_clear(struct keyring_exchange *exchange)
{
    buf_clear(&exchange->body); /* what was unwrapped leaves no copy here */
    key_work_done(&exchange->work);
}

void keyring_exchange_done(struct keyring_exchange *exchange)
{
    buf_done(&exchange->body);
    key_work_done(&exchange->work);
}

int keyring_ask(struct keyring *keyring, struct keyring_exchange *exchange,
                const struct rpc_frame *frame, struct err *err)
{
    struct keyring_record *record = &exchange->record;
    struct question question = {
        .keyring = keyring,
        .session = exchange->session,
        .around = &exchange->around,
        .record = record,
        .work = &exchange->work,
    };

    *record = (struct keyring_record){.verb = frame->verb, .uid = exchange->session->uid};
    exchange->id = frame->id;
    exchange->version = exchange->session->version == 0 ? RPC_VERSION_LOWEST
                                                        : exchange->session->version;
    TRY(buf_reserve(&exchange->body, RPC_BODY_MAX, err)); /* growing would leave a copy */
    exchange->rc = answer(&question, frame, &exchange->body, &record->err);
    if (exchange->rc < 0 || frame->verb == RPC_LIST_END)
        list_freep(&exchange->session->list);
    return 0;
}

bool keyring_has_to_sign(const struct keyring_exchange *exchange)
{
    return exchange->rc == 0 && exchange->work.key != NULL;
}

static int sign(struct keyring_exchange *exchange, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(key_work_sign(&exchange->work, &signature, err));
    return rpc_put(&exchange->body, RPC_TAG_SIGNATURE, buf_bytes(&signature), err);
}

void keyring_sign(struct keyring_exchange *exchange)
{
    exchange->rc = sign(exchange, &exchange->record.err);
}

int keyring_answer(struct keyring *keyring, struct keyring_exchange *exchange, struct buf *out,
                   struct err *err)
{
    struct rpc_frame reply = {
        .version = exchange->version,
        .verb = exchange->record.verb,
        .status = rpc_status_of(err_kind_of(exchange->rc)),
        .id = exchange->id,
    };

    if (keyring_has_to_sign(exchange))
        keyring->signatures++;
    if (exchange->rc < 0) {
        keyring->refusals++;
        buf_clear(&exchange->body);
        TRY(put_sentence(&exchange->record.err, &exchange->body, err));
    }
    reply.body = buf_bytes(&exchange->body);
    return rpc_frame_append(out, &reply, err);
}

int keyring_sync(struct keyring *keyring, struct err *err)
{
    for (size_t i = 0; i < keyring->key_count; i++)
        TRY(key_sync(keyring->keys[i], err));
    return 0;
}

int keyring_refuse(const struct err *why, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_frame frame = {
        .version = RPC_VERSION_LOWEST,
        .verb = RPC_HELLO,
        .status = rpc_status_of(why->kind),
    };

    TRY(put_sentence(why, &body, err));
    frame.body = buf_bytes(&body);
    return rpc_frame_append(out, &frame, err);
}

int keyring_lock(const char *dir, int *ret_fd, struct err *err)
{
    CLEANUP(fd_done) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "%s: no such directory", dir);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", dir);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? FAIL(err, ERR_CONFLICT, "%s: another jpki-signerd is using it", dir)
                   : FAIL_ERRNO(err, "%s", dir);
    *ret_fd = fd;
    fd = -1;
    return 0;
}
