/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/own_ca.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/rand.h"
#include "card/issue.h"
#include "card/ownca.h"
#include "carddata/cvc.h"
#include "carddata/files.h"
#include "carddata/font.h"
#include "carddata/image_photo.h"
#include "carddata/limits.h"
#include "x509/pem.h"

#include <string.h>

/* What one card is made of; released together. */
struct making {
    const struct own_ca_order *order;
    const struct card_kind_rules *rules;
    enum card_kind kind;
    bool has_sign;
    struct ownca *ca;
    struct font *font;
    struct buf photo;
    struct buf certificates[CARD_KEYS_]; /* of the holder, by key */
    struct buf cvcs[CARDDATA_APPLETS_];
    struct carddata_files files;
    char code_b[CARDHOLDER_CODE_B_SIZE + 1], code_birth[CARDHOLDER_CODE_BIRTH_SIZE + 1];
};

static void making_done(struct making *making)
{
    ownca_free(making->ca);
    font_free(making->font);
    buf_done(&making->photo);
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        buf_done(&making->certificates[i]);
    for (unsigned i = 0; i < CARDDATA_APPLETS_; i++)
        buf_done(&making->cvcs[i]);
    carddata_files_done(&making->files);
    wipe(making, sizeof *making);
}

/* What one chosen value opens (card.md 3.4, 5). */
static void set_pins(const struct making *making, struct bytes ret[CARD_PINS_])
{
    const struct wish *wish = making->order->wish;

    if (making->has_sign)
        ret[CARD_PIN_SIGN] = bytes_text(wish->pins.sign);
    if (making->rules->has_auth_pin)
        ret[CARD_PIN_AUTH] = bytes_text(wish->pins.auth);
    if (making->rules->is_phone)
        return;
    if (making->rules->has_auth_pin) {
        ret[CARD_PIN_TEXT] = bytes_text(wish->pins.text);
        ret[CARD_PIN_COMMON] = bytes_text(wish->pins.juki);
        ret[CARD_PIN_JUKI] = bytes_text(wish->pins.juki);
    }
    ret[CARD_PIN_TEXT_A] = wish->holder.mynumber;
    ret[CARD_PIN_VISUAL_A] = wish->holder.mynumber;
    ret[CARD_PIN_TEXT_B] = bytes_text(making->code_b);
    ret[CARD_PIN_VISUAL_B] = bytes_text(making->code_b);
    ret[CARD_PIN_BIRTH] = bytes_text(making->code_birth);
}

/* Before anything is made: whether the chosen PINs are some. The codes follow from the holder. */
static int check_pins(const struct making *making, struct err *err)
{
    static const struct {
        const char *member;
        enum card_pin pin;
    } rows[] = {
        {"pins.auth", CARD_PIN_AUTH},
        {"pins.sign", CARD_PIN_SIGN},
        {"pins.text", CARD_PIN_TEXT},
        {"pins.juki", CARD_PIN_JUKI},
    };
    struct bytes pins[CARD_PINS_] = {{NULL, 0}};

    set_pins(making, pins);
    if (making->rules->has_auth_pin && pins[CARD_PIN_AUTH].len == 0)
        return FAIL(err, ERR_INPUT, "pins.auth is missing: a card of the kind %s has one",
                    making->rules->name);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        TRY(err_prefix(err, card_check_pin(rows[i].pin, pins[rows[i].pin], err), "%s",
                       rows[i].member));
    return 0;
}

static int read_photo(const struct wish *wish, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf png = BUF_INIT;

    TRY(err_prefix(err, file_read(wish->photo, CARDDATA_PNG_MAX, &png, err), "photo"));
    return err_prefix(err, image_photo_from_png(buf_bytes(&png), ret, err), "photo");
}

/* Whoever brings no photo has a drawn one, by the name the same each time. */
static int make_photo(struct making *making, struct err *err)
{
    const struct wish *wish = making->order->wish;

    if (!wish->has_photo || making->kind == CARD_UNDER1)
        return 0;
    if (wish->photo != NULL)
        return read_photo(wish, &making->photo, err);
    return image_photo_draw(making->font, wish->holder.name, &making->photo, err);
}

/* Everything that can fail for what was wished. */
static int prepare(struct making *making, struct err *err)
{
    const struct wish *wish = making->order->wish;
    const char *kind = making->order->kind != NULL ? making->order->kind : wish->kind;

    TRY(err_prefix(err, card_kind_named(kind, &making->kind, err), "kind"));
    making->rules = card_kind_rules(making->kind);
    making->has_sign = making->rules->has_sign && wish->pins.sign != NULL;
    if (making->has_sign && wish->is_too_young)
        return FAIL(err, ERR_INPUT,
                    "kind: the holder is too young for a sign certificate, and so for a card of "
                    "the kind %s with pins.sign",
                    making->rules->name);
    TRY(cardholder_code_b(&wish->holder, making->code_b, err));
    TRY(cardholder_code_birth(&wish->holder, making->code_birth, err));
    TRY(check_pins(making, err));
    if (making->rules->is_phone)
        return 0;
    TRY(font_open(NULL, &making->font, err));
    return make_photo(making, err);
}

