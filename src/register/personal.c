/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to signerd for each card: a counter makes a few of them in an hour. */
#include "register/personal.h"

#include "base/file.h"
#include "carddata/cvc.h"
#include "carddata/image_photo.h"
#include "carddata/limits.h"
#include "crypto/pubkey.h"
#include "rpc/signer_client.h"

#include <stdlib.h>
#include <string.h>

enum { PHOTO_AGE = 1, DIGITS = 10 };

/* signerd's names of the keys. */
static const char *const keys[CARDDATA_APPLETS_] = {
    [CARDDATA_TEXT] = "card-text",
    [CARDDATA_VISUAL] = "card-visual",
};

static const enum signer_kind kinds[CARDDATA_TBS_KINDS_] = {
    [CARDDATA_TBS_DIGESTS] = SIGNER_CARD_DIGESTS, [CARDDATA_TBS_CARD_KEY] = SIGNER_CARD_KEY,
    [CARDDATA_TBS_AGE] = SIGNER_CARD_AGE,         [CARDDATA_TBS_FACE] = SIGNER_CARD_FACE,
    [CARDDATA_TBS_NUMBER] = SIGNER_CARD_NUMBER,
};

struct personal {
    char *signer;
    struct font *font;
    struct buf certificate[CARDDATA_APPLETS_];
};

static int read_certificate(const char *path, struct buf *ret, struct err *err)
{
    struct cvc cvc;

    TRY(file_read(path, CVC_SIZE, ret, err));
    return err_prefix(err, cvc_parse(buf_bytes(ret), &cvc, err), "%s", path);
}

int personal_open(const struct personal_setup *setup, struct personal **ret, struct err *err)
{
    CLEANUP(personal_freep) struct personal *personal = calloc(1, sizeof *personal);

    if (personal == NULL)
        return FAIL_NOMEM(err);
    TRY(path_format(&personal->signer, err, "%s", setup->signer));
    for (int i = 0; i < CARDDATA_APPLETS_; i++)
        TRY(read_certificate(setup->certificate[i], &personal->certificate[i], err));
    TRY(font_open(setup->font, &personal->font, err));
    *ret = personal;
    personal = NULL;
    return 0;
}

void personal_free(struct personal *personal)
{
    if (personal == NULL)
        return;
    free_text(&personal->signer);
    font_free(personal->font);
    for (int i = 0; i < CARDDATA_APPLETS_; i++)
        buf_done(&personal->certificate[i]);
    free(personal);
}

void personal_freep(struct personal **personal)
{
    personal_free(*personal);
    *personal = NULL;
}

int personal_ping(const struct personal *personal, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    return signer_open(personal->signer, &signer, err);
}

/* Never the fault of whoever asked us: what is signed is made here. */
static int blame(int rc, const struct err *refusal, struct err *err)
{
    if (rc == 0)
        return 0;
    if (refusal->kind == ERR_REMOTE || refusal->kind == ERR_NOMEM)
        return FAIL(err, refusal->kind, "the signer of card data: %s", refusal->text);
    return FAIL(err, ERR_SYSTEM, "signerd refuses to sign card data: %s", refusal->text);
}

static int sign(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                struct bytes tbs, struct buf *ret_signature, struct err *err)
{
    struct err refusal = {.kind = ERR_NONE};

    return blame(signer_sign(context, keys[applet], kinds[kind], tbs, ret_signature, &refusal),
                 &refusal, err);
}

/* What signerd signs with is what the certificate on the card vouches for. */
static int check_key(const struct personal *personal, struct signer *signer,
                     enum carddata_applet applet, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    struct err refusal = {.kind = ERR_NONE};
    struct cvc cvc;

    TRY(cvc_parse(buf_bytes(&personal->certificate[applet]), &cvc, err));
    TRY(blame(signer_public(signer, keys[applet], &spki, &refusal), &refusal, err));
    TRY(cvc_append_key(&key, buf_bytes(&spki), err));
    if (!bytes_equal(buf_bytes(&key), cvc.key))
        return FAIL(err, ERR_SYSTEM, "signerd's %s is another key than in its CV certificate",
                    keys[applet]);
    return 0;
}

static int open_signer(const struct personal *personal, struct signer **ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct err refusal = {.kind = ERR_NONE};

    TRY(blame(signer_open(personal->signer, &signer, &refusal), &refusal, err));
    for (int i = 0; i < CARDDATA_APPLETS_; i++)
        TRY(check_key(personal, signer, (enum carddata_applet)i, err));
    *ret = signer;
    signer = NULL;
    return 0;
}

/* Keys of RSA with 2048 bits and nothing else (card.md 3.2): said before a number is read. */
static int check_order(const struct personal_order *order, struct err *err)
{
    static const char *const names[] = {"text_key", "visual_key"};

    for (int i = 0; i < CARDDATA_APPLETS_; i++) {
        CLEANUP(buf_done) struct buf unused = BUF_INIT;

        TRY(err_prefix(err, cvc_append_key(&unused, order->key[i], err), "%s", names[i]));
    }
    return 0;
}

/* Fifteen digits out of a serial number, from its end; what is no digit counts as some. */
static void manufacture_number(const char *serial, char ret[CARDHOLDER_MANUFACTURE_SIZE])
{
    size_t len = strlen(serial);

    memset(ret, '0', CARDHOLDER_MANUFACTURE_SIZE);
    for (size_t i = CARDHOLDER_MANUFACTURE_SIZE; i > 0 && len > 0; i--, len--) {
        char c = serial[len - 1];

        ret[i - 1] = (char)(c >= '0' && c <= '9' ? c : '0' + c % DIGITS);
    }
}

