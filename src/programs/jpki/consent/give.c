/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki consent give: sign a consent to newer attributes, or its end, for a provider to hand on.
 * What is printed is the body that its platform takes; the certificate in it is for the platform
 * alone.
 */
#include "base/clock.h"
#include "docsign/consent_xml.h"
#include "holder/own_cert.h"
#include "programs/jpki/authority.h"
#include "programs/jpki/cert/read.h"
#include "programs/jpki/commands.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *platform, *verifier, *attributes;
    bool withdraw, yes;
};

static const struct cli_option rows[] = {
    {'P', "platform", CLI_TEXT, offsetof(struct options, platform), "URL",
     N_("the provider's platform, to whose key the certificate is encrypted")},
    {0, "verifier", CLI_TEXT, offsetof(struct options, verifier), N_("NAME"),
     N_("what the authority calls that platform; verifier if not given")},
    {'a', "attributes", CLI_TEXT, offsetof(struct options, attributes), N_("LIST"),
     N_("of name, birth, sex and address, with commas between; all if not given")},
    {0, "withdraw", CLI_FLAG, offsetof(struct options, withdraw), NULL,
     N_("sign the end of the consent instead")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether it may be signed")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};
static const struct options defaults = {.pin = PIN_DEFAULTS};

static int read_attributes(const char *list, unsigned *ret, struct err *err)
{
    unsigned attributes = 0;

    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        unsigned i = 0;

        while (i < ATTRIBUTES_ &&
               (strlen(attribute_names[i]) != len || strncmp(attribute_names[i], list, len) != 0))
            i++;
        if (i == ATTRIBUTES_)
            return FAIL(err, ERR_USAGE, "--attributes are name, birth, sex and address");
        attributes |= 1U << i;
        list += len + (list[len] == ',');
    }
    *ret = attributes == 0 ? (1U << ATTRIBUTES_) - 1 : attributes;
    return 0;
}

static int make_text(const struct options *options, const char *provider, const char *service,
                     struct consent_text *ret, struct err *err)
{
    struct consent_text text = {.is_withdrawal = options->withdraw, .at = clock_now(&clock_system)};
    const char *const names[] = {options->verifier == NULL ? "verifier" : options->verifier,
                                 provider, service};
    char *const places[] = {text.verifier, text.provider, text.service};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) > CONSENT_NAME_MAX)
            return FAIL(err, ERR_USAGE, "a name has more than %d characters", CONSENT_NAME_MAX);
        memcpy(places[i], names[i], strlen(names[i]) + 1);
    }
    if (!options->withdraw)
        TRY(read_attributes(options->attributes, &text.attributes, err));
    *ret = text;
    return 0;
}

/* The person sees what is signed, word for word. */
static int agree(const struct options *options, struct bytes document, struct err *err)
{
    bool is_meant = options->yes;

    (void)fprintf(stderr, "%.*s", (int)document.len, (const char *)document.ptr);
    if (!is_meant)
        TRY(confirm(tr("Sign it?"), &is_meant, err));
    return is_meant ? 0 : FAIL(err, ERR_DENIED, "not signed: you did not agree");
}

static int digest_of(const void *context, const struct x509_cert *cert, struct digest *ret,
                     struct err *err)
{
    TRY(own_cert_check_kind(cert, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(context), ret, err);
}

static int sign(const struct options *options, const struct buf *document,
                struct x509_cert **ret_cert, struct buf *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    const struct own_message message = {.kind = OWN_SIGN,
                                        .pin = &pin,
                                        .may_use_last_try = options->pin.last_try,
                                        .digest = digest_of,
                                        .context = document};
    unsigned left;

    TRY(open_card(&options->card, &icc, err));
    TRY(pin_is_usable(icc, ICC_PIN_SIGN, &options->pin, &left, err));
    TRY(pin_ask(ICC_PIN_SIGN, &options->pin, left, &pin, err));
    return own_sign(icc, &message, ret_cert, ret, err);
}

static int open_platform(const struct options *options, struct remote **ret, struct err *err)
{
    const char *path;
    struct origin origin;

    if (options->platform == NULL)
        return FAIL(err, ERR_USAGE, "--platform URL is missing");
    TRY(origin_parse(options->platform, &origin, &path, err));
    return remote_new(&origin, ret, err);
}

static int give(const struct options *options, const char *provider, const char *service,
                struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct consent_text text;

    TRY(open_platform(options, &remote, err));
    TRY(make_text(options, provider, service, &text, err));
    TRY(consent_xml_write(&text, &document, err));
    TRY(agree(options, buf_bytes(&document), err));
    TRY(sign(options, &document, &cert, &signature, err));
    TRY(json_put_base64(body, "document", buf_bytes(&document), err));
    TRY(json_put_base64(body, "signature", buf_bytes(&signature), err));
    TRY(remote_put_certificate(remote, body, cert, err));
    return output_json(body, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(give(given, argv[0], argv[1], &err), given->card.json, &err);
}

const struct cli_command consent_give_command = {
    .path = "consent give",
    .arguments = "PROVIDER SERVICE",
    .description = N_("sign that a service may get newer attributes, for it to hand on"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
    .defaults = &defaults,
};
