/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki cert verify: whether a certificate on the card counts, and why. A CA that is not known here
 * is no fault of the certificate: indeterminate. Nor is it one that private persons may not ask
 * whether a real card's certificate has been revoked (design 6, rule 4).
 */
#include "base/clock.h"
#include "programs/jpki/cert/read.h"
#include "programs/jpki/cert/view.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/trust.h"
#include "programs/jpki/verdict_view.h"
#include "programs/status_view.h"
#include "verify/certificate.h"

#include <stdio.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    struct cert_options cert;
    struct ocsp_options ocsp;
    const char *anchors;
};

static const struct cli_option rows[] = {
    {'a', "anchors", CLI_TEXT, offsetof(struct options, anchors), "PATH",
     N_("trust the authorities in this file or directory")},
    OCSP_OPTIONS(struct options),
    CERT_SIGN_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

struct finding {
    struct cert_pair pair;
    struct root_facts root;
    bool is_signed_by_ca; /* by the CA certificate on the card */
    bool was_asked;       /* a responder, about revocation */
    struct report report;
    struct certificate_facts facts;
};

static void finding_done(struct finding *finding)
{
    cert_pair_done(&finding->pair);
}

static int check_ca(struct finding *finding, struct err *err)
{
    struct err why = {0};

    if (finding->pair.ca == NULL)
        return 0;
    if (x509_cert_is_issued_by(finding->pair.cert, finding->pair.ca, &why) == 0)
        finding->is_signed_by_ca = true;
    else if (status_is_our_trouble(-(int)why.kind))
        return err_copy(err, &why);
    else
        report_add(&finding->report, REASON_ISSUER_FORGED);
    return 0;
}

static int look(const struct options *options, struct anchors *anchors, struct finding *ret,
                struct err *err)
{
    CLEANUP(trust_asker_closep) struct trust_asker *asker = NULL;
    struct trust trust = {.anchors = anchors, .at = clock_now(&clock_system)};
    struct status_source source;

    TRY(trust_load(options->anchors, anchors, err));
    TRY(trust_asker_open(&options->ocsp, &asker, err));
    TRY(cert_read_pair(&options->cert, &options->card, &options->pin, &ret->pair, err));
    TRY(trust_root(anchors, ret->pair.ca, &ret->root, err));
    TRY(check_ca(ret, err));
    if (asker != NULL) {
        source = trust_asker_source(asker);
        trust.status = &source;
        ret->was_asked = true;
    }
    return certificate_verify(ret->pair.cert, options->cert.sign ? PURPOSE_DOCUMENT : PURPOSE_LOGIN,
                              &trust, &ret->report, &ret->facts, err);
}

/* In a card's words: it is the card's CA, not one of a list, that did not sign. */
static const char *text_of(const struct finding *finding, enum reason reason)
{
    if (reason == REASON_ISSUER_FORGED && !finding->is_signed_by_ca)
        return N_("The CA certificate on the card did not sign the certificate.");
    if (reason == REASON_REVOCATION_NOT_CHECKED && finding->root.root == ROOT_PUBLISHED)
        return N_("Whether it has been revoked is told to certified verifiers only.");
    return reason_text(reason);
}

static void show(const struct finding *finding)
{
    const struct root_facts *root = &finding->root;

    print_verdict(finding->report.verdict);
    for (size_t i = 0; i < finding->report.reason_count; i++)
        printf("- %s\n", tr(text_of(finding, finding->report.reasons[i])));
    printf("\n");
    if (root->root == ROOT_PUBLISHED)
        printf(tr("Authority: %s, generation %d\n"), tr(root_text(root->root)), root->generation);
    else
        printf(tr("Authority: %s\n"), tr(root_text(root->root)));
    print_certificate(finding->pair.cert);
}

static int put_reasons(struct json *object, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < finding->report.reason_count; i++) {
        enum reason reason = finding->report.reasons[i];

        TRY(add_reason(array, reason_name(reason), tr(text_of(finding, reason)), err));
    }
    return json_put(object, "reasons", json_steal(&array), err);
}

static int put_status_or_null(struct json *object, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *status = NULL;

    if (!finding->was_asked)
        return json_put_null(object, "revocation", err);
    status = json_object_new();
    TRY(put_status(status, &finding->facts.status, &finding->report, err));
    return json_put(object, "revocation", json_steal(&status), err);
}

static int show_json(const struct options *options, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "certificate", icc_cert_name(cert_meant(&options->cert)), err));
    TRY(json_put_text(object, "verdict", verdict_name(finding->report.verdict), err));
    TRY(put_reasons(object, finding, err));
    TRY(json_put_text(object, "authority", root_name(finding->root.root), err));
    if (finding->root.root == ROOT_PUBLISHED)
        TRY(json_put_int(object, "generation", finding->root.generation, err));
    else
        TRY(json_put_null(object, "generation", err));
    TRY(json_put_bool(object, "signed_by_ca_on_card", finding->is_signed_by_ca, err));
    TRY(put_status_or_null(object, finding, err));
    TRY(put_certificate(object, finding->pair.cert, err));
    return output_json(object, err);
}

static int cert_verify(const struct options *options, enum exit_code *ret, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(finding_done) struct finding finding = {.facts = {.status = {.reason = -1}}};

    TRY(anchors_new(&anchors, err));
    TRY(look(options, anchors, &finding, err));
    if (options->card.json)
        TRY(show_json(options, &finding, err));
    else
        show(&finding);
    *ret = verdict_exit_code(finding.report.verdict, false);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc = cert_verify(given, &code, &err);

    (void)argc, (void)argv;
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command cert_verify_command = {
    .path = "cert verify",
    .arguments = "",
    .description = N_("tell whether a certificate on the card counts, and why"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
