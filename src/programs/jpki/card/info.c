/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/own_cert.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/pin/rows.h"

#include <stdio.h>

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

struct facts {
    struct icc_presence presence;
    struct x509_cert *auth; /* NULL: none, or it needs a PIN */
    char auth_until[CALTIME_TEXT_SIZE];
    struct pin_rows pins;
};

static int put_presence(struct json *object, const char *key, const struct icc_presence *presence,
                        bool is_there, struct err *err)
{
    return presence->is_told ? json_put_bool(object, key, is_there, err)
                             : json_put_null(object, key, err);
}

/* The certificate that names nobody, and needs no PIN on a card of plastic. */
static int read_auth_certificate(struct icc *icc, struct x509_cert **ret, struct err *err)
{
    struct x509_cert *cert = NULL;
    struct err why = {0};

    if (own_cert_read(icc, ICC_CERT_AUTH, &cert, &why) < 0 && why.kind != ERR_DENIED &&
        !icc_is_missing(&why))
        return err_copy(err, &why);
    *ret = cert;
    return 0;
}

static void facts_done(struct facts *facts)
{
    x509_cert_freep(&facts->auth);
}

static int collect(struct icc *icc, struct facts *ret, struct err *err)
{
    TRY(icc_read_presence(icc, &ret->presence, err));
    TRY(read_auth_certificate(icc, &ret->auth, err));
    if (ret->auth != NULL)
        caltime_format(x509_cert_tbs(ret->auth)->not_after, JST_OFFSET_SECONDS, ret->auth_until);
    return pin_rows_read(icc, &ret->pins, err);
}

static int show_json(const struct icc *icc, const struct facts *facts, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct icc_token *token = icc_token(icc);
    const struct icc_presence *presence = &facts->presence;

    TRY(json_put_text(object, "reader", icc_reader_name(icc), err));
    TRY(json_put_text(object, "kind", icc_kind_name(token->kind), err));
    TRY(json_put_text(object, "label", token->label, err));
    TRY(json_put_text(object, "manufacturer", token->manufacturer, err));
    TRY(json_put_text(object, "model", token->model, err));
    TRY(json_put_text(object, "serial", token->serial, err));
    TRY(put_presence(object, "has_sign_certificate", presence, presence->sign, err));
    TRY(put_presence(object, "has_auth_certificate", presence, presence->auth, err));
    TRY(json_put_optional(object, "auth_not_after", facts->auth == NULL ? NULL : facts->auth_until,
                          err));
    TRY(put_pins(object, &facts->pins, err));
    return output_json(object, err);
}

static void show_presence(const struct facts *facts)
{
    const struct icc_presence *presence = &facts->presence;

    if (presence->is_told)
        print_field(tr("Signature certificate"),
                    presence->sign ? tr("there, to be read with its password") : tr("not there"));
    if (facts->auth != NULL)
        printf(tr("Authentication certificate: valid until %s\n"), facts->auth_until);
    else if (presence->is_told)
        print_field(tr("Authentication certificate"),
                    presence->auth ? tr("there") : tr("not there"));
}

static void show(const struct icc *icc, const struct facts *facts)
{
    const struct icc_token *token = icc_token(icc);

    print_field(tr("Kind"), tr(kind_title(token->kind)));
    print_field(tr("Reader"), icc_reader_name(icc));
    print_field(tr("Label"), token->label);
    print_field(tr("Manufacturer"), token->manufacturer);
    print_field(tr("Model"), token->model);
    print_field(tr("Serial number"), token->serial);
    show_presence(facts);
    print_pins(&facts->pins);
}

static int card_info(const struct options *options, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(facts_done) struct facts facts = {.auth = NULL};

    TRY(open_card(&options->card, &icc, err));
    TRY(collect(icc, &facts, err));
    if (options->card.json)
        return show_json(icc, &facts, err);
    show(icc, &facts);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(card_info(given, &err), given->card.json, &err);
}

const struct cli_command card_info_command = {
    .path = "card info",
    .arguments = "",
    .description = N_("tell what is in the reader"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
