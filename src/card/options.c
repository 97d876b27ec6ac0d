/* SPDX-License-Identifier: Apache-2.0 */
#include "card/options.h"

#include "base/i18n.h"
#include "card/limits.h"

#include <stdio.h>
#include <string.h>

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

const struct card_option_row card_option_rows[CARD_OPTIONS_] = {
    /* card.md 4.4: three sources measured 6984; OpenSC and others also expect 6983. */
    [OPTION_BLOCKED_VERIFY] = {"blocked-verify", WORDS("6984", "6983"), 0, 0, 0,
                               N_("answer to a PIN when it is blocked")},
    /* realclients.md 2: with anything but 63C0 OpenSC does without the card. */
    [OPTION_BLOCKED_QUERY] = {"blocked-query", WORDS("63c0", "6983", "6984"), 0, 0, 0,
                              N_("answer to VERIFY without a PIN when it is blocked")},
    /* card.md 4.5: measured; ISO 7816-4, 11.6.6 allows the other. */
    [OPTION_QUERY_WHEN_VERIFIED] = {"query-when-verified", WORDS("63cx", "9000"), 0, 0, 0,
                                    N_("answer to VERIFY without a PIN while it is verified")},
    /* card.md 4.5: one source; OpenSC's logout relies on the other. */
    [OPTION_RESELECT] = {"reselect", WORDS("keeps-pins", "clears-pins"), 0, 0, 0,
                         N_("what SELECT of the selected applet does to verified PINs")},
    /* card.md 12 */
    [OPTION_OTHER_PIN] = {"other-pin", WORDS("keeps", "drops"), 0, 0, 0,
                          N_("what SELECT of another PIN does to a verified one")},
    /* card.md 4.2: no client sees a need to verify again. */
    [OPTION_SIGN_PIN] = {"sign-pin", WORDS("lasts", "once"), 0, 0, 0,
                         N_("for how many signatures the sign password is verified")},
    /* card.md 4.3: three sources for 6B00; myna's own card gives empty answers. */
    [OPTION_READ_PAST_END] = {"read-past-end", WORDS("6b00", "empty"), 0, 0, 0,
                              N_("answer to READ BINARY behind the end of a file")},
    /* card.md 3.1: one dump has filler. */
    [OPTION_CA_FILLER] = {"ca-filler", WORDS("yes", "no"), 0, 0, 0,
                          N_("whether files of CA certificates go on behind the certificate")},
    /* card.md 2, notes: nobody knows the contents of a real one. */
    [OPTION_FCI] = {"fci", WORDS("none", "template"), 0, 0, 0,
                    N_("answer data of SELECT with P2=00")},
    /* card.md 5: OpenSC refuses a card on which SELECT 001B fails. */
    [OPTION_MISSING_SIGN_CERTIFICATE] = {"missing-sign-certificate", WORDS("pin-stays", "no-pin"),
                                         0, 0, 0,
                                         N_("whether the sign password exists without its "
                                            "certificate")},
    /* card.md 12; the official description has attributes and signature behind code B. */
    [OPTION_TEXT_0003_BY_B] = {"text-0003-by-b", WORDS("yes", "no"), 0, 0, 0,
                               N_("whether check code B opens the signature over number and "
                                  "attributes")},
    [OPTION_BIRTH_TRIES] = {"birth-tries", NULL, 1, CARD_BIRTH_TRIES_MAX, CARD_BIRTH_TRIES_MAX,
                            N_("how often in a row a birth date may be wrong")},
    [OPTION_CHANGE_WITHOUT_VERIFY] = {"change-without-verify", WORDS("6982", "6985"), 0, 0, 0,
                                      N_("answer to a new PIN before the old one is verified")},
    /* card.md 5: what the card itself checks is unknown. */
    [OPTION_PIN_POLICY] = {"pin-policy", WORDS("any", "enforced"), 0, 0, 0,
                           N_("whether the card refuses new PINs that break the rules")},
    /* card.md 1: seen on one card. */
    [OPTION_FIRST_COMMAND] = {"first-command", WORDS("ok", "6f00"), 0, 0, 0,
                              N_("answer to the first command after power on")},
    [OPTION_PSS_SALT] = {"pss-salt", NULL, 0, CARD_PSS_SALT_MAX, 32,
                         N_("bytes of salt in PSS signatures")},
    /* card.md 3.7: some cards. */
    [OPTION_GET_DATA_5F51] = {"get-data-5f51", WORDS("always", "in-application"), 0, 0, 0,
                              N_("when GET DATA gives the answer to reset")},
    /* card.md 6.3 */
    [OPTION_ALGORITHM] = {"algorithm", WORDS("rsa2048", "p384"), 0, 0, 0,
                          N_("which keys the card makes")},
};

