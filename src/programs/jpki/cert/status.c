/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki cert status: asks an OCSP responder that somebody configured. The responders of the real
 * JPKI answer certified verifiers only, and are never asked (design 1).
 */
#include "programs/jpki/cert/read.h"

#include "base/clock.h"
#include "programs/exit.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/trust.h"
#include "programs/status_view.h"

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

/* Before the card is asked for anything: to whom could the question go? */
static int open_asker(const struct options *options, struct trust_asker **ret, struct err *err)
{
    TRY(trust_asker_open(&options->ocsp, ret, err));
    if (*ret == NULL)
        return FAIL(err, ERR_USAGE,
                    "whom to ask? --ocsp or JPKI_OCSP names a responder; those of the JPKI answer "
                    "certified verifiers only");
    return 0;
}

static int ask(const struct options *options, struct cert_pair *pair, struct status *ret,
               struct report *ret_report, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(trust_asker_closep) struct trust_asker *asker = NULL;
    struct status_question question = {.at = clock_now(&clock_system)};
    struct status_source source;
    struct root_facts root;

    TRY(open_asker(options, &asker, err));
    TRY(anchors_new(&anchors, err));
    TRY(trust_load(options->anchors, anchors, err));
    TRY(cert_read_pair(&options->cert, &options->card, &options->pin, pair, err));
    TRY(trust_root(anchors, pair->ca, &root, err));
    if (root.root == ROOT_UNKNOWN)
        return FAIL(err, ERR_UNTRUSTED,
                    "the authority of this certificate is not known here, so no answer about it "
                    "could be believed; --anchors names it");
    TRY(x509_cert_is_issued_by(pair->cert, pair->ca, err));
    question.cert = pair->cert;
    question.issuer = pair->ca;
    source = trust_asker_source(asker);
    return source.look(source.context, &question, ret_report, ret, err);
}

static int tell(const struct options *options, const struct x509_cert *cert,
                const struct status *status, const struct report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    uint64_t serial = tbs_serial_number(x509_cert_tbs(cert));

    if (!options->card.json) {
        print_status(serial, status, report);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "certificate", icc_cert_name(cert_meant(&options->cert)), err));
    TRY(json_put_int(object, "serial", (int64_t)serial, err));
    TRY(put_status(object, status, report, err));
    return output_json(object, err);
}

static int cert_status(const struct options *options, enum status_answer *ret, struct err *err)
{
    CLEANUP(cert_pair_done) struct cert_pair pair = {NULL, NULL};
    struct status status = {.reason = -1};
    struct report report = {.verdict = VERDICT_VALID};

    TRY(ask(options, &pair, &status, &report, err));
    TRY(tell(options, pair.cert, &status, &report, err));
    *ret = status.answer;
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum status_answer answer = STATUS_NOT_KNOWN;
    struct err err = {0};
    int rc = cert_status(given, &answer, &err);

    (void)argc, (void)argv;
    if (rc < 0)
        return finish(rc, given->card.json, &err);
    if (answer == STATUS_NOT_KNOWN)
        return EXIT_CODE_INDETERMINATE;
    return answer == STATUS_GOOD ? EXIT_CODE_DONE : EXIT_CODE_INVALID;
}

const struct cli_command cert_status_command = {
    .path = "cert status",
    .arguments = "",
    .description = N_("ask an OCSP responder whether a certificate on the card has been revoked"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