static enum cardholder_sex sex_of(enum sex sex)
{
    static const enum cardholder_sex values[] = {
        [SEX_MALE] = CARDHOLDER_MALE,
        [SEX_FEMALE] = CARDHOLDER_FEMALE,
        [SEX_UNKNOWN] = CARDHOLDER_OTHER,
    };

    return values[sex];
}

/* Who was under one when the card was assigned has no photo on it (pki.md 12). */
static int draw_photo(const struct personal *personal, const struct card *card,
                      const struct resident *resident, struct buf *ret, struct err *err)
{
    struct caldate assigned = caltime_at(card->issued_at, JST_OFFSET_SECONDS).date;

    if (caldate_age(resident->birth, assigned) < PHOTO_AGE)
        return 0;
    return image_photo_draw(personal->font, bytes_text(card->serial), ret, err);
}

static int put_codes(const struct cardholder *holder, struct personal_card *ret, struct err *err)
{
    TRY(cardholder_code_b(holder, ret->code_b, err));
    TRY(cardholder_code_birth(holder, ret->code_birth, err));
    return secret_copy(holder->mynumber, &ret->code_a, err);
}

/* What is needed for one card. */
struct work {
    const struct personal *personal;
    const struct personal_order *order;
    struct signer *signer;
    struct card card;
    struct resident resident;
    struct mynumber number;
};

static void work_done(struct work *work)
{
    signer_close(work->signer);
    mynumber_done(&work->number);
}

static int make_files(const struct work *work, struct bytes photo, struct personal_card *ret,
                      struct err *err)
{
    char manufacture[CARDHOLDER_MANUFACTURE_SIZE];
    const struct cardholder holder = {
        .name = bytes_text(work->resident.name),
        .address = bytes_text(work->resident.address),
        .birth = work->resident.birth,
        .sex = sex_of(work->resident.sex),
        .mynumber = secret_bytes(&work->number.digits),
        .expiry = work->card.expires_on,
        .security_code = bytes_text(work->card.security_code),
        .municipality = bytes_text(work->resident.municipality),
        .manufacture_number = bytes_of(manufacture, sizeof manufacture),
        .photo = photo,
    };
    const struct carddata_issue issue = {
        .holder = &holder,
        .text_key = work->order->key[CARDDATA_TEXT],
        .visual_key = work->order->key[CARDDATA_VISUAL],
        .text_cvc = buf_bytes(&work->personal->certificate[CARDDATA_TEXT]),
        .visual_cvc = buf_bytes(&work->personal->certificate[CARDDATA_VISUAL]),
        .font = work->personal->font,
        .sign = sign,
        .context = work->signer,
    };

    manufacture_number(work->card.serial, manufacture);
    TRY(carddata_build(&issue, &ret->files, err));
    return put_codes(&holder, ret, err);
}

/* Once it was handed over, only what is no longer true is written on it anew. */
static int check_writable(const struct counter *counter, const struct card *card, struct err *err)
{
    bool has_changed;

    if (card->state == CARD_STOCK || card->state == CARD_ISSUED)
        return 0;
    if (card->state != CARD_ACTIVE)
        return FAIL(err, ERR_CONFLICT, "the card is %s; nothing is written on it",
                    card_state_name(card->state));
    TRY(register_has_changed(counter->store, card, &has_changed, err));
    if (!has_changed)
        return FAIL(err, ERR_CONFLICT,
                    "the card was handed over, and all that is written on it is still true");
    return 0;
}

/* The number last: not before everything else that is needed was there. */
static int prepare(const struct counter *counter, struct work *work, struct buf *ret_photo,
                   struct err *err)
{
    const struct audit_origin *by = work->order->by;
    const struct mynumber_use use = {.purpose = MYNUMBER_FOR_CARD,
                                     .body = MYNUMBER_BY_MUNICIPALITY,
                                     .actor = by->actor,
                                     /* The clerk did so before the resident got a card. */
                                     .is_identified = true,
                                     .at = by->at,
                                     .trace_id = by->trace_id};

    TRY(check_order(work->order, err));
    TRY(register_get_card(counter->store, work->order->serial, &work->card, err));
    TRY(check_writable(counter, &work->card, err));
    TRY(register_get_resident(counter->store, work->card.resident, &work->resident, err));
    TRY(draw_photo(work->personal, &work->card, &work->resident, ret_photo, err));
    TRY(open_signer(work->personal, &work->signer, err));
    return register_read_mynumber(counter->store, work->card.resident, &use, &work->number, err);
}

int counter_personal_files(const struct counter *counter, const struct personal_order *order,
                           struct personal_card *ret, struct err *err)
{
    CLEANUP(work_done)
    struct work work = {.personal = counter->personal, .order = order, .number = MYNUMBER_INIT};
    CLEANUP(personal_card_done) struct personal_card card = {.code_a = SECRET_INIT};
    CLEANUP(buf_done) struct buf photo = BUF_INIT;

    if (counter->personal == NULL)
        return FAIL(err, ERR_REMOTE, "this register has no keys for card data");
    TRY(prepare(counter, &work, &photo, err));
    TRY(make_files(&work, buf_bytes(&photo), &card, err));
    *ret = card;
    card = (struct personal_card){.code_a = SECRET_INIT};
    return 0;
}

void personal_card_done(struct personal_card *card)
{
    carddata_files_done(&card->files);
    secret_done(&card->code_a);
    wipe(card->code_b, sizeof card->code_b);
    wipe(card->code_birth, sizeof card->code_birth);
}