unsigned card_option(const struct card_options *options, enum card_option option)
{
    unsigned chosen = options->chosen[option];

    if (card_option_rows[option].words != NULL)
        return chosen;
    return chosen == 0 ? card_option_rows[option].usual : chosen - 1;
}

static bool is_text(struct bytes bytes, const char *text)
{
    return bytes_equal(bytes, bytes_text(text));
}

/* Everything up to the first of that byte, which is taken off *rest with it. */
static struct bytes split(struct bytes *rest, char at)
{
    size_t len = 0;
    struct bytes part;

    while (len < rest->len && rest->ptr[len] != (uint8_t)at)
        len++;
    part = bytes_part(*rest, 0, len);
    *rest = bytes_part(*rest, len + 1, rest->len);
    return part;
}

/* Digits, no more than needed for the largest there is. */
static bool number_of(struct bytes text, unsigned *ret)
{
    unsigned number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + text.ptr[i] - '0';
    }
    *ret = number;
    return text.len >= 1 && text.len <= 3 && (text.len == 1 || text.ptr[0] != '0');
}

/* *ret as in struct card_options. */
static bool choose(const struct card_option_row *row, struct bytes text, unsigned *ret)
{
    unsigned number;

    for (unsigned i = 0; row->words != NULL && row->words[i] != NULL; i++) {
        if (is_text(text, row->words[i])) {
            *ret = i;
            return true;
        }
    }
    if (row->words != NULL || !number_of(text, &number) || number < row->least ||
        number > row->most)
        return false;
    *ret = number == row->usual ? 0 : number + 1;
    return true;
}

static int fail_value(const struct card_option_row *row, struct err *err)
{
    CLEANUP(buf_done) struct buf values = BUF_INIT;
    const char *text;

    if (row->words == NULL)
        return FAIL(err, ERR_INPUT, "the option %s has a value of %u to %u", row->name, row->least,
                    row->most);
    for (size_t i = 0; row->words[i] != NULL; i++)
        TRY(buf_append_format(&values, err, "%s%s", i == 0 ? "" : ", ", row->words[i]));
    TRY(buf_text(&values, &text, err));
    return FAIL(err, ERR_INPUT, "the option %s has one of the values %s", row->name, text);
}

/* In a text of its own, because catalogues know no "%.*s". */
static int fail_name(struct bytes name, struct err *err)
{
    char text[CARD_NAME_MAX + 1];

    (void)snprintf(text, sizeof text, "%.*s",
                   (int)(name.len < CARD_NAME_MAX ? name.len : CARD_NAME_MAX),
                   (const char *)name.ptr);
    return FAIL(err, ERR_INPUT, "a card has no option \"%s\"; see jpki-softcard(1)", text);
}

static int parse_one(struct bytes text, struct card_options *options, struct err *err)
{
    struct bytes value = text;
    struct bytes name = split(&value, '=');

    for (unsigned i = 0; i < CARD_OPTIONS_; i++) {
        const struct card_option_row *row = &card_option_rows[i];

        if (is_text(name, row->name))
            return choose(row, value, &options->chosen[i]) ? 0 : fail_value(row, err);
    }
    return fail_name(name, err);
}

int card_options_parse(struct bytes text, struct card_options *options, struct err *err)
{
    struct card_options next = *options;

    do {
        TRY(parse_one(split(&text, ','), &next, err));
    } while (text.len > 0);
    *options = next;
    return 0;
}

int card_options_append(const struct card_options *options, struct buf *ret, struct err *err)
{
    bool is_first = true;

    for (unsigned i = 0; i < CARD_OPTIONS_; i++) {
        const struct card_option_row *row = &card_option_rows[i];
        unsigned chosen = options->chosen[i];

        if (chosen == 0)
            continue;
        TRY(buf_append_format(ret, err, "%s%s=", is_first ? "" : ",", row->name));
        TRY(row->words == NULL ? buf_append_format(ret, err, "%u", chosen - 1)
                               : buf_append_text(ret, row->words[chosen], err));
        is_first = false;
    }
    return 0;
}
