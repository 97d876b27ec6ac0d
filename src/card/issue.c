/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each act builds the next image beside the current one, has it stored, and only then takes it, so
 * that a failure at any point leaves card and file as they were.
 */
#include "card/issue.h"

#include "card/keygen.h"
#include "card/record.h"
#include "card/state.h"
#include "card/status.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/name.h"

enum { KEY_BITS = 2048 };

static int check_alive(const struct card *card, struct err *err)
{
    if (card->image.is_dead)
        return FAIL(err, ERR_CONFLICT, "the card was destroyed when it was tampered with");
    return 0;
}

static int check_blank(const struct card *card, struct err *err)
{
    TRY(check_alive(card, err));
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
    if (which != CARD_KEY_SIGN)
        return FAIL(err, ERR_CONFLICT,
                    "the card is personalised already: only its sign key can be replaced");
    if (image->data[CARD_SIGN_CERT].len == 0)
        return FAIL(err, ERR_CONFLICT, "the card has no sign certificate that could be replaced");
    *ret = &image->new_sign_key;
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

    TRY(check_alive(card, err));
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
    bool is_new = which == CARD_KEY_SIGN && card->image.new_sign_key != NULL;
    const struct privkey *key = is_new ? card->image.new_sign_key : card->image.keys[which];
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

/* The certificate is over this key of the card and by that CA. */
static int check_certificate(const char *name, const struct privkey *key, struct bytes cert_der,
                             struct bytes ca_der, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (key == NULL)
        return FAIL(err, ERR_CONFLICT, "the card has no %s key yet", name);
    TRY(privkey_spki(key, &spki, err));
    TRY(err_prefix(err, x509_cert_parse(cert_der, &cert, err), "%s certificate", name));
    TRY(err_prefix(err, x509_cert_parse(ca_der, &ca, err), "%s CA certificate", name));
    if (!bytes_equal(pubkey_spki(x509_cert_pubkey(cert)), buf_bytes(&spki)))
        return FAIL(err, ERR_UNTRUSTED, "the %s certificate is over another key than the card's",
                    name);
    return err_prefix(err, x509_cert_is_issued_by(cert, ca, err), "%s certificate", name);
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

/* Simple TLVs one behind the other, as READ RECORD gives them out (card.md 3.5). */
static int check_records(const struct node *node, struct bytes contents, struct err *err)
{
    struct bytes record;

    while (contents.len > 0) {
        if (!record_next(&contents, &record))
            return FAIL(err, ERR_INPUT, "file %04X does not consist of records", node->fid);
    }
    return 0;
}

static int check_file(enum card_data which, struct bytes contents, struct err *err)
{
    const struct node *node = card_node(NODE_DATA, which);

    if (contents.len > node->size)
        return FAIL(err, ERR_INPUT, "%zu bytes do not fit file %04X, which has %zu", contents.len,
                    node->fid, node->size);
    return node->kind == NODE_RECORDS ? check_records(node, contents, err) : 0;
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
        return check_certificate("sign", card->image.keys[CARD_KEY_SIGN],
                                 with->files[CARD_SIGN_CERT], with->files[CARD_SIGN_CA_CERT], err);
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
        TRY(check_file((enum card_data)i, with->files[i], err));
    TRY(check_certificate("auth", card->image.keys[CARD_KEY_AUTH], with->files[CARD_AUTH_CERT],
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

int card_recertify(struct card *card, struct bytes sign_cert, struct err *err)
{
    struct image *image = &card->image;
    struct image next = *image;
    CLEANUP(buf_done) struct buf cert = BUF_INIT;

    if (image->new_sign_key == NULL)
        return FAIL(err, ERR_CONFLICT, "no new sign key was made on the card");
    TRY(check_certificate("sign", image->new_sign_key, sign_cert,
                          buf_bytes(&image->data[CARD_SIGN_CA_CERT]), err));
    TRY(check_file(CARD_SIGN_CERT, sign_cert, err));
    TRY(buf_copy(sign_cert, &cert, err));
    next.data[CARD_SIGN_CERT] = cert;
    next.keys[CARD_KEY_SIGN] = image->new_sign_key;
    next.new_sign_key = NULL;
    TRY(card->storage->save_image(card->storage, &next, err));
    privkey_free(image->keys[CARD_KEY_SIGN]);
    buf_done(&image->data[CARD_SIGN_CERT]);
    *image = next;
    cert = (struct buf)BUF_INIT;
    card_reset(card);
    return 0;
}

int card_put_issuer_keys(struct card *card, const struct gp_keys *keys, struct err *err)
{
    struct image next = card->image;
    int rc;

    TRY(check_alive(card, err));
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

/* New verifiers into *next for those of the PINs that are set; *ret_count says how many. */
static int renew(struct image *next, uint32_t pins, struct bytes value, unsigned *ret_count,
                 struct err *err)
{
    *ret_count = 0;
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        const struct pin_form *form = card_node(NODE_PIN, pin)->form;

        if ((pins & CARD_PIN_BIT(pin)) == 0 || !next->pins[pin].is_set)
            continue;
        if (!form->accepts(value))
            return FAIL(err, ERR_INPUT, "the new value must be %s", form->rule);
        TRY(pin_verifier_make(value, &next->pins[pin], err));
        ++*ret_count;
    }
    return 0;
}

static int restore_tries(struct card *card, uint32_t pins, struct err *err)
{
    unsigned tries[CARD_PINS_];

    for (unsigned pin = 0; pin < CARD_PINS_; pin++)
        tries[pin] = (pins & CARD_PIN_BIT(pin)) != 0 && card->image.pins[pin].is_set
                         ? image_tries(&card->image, card_node(NODE_PIN, pin))
                         : card->tries[pin];
    TRY(card->storage->save_tries(card->storage, tries, err));
    for (unsigned pin = 0; pin < CARD_PINS_; pin++)
        card->tries[pin] = tries[pin];
    return 0;
}

int card_reset_pins(struct card *card, uint32_t pins, struct bytes value, struct err *err)
{
    struct image next = card->image;
    unsigned count;

    TRY(check_alive(card, err));
    TRY(renew(&next, pins, value, &count, err));
    if (count == 0)
        return FAIL(err, ERR_ABSENT, "the card has no such PIN");
    TRY(card->storage->save_image(card->storage, &next, err));
    card->image = next; /* nothing in it but the PINs is another */
    card_reset(card);
    return restore_tries(card, pins, err);
}
