/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commitment and the checks are HMACs: the secret and each piece are 32 random bytes, so that
 * nothing can be learned from them by guessing.
 */
#include "signer/quorum.h"

#include "base/hex.h"
#include "base/rand.h"

#include <libgfshare.h>

/* libgfshare asks for random bytes and hears of no failure; so a failure is remembered here. */
static _Thread_local bool has_no_random;

static void fill_random(unsigned char *at, unsigned len)
{
    if (rand_fill(at, len, NULL) < 0)
        has_no_random = true;
}

static void ctx_freep(gfshare_ctx **ctx)
{
    if (*ctx != NULL)
        gfshare_ctx_free(*ctx); /* overwrites what it held with random bytes */
}

static void begin(void)
{
    gfshare_fill_rand = fill_random;
    has_no_random = false;
}

static int commit(const struct secret *secret, const struct quorum *quorum, uint8_t ret[MAC_SIZE],
                  struct err *err)
{
    const struct bytes pieces[] = {
        BYTES_LITERAL("OpenJPKI quorum 1"), BYTES_ARRAY(quorum->set), {NULL, 0}};
    struct digest mac;

    TRY(mac_compute(secret, pieces, &mac, err));
    memcpy(ret, mac.value, MAC_SIZE);
    return 0;
}

/* Over the whole share, so that its numbers are covered as well. */
static int check_of(const struct share *share, uint8_t ret[MAC_SIZE], struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    struct digest mac;

    TRY(share_write(share, &whole, err));
    const struct bytes pieces[] = {
        BYTES_LITERAL("OpenJPKI share 1"), secret_bytes(&whole), {NULL, 0}};

    TRY(mac_salted(BYTES_ARRAY(share->set), pieces, &mac, err));
    memcpy(ret, mac.value, MAC_SIZE);
    return 0;
}

int quorum_secret(struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    TRY(secret_new(SHARE_SECRET_SIZE, &secret, err));
    TRY(rand_fill(secret.ptr, secret.len, err));
    *ret = secret;
    secret = (struct secret)SECRET_INIT;
    return 0;
}

static int check_plan(const struct quorum_plan *plan, struct err *err)
{
    if (plan->needed < SHARES_NEEDED_MIN || plan->total > SHARES_MAX || plan->needed > plan->total)
        return FAIL(err, ERR_USAGE,
                    "%u of %u shares: at least %d are needed, of %d at most, and no more than "
                    "there are",
                    plan->needed, plan->total, SHARES_NEEDED_MIN, SHARES_MAX);
    return 0;
}

/* The pieces, from a context that has the secret. */
static int take_shares(gfshare_ctx *ctx, struct quorum *quorum, struct share shares[SHARES_MAX],
                       struct err *err)
{
    for (uint8_t i = 0; i < quorum->total; i++) {
        shares[i].is_rehearsal = quorum->is_rehearsal;
        shares[i].needed = quorum->needed;
        shares[i].total = quorum->total;
        shares[i].number = (uint8_t)(i + 1);
        memcpy(shares[i].set, quorum->set, SHARE_SET_SIZE);
        TRY(secret_new(SHARE_SECRET_SIZE, &shares[i].piece, err));
        gfshare_ctx_enc_getshare(ctx, i, shares[i].piece.ptr);
        TRY(check_of(&shares[i], quorum->checks[i], err));
    }
    return 0;
}

static void shares_done(struct share shares[SHARES_MAX])
{
    for (size_t i = 0; i < SHARES_MAX; i++)
        share_done(&shares[i]);
}

int quorum_split(const struct secret *secret, const struct quorum_plan *plan, struct quorum *ret,
                 struct share ret_shares[SHARES_MAX], struct err *err)
{
    CLEANUP(ctx_freep) gfshare_ctx *ctx = NULL;
    struct quorum quorum = {.is_rehearsal = plan->is_rehearsal};
    struct share shares[SHARES_MAX] = {{.number = 0}};
    uint8_t numbers[SHARES_MAX];
    int rc;

    TRY(check_plan(plan, err));
    if (secret->len != SHARE_SECRET_SIZE)
        return FAIL(err, ERR_USAGE, "a secret of %zu bytes is not split", secret->len);
    quorum.needed = (uint8_t)plan->needed;
    quorum.total = (uint8_t)plan->total;
    TRY(rand_fill(quorum.set, sizeof quorum.set, err));
    TRY(commit(secret, &quorum, quorum.commitment, err));
    for (uint8_t i = 0; i < SHARES_MAX; i++)
        numbers[i] = (uint8_t)(i + 1);
    begin();
    ctx = gfshare_ctx_init_enc(numbers, plan->total, quorum.needed, SHARE_SECRET_SIZE);
    if (ctx == NULL)
        return FAIL_NOMEM(err);
    gfshare_ctx_enc_setsecret(ctx, secret->ptr);
    rc = has_no_random ? FAIL(err, ERR_SYSTEM, "the kernel gave no random bytes")
                       : take_shares(ctx, &quorum, shares, err);
    if (rc < 0) {
        shares_done(shares);
        return rc;
    }
    memcpy(ret_shares, shares, sizeof shares);
    *ret = quorum;
    return 0;
}

