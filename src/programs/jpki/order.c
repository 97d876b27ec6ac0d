/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/order.h"

#include "base/clock.h"
#include "base/trace.h"
#include "docsign/attributes.h"
#include "docsign/consent_xml.h"
#include "holder/challenge.h"
#include "holder/signing.h"
#include "programs/jpki/files.h"
#include "programs/jpki/outside.h"

#include <stdio.h>
#include <string.h>

struct job {
    const struct order_options *options;
    struct remote *remote;
    struct signing signing;
    struct buf document;
    struct buf head; /* who asks for what: for a pinentry, too, which shows no long texts */
    struct buf text;
    struct icc *icc;
    struct signing_proof proof;
    unsigned left;
};

static void job_done(struct job *job)
{
    remote_free(job->remote);
    buf_done(&job->document);
    buf_done(&job->head);
    buf_done(&job->text);
    icc_free(job->icc);
    signing_proof_done(&job->proof);
}

static int get_order(struct job *job, struct err *err)
{
    static const char prefix[] = "/v1/signings/";
    const struct order_options *options = job->options;
    struct origin origin;
    const char *path;

    TRY(origin_parse(options->url, &origin, &path, err));
    TRY(remote_new(&origin, &job->remote, err));
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return FAIL(err, ERR_USAGE, "this is no address of a signing");
    if (options->code == NULL)
        return FAIL(err, ERR_USAGE,
                    "--code is needed, as the provider shows it beside the address");
    if (!challenge_is_code(options->code))
        return FAIL(err, ERR_USAGE, "the code of a signing is %d digits", CHALLENGE_CODE_LEN);
    return signing_get(job->remote, path + sizeof prefix - 1, &job->signing, err);
}

/* From the holder, from the service, or what is shown: in this order, so that a copy is believed
   before those who ask. */
static int get_document(struct job *job, struct err *err)
{
    const struct order_options *options = job->options;

    if (options->document != NULL)
        return input_read(options->document, SIGNING_DOCUMENT_MAX, &job->document, err);
    if (job->signing.has_document)
        return signing_fetch(&job->signing, job->remote, &job->document, err);
    if (signing_is_text(&job->signing))
        return buf_append_text(&job->document, job->signing.text, err);
    return FAIL(err, ERR_USAGE,
                "the service does not hand out what shall be signed: give your own copy with "
                "--document; nothing is signed unseen");
}

static int keep_document(const struct job *job, struct err *err)
{
    if (job->options->out == NULL)
        return 0;
    return output_write(job->options->out, job->options->force, 0600, buf_bytes(&job->document),
                        err);
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

/* Who asks, who verifies, and what it is. */
static int describe(struct job *job, struct err *err)
{
    struct buf *head = &job->head;

    TRY(add_row(head, tr("Signing for: "), job->signing.provider_name, err));
    TRY(add_row(head, tr("its address: "), job->signing.provider_origin, err));
    TRY(add_row(head, tr("through: "), remote_origin(job->remote), err));
    TRY(add_row(head, tr("verified by: "), job->signing.platform.text, err));
    TRY(add_row(head, tr("document: "), job->signing.title, err));
    TRY(add_consent(head, buf_bytes(&job->document), err));
    TRY(outside_append_lines(&job->text, job->signing.text, err));
    return buf_append_text(
        &job->text,
        tr("Your certificate goes to the verifier, which can read your name, address, date of "
           "birth and sex in it and tells the provider."),
        err);
}

static int agree(const struct job *job, struct err *err)
{
    bool is_meant = job->options->yes;

    if (!is_meant)
        TRY(confirm(tr("Sign?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not signed: you did not agree");
    return 0;
}

static int use_card(struct job *job, struct err *err)
{
    CLEANUP(secret_done) struct secret password = SECRET_INIT;
    struct signing_wish wish = {.password = &password,
                                .may_use_last_try = job->options->pin->last_try};
    struct pin_options asking = *job->options->pin;
    const char *text;

    TRY(open_card(job->options->card, &job->icc, err));
    TRY(pin_is_usable(job->icc, ICC_PIN_SIGN, job->options->pin, &job->left, err));
    TRY(buf_text(&job->head, &asking.description, err));
    TRY(buf_text(&job->text, &text, err));
    (void)fprintf(stderr, "%s%s\n", asking.description, text);
    TRY(agree(job, err));
    TRY(pin_ask(ICC_PIN_SIGN, &asking, job->left, &password, err));
    wish.now = clock_now(&clock_system);
    TRY(signing_sign(&job->signing, job->icc, &wish, &job->proof, err));
    trace_step("F2", "①", "jpki had the card sign what a provider asked for", NULL);
    return 0;
}

static int tell(const struct job *job, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!job->options->card->json) {
        printf("%s\n", job->options->deny ? tr("The service was told that you do not want to sign.")
                                          : tr("Signed. Go on where you were given the address."));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "client_id", job->signing.client_id, err));
    TRY(json_put_text(object, "title", job->signing.title, err));
    TRY(json_put_text(object, "platform", job->signing.platform.text, err));
    TRY(json_put_text(object, "form", job->signing.is_bare ? "hash" : "digestinfo", err));
    TRY(json_put_bool(object, "denied", job->options->deny, err));
    return output_json(object, err);
}

int order_sign(const struct order_options *options, struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options};

    if (options->out != NULL)
        TRY(output_check(options->out, options->force, err));
    TRY(get_order(&job, err));
    if (options->deny) {
        TRY(signing_refuse(&job.signing, job.remote, options->code, err));
        return tell(&job, err);
    }
    TRY(signing_check_time(&job.signing, clock_now(&clock_system), err));
    TRY(get_document(&job, err));
    TRY(signing_check_document(&job.signing, buf_bytes(&job.document), err));
    TRY(keep_document(&job, err));
    TRY(describe(&job, err));
    TRY(use_card(&job, err));
    TRY(signing_answer(&job.signing, job.remote, &job.proof, options->code, err));
    return tell(&job, err);
}
