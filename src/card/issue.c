/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each act builds the next image beside the current one, has it stored, and only then takes it, so
 * that a failure at any point leaves card and file as they were.
 */
#include "card/issue.h"

#include "card/issue_checks.h"
#include "card/keygen.h"
#include "card/state.h"
#include "card/status.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/name.h"

static int check_blank(const struct card *card, struct err *err)
{
    TRY(card_check_alive(card, err));
    if (image_is_personalised(&card->image))
        return FAIL(err, ERR_CONFLICT, "the card is personalised already");
    return 0;
}

/* Where in an image a key that is made now belongs. */
static int place_of(const struct card *card, enum card_key which, struct image *image,
                    struct privkey ***ret, struct err *err)
{
    if (!image_is_personalised(&card->image)) {
        *ret = &image->keys[which];
        return 0;
    }
    if (!image_key_is_replaceable(which))
        return FAIL(
            err, ERR_CONFLICT,
            "the card is personalised already: only its sign and auth keys can be replaced");
    if (which == CARD_KEY_SIGN && image->data[CARD_SIGN_CERT].len == 0)
        return FAIL(err, ERR_CONFLICT, "the card has no sign certificate that could be replaced");
    *ret = &image->new_keys[which];
    return 0;
}

/* The applets besides JPKI have room for RSA keys only (card.md 3.2). */
static enum key_kind kind_of(const struct card *card, enum card_key which)
{
    bool is_of_jpki = which == CARD_KEY_SIGN || which == CARD_KEY_AUTH;

    return is_of_jpki && state_option(card, OPTION_ALGORITHM) == ALGORITHM_P384 ? KEY_P384
                                                                                : KEY_RSA;
}

int card_make_key(struct card *card, enum card_key which, struct buf *ret_spki, struct err *err)
{
    CLEANUP(privkey_freep) struct privkey *made = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct image next = card->image;
    struct privkey **place;
    struct privkey *old;
    enum key_kind kind;

    TRY(card_check_alive(card, err));
    TRY(place_of(card, which, &next, &place, err));
    old = *place;
    kind = kind_of(card, which);
    TRY(keygen(&kind, &made, 1, err));
    TRY(privkey_spki(made, &spki, err));
    *place = made;
    TRY(card->storage->save_image(card->storage, &next, err));
    privkey_free(old);
    card->image = next;
    made = NULL;
    buf_move(ret_spki, &spki);
    return 0;
}

/* Which keys a card of this kind has; how many. */
static size_t keys_of(enum card_kind kind, bool with_sign, enum card_key ret[CARD_KEYS_])
{
    bool is_phone = card_kind_rules(kind)->is_phone;
    size_t count = 0;

    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        bool is_there = i == CARD_KEY_AUTH || (i == CARD_KEY_SIGN ? with_sign : !is_phone);

        if (is_there)
            ret[count++] = (enum card_key)i;
    }
    return count;
}

int card_make_keys(struct card *card, enum card_kind kind, bool with_sign, struct err *err)
{
    struct privkey *made[CARD_KEYS_] = {NULL};
    struct image next = card->image;
    enum card_key which[CARD_KEYS_];
    enum key_kind kinds[CARD_KEYS_];
    size_t count = keys_of(kind, with_sign, which);
    int rc;

    TRY(check_blank(card, err));
    for (size_t i = 0; i < count; i++)
        kinds[i] = kind_of(card, which[i]);
    TRY(keygen(kinds, made, count, err));
    for (size_t i = 0; i < count; i++)
        next.keys[which[i]] = made[i];
    rc = card->storage->save_image(card->storage, &next, err);
    for (size_t i = 0; i < count; i++)
        privkey_free(rc == 0 ? card->image.keys[which[i]] : made[i]);
    if (rc == 0)
        card->image = next;
    return rc;
}

int card_spki(const struct card *card, enum card_key which, struct buf *ret, struct err *err)
{
    if (card->image.keys[which] == NULL)
        return FAIL(err, ERR_ABSENT, "the card has no %s key yet", card_key_name(which));
    return privkey_spki(card->image.keys[which], ret, err);
}

/* The authority takes names from the register, so this one only says which card asks. */
static int request_subject(const struct card *card, struct buf *ret, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, "OpenJPKI TEST"},
        {OID_COMMON_NAME, DER_UTF8_STRING, card->image.serial},
    };

    return name_build(rows, sizeof rows / sizeof rows[0], ret, err);
}

int card_request(const struct card *card, enum card_key which, struct buf *ret, struct err *err)
{
    bool is_new = card->image.new_keys[which] != NULL;
    const struct privkey *key = is_new ? card->image.new_keys[which] : card->image.keys[which];
    CLEANUP(buf_done) struct buf subject = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    if (key == NULL)
        return FAIL(err, ERR_ABSENT, "the card has no %s key yet", card_key_name(which));
    TRY(request_subject(card, &subject, err));
    TRY(privkey_spki(key, &spki, err));
    TRY(csr_build_info(buf_bytes(&subject), buf_bytes(&spki), &info, err));
    TRY(digest_compute(key_kind_digest(privkey_kind(key)), buf_bytes(&info), &digest, err));
    TRY(privkey_sign(key, &digest, &signature, err));
    return csr_assemble(buf_bytes(&info), privkey_kind(key), buf_bytes(&signature), ret, err);
}

int card_check_pin(enum card_pin pin, struct bytes given, struct err *err)
{
    const struct pin_form *form = card_node(NODE_PIN, pin)->form;

    if (given.len == 0)
        return 0;
    if (form == NULL)
        return FAIL(err, ERR_INPUT, "the PIN \"%s\" is never set", card_pin_name(pin));
    if (!form->accepts(given))
        return FAIL(err, ERR_INPUT, "the PIN \"%s\" must be %s", card_pin_name(pin), form->rule);
    return 0;
}