int quorum_passphrase(const struct secret *secret, struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(hex_append(&text, secret_bytes(secret), err));
    return secret_copy(buf_bytes(&text), ret, err);
}

void quorum_set_text(const uint8_t set[SHARE_SET_SIZE], char ret[QUORUM_SET_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < SHARE_SET_SIZE; i++) {
        ret[2 * i] = digits[set[i] >> 4];
        ret[2 * i + 1] = digits[set[i] & 15];
    }
    ret[2 * SHARE_SET_SIZE] = 0;
}

static bool gathering_has(const struct gathering *gathering, unsigned number)
{
    for (size_t i = 0; i < gathering->count; i++)
        if (gathering->shares[i].number == number)
            return true;
    return false;
}

bool gathering_is_complete(const struct gathering *gathering)
{
    return gathering->count == gathering->quorum->needed;
}

static int check_belongs(const struct quorum *quorum, const struct share *share, struct err *err)
{
    char theirs[QUORUM_SET_TEXT_SIZE];
    char ours[QUORUM_SET_TEXT_SIZE];
    uint8_t check[MAC_SIZE];

    if (share->is_rehearsal && !quorum->is_rehearsal)
        return FAIL(err, ERR_UNTRUSTED, "this is a share of a rehearsal, which opens nothing");
    if (!share->is_rehearsal && quorum->is_rehearsal)
        return FAIL(err, ERR_UNTRUSTED, "this is a share of keys in use; a rehearsal takes none");
    if (!bytes_equal(BYTES_ARRAY(share->set), BYTES_ARRAY(quorum->set))) {
        quorum_set_text(share->set, theirs);
        quorum_set_text(quorum->set, ours);
        return FAIL(err, ERR_UNTRUSTED, "this is share %u of set %s; the keys are under set %s",
                    share->number, theirs, ours);
    }
    TRY(check_of(share, check, err));
    if (share->number > quorum->total ||
        !bytes_equal_secret(BYTES_ARRAY(check), BYTES_ARRAY(quorum->checks[share->number - 1])))
        return FAIL(err, ERR_UNTRUSTED, "share %u is not the one that was given: it was changed",
                    share->number);
    return 0;
}

int gathering_add(struct gathering *gathering, struct bytes whole, struct err *err)
{
    CLEANUP(share_done) struct share share = {.number = 0};

    TRY(share_parse(whole, &share, err));
    TRY(check_belongs(gathering->quorum, &share, err));
    if (gathering_has(gathering, share.number))
        return FAIL(err, ERR_CONFLICT, "share %u was given already; another one is needed",
                    share.number);
    if (gathering_is_complete(gathering))
        return FAIL(err, ERR_CONFLICT, "there are %u shares already, which is enough",
                    (unsigned)gathering->count);
    gathering->shares[gathering->count++] = share;
    share = (struct share){.number = 0};
    return 0;
}

int gathering_join(const struct gathering *gathering, struct secret *ret, struct err *err)
{
    CLEANUP(ctx_freep) gfshare_ctx *ctx = NULL;
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    uint8_t numbers[SHARES_MAX];
    uint8_t commitment[MAC_SIZE];

    if (!gathering_is_complete(gathering))
        return FAIL(err, ERR_USAGE, "there are %u shares, %u are needed",
                    (unsigned)gathering->count, gathering->quorum->needed);
    for (size_t i = 0; i < gathering->count; i++)
        numbers[i] = gathering->shares[i].number;
    TRY(secret_new(SHARE_SECRET_SIZE, &secret, err));
    begin();
    ctx = gfshare_ctx_init_dec(numbers, (unsigned)gathering->count, SHARE_SECRET_SIZE);
    if (ctx == NULL)
        return FAIL_NOMEM(err);
    for (uint8_t i = 0; i < gathering->count; i++)
        gfshare_ctx_dec_giveshare(ctx, i, gathering->shares[i].piece.ptr);
    gfshare_ctx_dec_extract(ctx, secret.ptr);
    TRY(commit(&secret, gathering->quorum, commitment, err));
    if (!bytes_equal_secret(BYTES_ARRAY(commitment), BYTES_ARRAY(gathering->quorum->commitment)))
        return FAIL(err, ERR_UNTRUSTED, "the shares make another secret than was split");
    *ret = secret;
    secret = (struct secret)SECRET_INIT;
    return 0;
}

void gathering_clear(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++)
        share_done(&gathering->shares[i]);
    gathering->count = 0;
}
