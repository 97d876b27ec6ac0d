/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl cert status: asks the OCSP responder, with a question signed by the verifier's key in
 * signerd, and shows what is believable of its answer. For operators and verifiers: a provider is
 * never told any of this (design 6, rule 5).
 */
#include "programs/jpkictl/commands.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/config.h"
#include "programs/output.h"
#include "programs/status_view.h"
#include "programs/verifier.h"
#include "verify/anchors.h"

struct options {
    const char *config;
    bool json;
};

static const struct cli_option rows[] = {
    {'c', "config", CLI_TEXT, offsetof(struct options, config), N_("FILE"),
     N_("the configuration")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

struct finding {
    uint64_t serial;
    struct status status;
    struct report report;
};

static int read_certificate(const char *path, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(path, X509_PEM_MAX, &file, err));
    return err_prefix(err, x509_cert_parse_file(buf_bytes(&file), ret, err), "%s", path);
}

static int find_issuer(const struct anchors *anchors, const struct x509_cert *cert,
                       const struct x509_cert **ret, struct err *err)
{
    const struct x509_cert *candidate;

    for (size_t n = 0;
         (candidate = anchors_find(anchors, x509_cert_tbs(cert)->authority_key_id, n)) != NULL; n++)
        if (x509_cert_is_issued_by(cert, candidate, NULL) == 0) {
            *ret = candidate;
            return 0;
        }
    return FAIL(err, ERR_UNTRUSTED, "the certificate is of no authority in anchors");
}

static int check_config(const struct ctl_config *config, struct err *err)
{
    if (config->signer == NULL || config->key == NULL || config->certificate == NULL ||
        config->anchors == NULL)
        return FAIL(err, ERR_INPUT,
                    "[verifier] needs signer, key, certificate and anchors to ask for a status");
    return 0;
}

static int ask(const struct ctl_config *config, const char *path, struct finding *ret,
               struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(verifier_closep) struct verifier *verifier = NULL;
    struct status_question question = {.at = clock_now(&clock_system)};
    struct verifier_way way = {config->signer, config->key, config->certificate,
                               config->ocsp_socket, config->ocsp_base};
    struct status_source source;

    TRY(check_config(config, err));
    TRY(anchors_new(&anchors, err));
    TRY(anchors_load(anchors, config->anchors, err));
    TRY(read_certificate(path, &cert, err));
    TRY(find_issuer(anchors, cert, &question.issuer, err));
    TRY(verifier_open(&way, &verifier, err));
    source = verifier_source(verifier);
    question.cert = cert;
    ret->serial = tbs_serial_number(x509_cert_tbs(cert));
    return source.look(source.context, &question, &ret->report, &ret->status, err);
}

static int print_json(const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_int(object, "serial", (int64_t)finding->serial, err));
    TRY(put_status(object, &finding->status, &finding->report, err));
    return output_json(object, err);
}

static int show(const struct options *options, const char *path, enum status_answer *ret,
                struct err *err)
{
    CLEANUP(ctl_config_freep) struct ctl_config *config = NULL;
    struct finding finding = {0};

    TRY(ctl_config_find(options->config, &config, err));
    TRY(ask(config, path, &finding, err));
    if (options->json)
        TRY(print_json(&finding, err));
    else
        print_status(finding.serial, &finding.status, &finding.report);
    *ret = finding.status.answer;
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    enum status_answer answer = STATUS_NOT_KNOWN;
    struct err err = {0};

    (void)argc;
    if (show(parsed, argv[0], &answer, &err) < 0)
        return fail(&err);
    if (answer == STATUS_NOT_KNOWN)
        return EXIT_CODE_INDETERMINATE;
    return answer == STATUS_GOOD ? EXIT_CODE_DONE : EXIT_CODE_INVALID;
}

const struct cli_command command_cert_status = {
    .path = "cert status",
    .arguments = N_("FILE"),
    .description = N_("ask the OCSP responder about a certificate, in a signed question"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
