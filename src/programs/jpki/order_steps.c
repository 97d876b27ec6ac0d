/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/order_steps.h"

#include "base/clock.h"
#include "base/trace.h"
#include "docsign/attributes.h"
#include "docsign/consent_xml.h"
#include "programs/jpki/files.h"
#include "programs/jpki/outside.h"

#include <string.h>

void order_done(struct order *order)
{
    remote_free(order->remote);
    buf_done(&order->document);
    buf_done(&order->head);
    buf_done(&order->text);
    icc_free(order->icc);
    signing_proof_done(&order->proof);
}

int order_at(struct order *order, const char *url, struct err *err)
{
    static const char prefix[] = "/v1/signings/";
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return FAIL(err, ERR_USAGE, "this is no address of a signing");
    TRY(remote_new(&origin, &order->remote, err));
    return signing_get(order->remote, path + sizeof prefix - 1, &order->signing, err);
}

/* From the holder, from the service, or what is shown: in this order, so that a copy is believed
   before those who ask. */
static int find_document(struct order *order, const char *file, struct err *err)
{
    if (file != NULL)
        return input_read(file, SIGNING_DOCUMENT_MAX, &order->document, err);
    if (order->signing.has_document)
        return signing_fetch(&order->signing, order->remote, &order->document, err);
    if (signing_is_text(&order->signing))
        return buf_append_text(&order->document, order->signing.text, err);
    return FAIL(err, ERR_USAGE,
                "the service does not hand out what shall be signed: give your own copy with "
                "--document; nothing is signed unseen");
}

int order_get_document(struct order *order, const char *file, struct err *err)
{
    TRY(signing_check_time(&order->signing, clock_now(&clock_system), err));
    TRY(find_document(order, file, err));
    return signing_check_document(&order->signing, buf_bytes(&order->document), err);
}

static int add_row(struct buf *text, const char *format, const char *value, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *harmless;

    TRY(outside_append(&shown, value, err));
    TRY(buf_text(&shown, &harmless, err));
    TRY(buf_append_text(text, format, err));
    TRY(buf_append_text(text, harmless, err));
    return buf_append_text(text, "\n", err);
}

static const struct {
    enum attribute attribute;
    const char *title;
} attributes[ATTRIBUTES_] = {
    {ATTRIBUTE_NAME, N_("your name")},
    {ATTRIBUTE_ADDRESS, N_("your address")},
    {ATTRIBUTE_BIRTH, N_("your date of birth")},
    {ATTRIBUTE_SEX, N_("your sex")},
};

static int list_attributes(unsigned set, struct buf *ret, struct err *err)
{
    for (size_t i = 0; i < ATTRIBUTES_; i++) {
        if ((set & (unsigned)attributes[i].attribute) == 0)
            continue;
        if (ret->len > 0)
            TRY(buf_append_text(ret, tr(", "), err));
        TRY(buf_append_text(ret, tr(attributes[i].title), err));
    }
    return 0;
}

/* What a document does that is read by machines: its title may say anything. */
static int add_consent(struct buf *text, struct bytes document, struct err *err)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct consent_text consent;
    const char *words;

    if (consent_xml_parse(document, &consent, NULL) < 0)
        return 0;
    if (consent.is_withdrawal)
        return buf_append_format(text, err, tr("It ends your consent for %s of %s.\n"),
                                 consent.service, consent.provider);
    TRY(list_attributes(consent.attributes, &list, err));
    TRY(buf_text(&list, &words, err));
    return buf_append_format(
        text, err,
        tr("It is a consent: for ten years, %s of %s may be told when these change: %s.\n"),
        consent.service, consent.provider, words);
}

int order_tell(struct order *order, struct err *err)
{
    struct buf *head = &order->head;

    TRY(add_row(head, tr("Signing for: "), order->signing.provider_name, err));
    TRY(add_row(head, tr("its address: "), order->signing.provider_origin, err));
    TRY(add_row(head, tr("through: "), remote_origin(order->remote), err));
    TRY(add_row(head, tr("verified by: "), order->signing.platform.text, err));
    TRY(add_row(head, tr("document: "), order->signing.title, err));
    TRY(add_consent(head, buf_bytes(&order->document), err));
    TRY(outside_append_lines(&order->text, order->signing.text, err));
    return buf_append_text(
        &order->text,
        tr("Your certificate goes to the verifier, which can read your name, address, date of "
           "birth and sex in it and tells the provider."),
        err);
}

int order_card(struct order *order, const struct card_options *card, const struct pin_options *pin,
               struct err *err)
{
    TRY(open_card(card, &order->icc, err));
    return pin_is_usable(order->icc, ICC_PIN_SIGN, pin, &order->left, err);
}

int order_sign_by(struct order *order, const struct pin_options *pin, const struct secret *password,
                  struct err *err)
{
    const struct signing_wish wish = {
        .password = password, .may_use_last_try = pin->last_try, .now = clock_now(&clock_system)};

    TRY(signing_sign(&order->signing, order->icc, &wish, &order->proof, err));
    trace_step("F2", "①", "jpki had the card sign what a provider asked for", NULL);
    return 0;
}

int order_send(struct order *order, const char *code, struct err *err)
{
    return signing_answer(&order->signing, order->remote, &order->proof, code, err);
}