static int sign(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                struct bytes tbs, struct buf *ret_signature, struct err *err)
{
    static const enum ownca_key keys[] = {
        [CARDDATA_TEXT] = OWNCA_TEXT_DATA,
        [CARDDATA_VISUAL] = OWNCA_VISUAL_DATA,
    };
    const struct making *making = context;
    CLEANUP(buf_done) struct buf padded = BUF_INIT;

    TRY(carddata_digestinfo(kind, tbs, &padded, err));
    return ownca_sign(making->ca, keys[applet], buf_bytes(&padded), ret_signature, err);
}

static const struct {
    enum ownca_key root, data;
    enum card_key card;
} applet_keys[] = {
    [CARDDATA_TEXT] = {OWNCA_TEXT_ROOT, OWNCA_TEXT_DATA, CARD_KEY_TEXT},
    [CARDDATA_VISUAL] = {OWNCA_VISUAL_ROOT, OWNCA_VISUAL_DATA, CARD_KEY_VISUAL},
};

/* The same keys give the same certificate each time, so that none has to be kept. */
static int make_cvc(struct making *making, enum carddata_applet applet, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf padded = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(ownca_spki(making->ca, applet_keys[applet].data, &spki, err));
    TRY(cvc_build_body(cvc_root_id(applet), cvc_subject_id(applet), buf_bytes(&spki), &body, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&body), &digest, err));
    TRY(digestinfo_build(&digest, &padded, err));
    TRY(ownca_sign(making->ca, applet_keys[applet].root, buf_bytes(&padded), &signature, err));
    return cvc_assemble(buf_bytes(&body), buf_bytes(&signature), &making->cvcs[applet], err);
}

static int make_files(struct making *making, const struct card *card, struct err *err)
{
    CLEANUP(buf_done) struct buf text_key = BUF_INIT;
    CLEANUP(buf_done) struct buf visual_key = BUF_INIT;
    struct cardholder holder = making->order->wish->holder;
    struct carddata_issue issue = {
        .holder = &holder, .font = making->font, .sign = sign, .context = making};

    if (making->rules->is_phone)
        return 0;
    for (unsigned i = 0; i < CARDDATA_APPLETS_; i++)
        TRY(make_cvc(making, (enum carddata_applet)i, err));
    TRY(card_spki(card, CARD_KEY_TEXT, &text_key, err));
    TRY(card_spki(card, CARD_KEY_VISUAL, &visual_key, err));
    holder.photo = buf_bytes(&making->photo);
    issue.text_key = buf_bytes(&text_key);
    issue.visual_key = buf_bytes(&visual_key);
    issue.text_cvc = buf_bytes(&making->cvcs[CARDDATA_TEXT]);
    issue.visual_cvc = buf_bytes(&making->cvcs[CARDDATA_VISUAL]);
    return carddata_build(&issue, &making->files, err);
}

/* What is on a phone has profiles, and so policies, of its own (pki.md 1.5). */
static enum profile_kind profile_for(const struct making *making, bool is_sign)
{
    if (making->rules->is_phone)
        return is_sign ? PROFILE_PHONE_SIGN : PROFILE_PHONE_AUTH;
    return is_sign ? PROFILE_SIGN : PROFILE_AUTH;
}

static int issue(struct making *making, const struct card *card, enum card_key key,
                 const char *common_name, struct err *err)
{
    const struct wish *wish = making->order->wish;
    bool is_sign = key == CARD_KEY_SIGN;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs = {
        .not_before = making->order->now,
        .not_after = wish->not_after,
        .common_name = common_name,
        .prefecture = wish->prefecture,
        .municipality = is_sign ? wish->municipality : NULL,
        .holder = is_sign ? &wish->certified : NULL,
    };

    TRY(card_spki(card, key, &spki, err));
    inputs.spki = buf_bytes(&spki);
    return ownca_issue(making->ca, profile_for(making, is_sign), &inputs,
                       &making->certificates[key], err);
}

static int issue_all(struct making *making, const struct card *card, struct err *err)
{
    const struct wish *wish = making->order->wish;
    char sign_name[COMMON_NAME_SIGN_LEN + 1];
    char auth_name[COMMON_NAME_AUTH_LEN + 1];
    uint64_t opaque;

    TRY(rand_fill(&opaque, sizeof opaque, err));
    TRY(common_name_auth(opaque, wish->window, auth_name, err));
    TRY(issue(making, card, CARD_KEY_AUTH, auth_name, err));
    if (!making->has_sign)
        return 0;
    TRY(common_name_sign(making->order->now, (unsigned)(opaque % 100000), wish->window, sign_name,
                         err));
    return issue(making, card, CARD_KEY_SIGN, sign_name, err);
}

