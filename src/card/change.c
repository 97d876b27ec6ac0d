/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As in issue.c the next image is built beside the current one and taken when it is stored. The two
 * share what does not change, so each release is of what only one of them has.
 */
#include "card/change.h"

#include "card/issue.h"
#include "card/issue_checks.h"
#include "card/state.h"
#include "card/status.h"

/* A key of the holder's with the files that belong to it. */
static const struct pair {
    enum card_key key;
    enum card_data cert, ca;
} pairs[] = {
    {CARD_KEY_SIGN, CARD_SIGN_CERT, CARD_SIGN_CA_CERT},
    {CARD_KEY_AUTH, CARD_AUTH_CERT, CARD_AUTH_CA_CERT},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static int check_somebodys(const struct card *card, struct err *err)
{
    TRY(card_check_alive(card, err));
    if (!image_is_personalised(&card->image))
        return FAIL(err, ERR_CONFLICT, "the card is nobody's yet");
    return 0;
}

static void release_files(struct image *of, const struct image *but)
{
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        if (of->data[i].ptr != but->data[i].ptr)
            buf_done(&of->data[i]);
    }
}

/* Have *next stored and taken; it is used up either way. */
static int take(struct card *card, struct image *next, struct err *err)
{
    int rc = card->storage->save_image(card->storage, next, err);

    if (rc < 0) {
        release_files(next, &card->image);
        return rc;
    }
    release_files(&card->image, next);
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        if (card->image.keys[i] != next->keys[i])
            privkey_free(card->image.keys[i]);
    }
    card->image = *next;
    card_reset(card);
    return 0;
}

static bool is_certificate(unsigned file)
{
    return card_certificate_name((enum card_data)file) != NULL;
}

static int check_pair(const struct card *card, const struct pair *pair, const struct bytes *with,
                      struct err *err)
{
    const struct privkey *key = card->image.new_keys[pair->key];
    struct bytes ca = with[pair->ca].len > 0 ? with[pair->ca]
                                             : buf_bytes(&card->image.data[pair->ca]);

    if (key == NULL)
        return FAIL(err, ERR_CONFLICT, "no new %s key was made on the card",
                    card_key_name(pair->key));
    return card_check_certificate(card_key_name(pair->key), key, with[pair->cert], ca, err);
}

static int check_certificates(const struct card *card, const struct bytes *with, struct err *err)
{
    unsigned count = 0;

    TRY(check_somebodys(card, err));
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        if (with[i].len > 0 && !is_certificate(i))
            return FAIL(err, ERR_INPUT, "file %04X is no certificate",
                        card_node(NODE_DATA, i)->fid);
        TRY(card_check_file((enum card_data)i, with[i], err));
    }
    for (size_t i = 0; i < PAIRS; i++) {
        if (with[pairs[i].cert].len == 0 && with[pairs[i].ca].len > 0)
            return FAIL(err, ERR_INPUT, "a CA's certificate comes with one that it issued");
        if (with[pairs[i].cert].len == 0)
            continue;
        TRY(check_pair(card, &pairs[i], with, err));
        count++;
    }
    return count > 0 ? 0 : FAIL(err, ERR_INPUT, "there is neither a sign nor an auth certificate");
}

/* Files into *next; the caller releases them on failure. */
static int put_files(struct image *next, const struct bytes files[CARD_DATA_], struct err *err)
{
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        if (files[i].len == 0)
            continue;
        next->data[i] = (struct buf)BUF_INIT;
        TRY(buf_copy(files[i], &next->data[i], err));
    }
    return 0;
}

int card_recertify(struct card *card, const struct bytes with[CARD_DATA_], struct err *err)
{
    struct image next = card->image;
    int rc;

    TRY(check_certificates(card, with, err));
    rc = put_files(&next, with, err);
    if (rc < 0) {
        release_files(&next, &card->image);
        return rc;
    }
    for (size_t i = 0; i < PAIRS; i++) {
        enum card_key key = pairs[i].key;

        if (with[pairs[i].cert].len == 0)
            continue;
        next.keys[key] = next.new_keys[key];
        next.new_keys[key] = NULL;
    }
    return take(card, &next, err);
}

/* Codes that are printed, or follow from what is (card.md 3.4). */
static bool is_code(unsigned pin)
{
    return (CARD_PIN_BIT(pin) & (CARD_PIN_BIT(CARD_PIN_TEXT_A) | CARD_PIN_BIT(CARD_PIN_TEXT_B) |
                                 CARD_PIN_BIT(CARD_PIN_VISUAL_A) | CARD_PIN_BIT(CARD_PIN_VISUAL_B) |
                                 CARD_PIN_BIT(CARD_PIN_BIRTH))) != 0;
}

static int check_rewritten_file(const struct card *card, unsigned file, struct bytes contents,
                                struct err *err)
{
    const struct node *node = card_node(NODE_DATA, file);

    if (contents.len == 0)
        return 0;
    if (card_node_applet(NODE_DATA, file) == &applet_jpki)
        return FAIL(err, ERR_INPUT, "file %04X of the JPKI applet is not written like this",
                    node->fid);
    if (card->image.data[file].len == 0)
        return FAIL(err, ERR_ABSENT, "the card has no file %s/%04X",
                    card_node_applet(NODE_DATA, file)->name, node->fid);
    return card_check_file((enum card_data)file, contents, err);
}

static int check_rewritten_pin(const struct card *card, unsigned pin, struct bytes value,
                               struct err *err)
{
    if (value.len == 0)
        return 0;
    if (!is_code(pin))
        return FAIL(err, ERR_INPUT, "the PIN \"%s\" is its holder's to choose",
                    card_pin_name((enum card_pin)pin));
    if (!card->image.pins[pin].is_set)
        return FAIL(err, ERR_ABSENT, "the card has no PIN \"%s\"",
                    card_pin_name((enum card_pin)pin));
    return card_check_pin((enum card_pin)pin, value, err);
}

static int check_rewriting(const struct card *card, const struct card_rewriting *with,
                           struct err *err)
{
    TRY(check_somebodys(card, err));
    for (unsigned i = 0; i < CARD_DATA_; i++)
        TRY(check_rewritten_file(card, i, with->files[i], err));
    for (unsigned i = 0; i < CARD_PINS_; i++)
        TRY(check_rewritten_pin(card, i, with->pins[i], err));
    return 0;
}

static int fill(struct image *next, const struct card_rewriting *with, struct err *err)
{
    TRY(put_files(next, with->files, err));
    for (unsigned i = 0; i < CARD_PINS_; i++) {
        if (with->pins[i].len > 0)
            TRY(pin_verifier_make(with->pins[i], &next->pins[i], err));
    }
    return 0;
}

int card_rewrite(struct card *card, const struct card_rewriting *with, struct err *err)
{
    struct image next = card->image;
    int rc;

    TRY(check_rewriting(card, with, err));
    rc = fill(&next, with, err);
    if (rc < 0) {
        release_files(&next, &card->image);
        return rc;
    }
    return take(card, &next, err);
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

    TRY(card_check_alive(card, err));
    TRY(renew(&next, pins, value, &count, err));
    if (count == 0)
        return FAIL(err, ERR_ABSENT, "the card has no such PIN");
    TRY(card->storage->save_image(card->storage, &next, err));
    card->image = next; /* nothing in it but the PINs is another */
    card_reset(card);
    return restore_tries(card, pins, err);
}