static bool is_of_jpki(enum node_kind storage, unsigned index)
{
    return card_node_applet(storage, index) == &applet_jpki;
}

/* A telephone has the JPKI applet only (card.md 7). */
static int check_phone(const struct card_personalisation *with, struct err *err)
{
    bool has_more = false;

    for (unsigned i = 0; i < CARD_DATA_; i++)
        has_more = has_more || (with->files[i].len > 0 && !is_of_jpki(NODE_DATA, i));
    for (unsigned i = 0; i < CARD_PINS_; i++)
        has_more = has_more || (with->pins[i].len > 0 && !is_of_jpki(NODE_PIN, i));
    if (has_more)
        return FAIL(err, ERR_INPUT, "a telephone has nothing besides the JPKI applet");
    return 0;
}

static int check_kind(const struct card_personalisation *with, struct err *err)
{
    const struct card_kind_rules *rules = card_kind_rules(with->kind);

    if (!rules->has_sign && with->files[CARD_SIGN_CERT].len > 0)
        return FAIL(err, ERR_INPUT, "a card of the kind %s has no sign certificate", rules->name);
    if (rules->has_auth_pin && with->pins[CARD_PIN_AUTH].len == 0)
        return FAIL(err, ERR_INPUT, "a card of the kind %s has an auth PIN", rules->name);
    if (!rules->has_auth_pin && with->pins[CARD_PIN_AUTH].len > 0)
        return FAIL(err, ERR_INPUT, "a card of the kind %s has no auth PIN", rules->name);
    return rules->is_phone ? check_phone(with, err) : 0;
}

/* Of a card without a sign certificate. */
static int check_sign_ca(struct bytes der, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;

    return x509_cert_parse(der, &ca, err);
}

static int check_sign(const struct card *card, const struct card_personalisation *with,
                      struct err *err)
{
    bool has_cert = with->files[CARD_SIGN_CERT].len > 0;

    if (has_cert != (with->pins[CARD_PIN_SIGN].len > 0))
        return FAIL(err, ERR_INPUT, "a sign password and a sign certificate go together");
    if (has_cert)
        return card_check_certificate("sign", card->image.keys[CARD_KEY_SIGN],
                                      with->files[CARD_SIGN_CERT], with->files[CARD_SIGN_CA_CERT],
                                      err);
    return err_prefix(err, check_sign_ca(with->files[CARD_SIGN_CA_CERT], err),
                      "sign CA certificate");
}

static int check(const struct card *card, const struct card_personalisation *with, struct err *err)
{
    TRY(check_blank(card, err));
    if (with->files[CARD_TOKEN].len > 0 || with->files[CARD_PRESENCE].len > 0)
        return FAIL(err, ERR_USAGE, "the card makes its token information itself");
    TRY(check_kind(with, err));
    for (unsigned i = 0; i < CARD_PINS_; i++)
        TRY(card_check_pin((enum card_pin)i, with->pins[i], err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        TRY(card_check_file((enum card_data)i, with->files[i], err));
    TRY(card_check_certificate("auth", card->image.keys[CARD_KEY_AUTH], with->files[CARD_AUTH_CERT],
                               with->files[CARD_AUTH_CA_CERT], err));
    return check_sign(card, with, err);
}

static int put_token(struct image *next, const struct card_personalisation *with, struct err *err)
{
    struct token_info info = with->token;
    uint8_t token[TOKEN_SIZE];
    uint8_t presence[PRESENCE_SIZE];

    if (info.serial == NULL)
        info.serial = next->serial;
    if (info.label == NULL)
        info.label = card_kind_rules(with->kind)->label;
    TRY(token_build(&info, token, err));
    presence_build(with->files[CARD_SIGN_CERT].len > 0, true, presence);
    TRY(buf_append(&next->data[CARD_TOKEN], BYTES_ARRAY(token), err));
    return buf_append(&next->data[CARD_PRESENCE], BYTES_ARRAY(presence), err);
}

/* Files and PINs into *next; the caller releases its data on failure. */
static int fill(struct image *next, const struct card_personalisation *with, struct err *err)
{
    next->kind = with->kind;
    TRY(put_token(next, with, err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        TRY(buf_append(&next->data[i], with->files[i], err));
    for (unsigned i = 0; i < CARD_PINS_; i++) {
        if (with->pins[i].len > 0)
            TRY(pin_verifier_make(with->pins[i], &next->pins[i], err));
    }
    return 0;
}

int card_personalise(struct card *card, const struct card_personalisation *with, struct err *err)
{
    struct image next;
    int rc;

    TRY(check(card, with, err));
    next = card->image; /* blank, so its data buffers are empty and its keys are shared */
    rc = fill(&next, with, err);
    if (rc == 0)
        rc = card->storage->save_image(card->storage, &next, err);
    if (rc < 0) {
        for (int i = 0; i < CARD_DATA_; i++)
            buf_done(&next.data[i]);
        return rc;
    }
    card->image = next;
    return 0;
}

int card_put_issuer_keys(struct card *card, const struct gp_keys *keys, struct err *err)
{
    struct image next = card->image;
    int rc;

    TRY(card_check_alive(card, err));
    next.issuer = (struct gp_keys){.version = 0};
    TRY(gp_keys_copy(keys, &next.issuer, err));
    rc = card->storage->save_image(card->storage, &next, err);
    if (rc < 0) {
        gp_keys_done(&next.issuer);
        return rc;
    }
    gp_keys_done(&card->image.issuer);
    card->image = next;
    card_reset(card); /* a channel under the old keys is none any more */
    return 0;
}