static int personalise(const struct making *making, struct card *card, struct err *err)
{
    struct card_personalisation with = {
        .kind = making->kind,
        .token = {NULL, "OpenJPKI TEST", "SOFTCARD", NULL},
    };

    with.files[CARD_AUTH_CERT] = buf_bytes(&making->certificates[CARD_KEY_AUTH]);
    with.files[CARD_SIGN_CERT] = buf_bytes(&making->certificates[CARD_KEY_SIGN]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(ownca_certificate(making->ca, PROFILE_AUTH));
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(ownca_certificate(making->ca, PROFILE_SIGN));
    for (size_t i = 0; i < making->files.count; i++) {
        const struct carddata_file *file = &making->files.list[i];
        const struct node *node = card_data_named(file->applet, file->fid);

        if (node == NULL)
            return FAIL(err, ERR_USAGE, "the card has no file %s %04X", file->applet, file->fid);
        with.files[node->index] = buf_bytes(&file->contents);
    }
    set_pins(making, with.pins);
    return card_personalise(card, &with, err);
}

static int fill(struct making *making, struct err *err)
{
    CLEANUP(card_freep) struct card *card = NULL;

    TRY(store_open(making->order->paths, &card, err));
    making->order->progress(tr("Making the card's keys..."));
    TRY(card_make_keys(card, making->kind, making->has_sign, err));
    TRY(issue_all(making, card, err));
    TRY(make_files(making, card, err));
    return personalise(making, card, err);
}

static int write_ca(const struct ownca *ca, enum profile_kind kind, const char *path,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    TRY(x509_cert_append_pem(&pem, ownca_certificate(ca, kind), err));
    return file_replace(path, 0644, buf_bytes(&pem), err);
}

static int write_root(const struct ownca *ca, const char *dir, enum carddata_applet applet,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    const char *digits;

    TRY(ownca_spki(ca, applet_keys[applet].root, &spki, err));
    TRY(pem_append(&pem, "PUBLIC KEY", buf_bytes(&spki), err));
    TRY(hex_append(&id, cvc_root_id(applet), err));
    TRY(buf_text(&id, &digits, err));
    TRY(path_format(&path, err, "%s/card-anchors/cv-%s.pem", dir, digits));
    return file_replace(path, 0644, buf_bytes(&pem), err);
}

/* Each time: whoever removed one gets it back. */
static int write_anchors(const struct ownca *ca, const char *dir, struct err *err)
{
    CLEANUP(free_text) char *anchors = NULL;
    CLEANUP(free_text) char *card_anchors = NULL;
    CLEANUP(free_text) char *sign_ca = NULL;
    CLEANUP(free_text) char *auth_ca = NULL;

    TRY(path_format(&anchors, err, "%s/anchors", dir));
    TRY(path_format(&card_anchors, err, "%s/card-anchors", dir));
    TRY(path_format(&sign_ca, err, "%s/anchors/sign.pem", dir));
    TRY(path_format(&auth_ca, err, "%s/anchors/auth.pem", dir));
    TRY(dir_make(anchors, 0755, err));
    TRY(dir_make(card_anchors, 0755, err));
    TRY(write_ca(ca, PROFILE_SIGN, sign_ca, err));
    TRY(write_ca(ca, PROFILE_AUTH, auth_ca, err));
    for (unsigned i = 0; i < CARDDATA_APPLETS_; i++)
        TRY(write_root(ca, dir, (enum carddata_applet)i, err));
    return 0;
}

/* A CA certifies keys of its own kind, so that the card's decide what a new one has. */
static enum key_kind kind_of_keys(const struct own_ca_order *order)
{
    return card_option(&order->blank->options, OPTION_ALGORITHM) == ALGORITHM_P384 ? KEY_P384
                                                                                   : KEY_RSA;
}

static int open_ca(struct making *making, struct err *err)
{
    const struct own_ca_order *order = making->order;

    if (!ownca_exists(order->dir))
        order->progress(tr("Making the keys of the CA, once..."));
    TRY(ownca_open(order->dir, kind_of_keys(order), order->now, &making->ca, err));
    return write_anchors(making->ca, order->dir, err);
}

int own_ca_make(const struct own_ca_order *order, struct err *err)
{
    CLEANUP(making_done) struct making making = {.order = order};
    bool had_key = store_has_key(order->paths);
    int rc;

    TRY(prepare(&making, err));
    TRY(open_ca(&making, err));
    TRY(store_make_from(order->paths, order->blank, err));
    rc = fill(&making, err);
    if (rc < 0)
        store_remove(order->paths, !had_key);
    return rc;
}
