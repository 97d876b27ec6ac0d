/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki verify: the verdict on a file and its detached signature, with reasons; our own, or that of
 * a platform; or what a platform's report of one is worth.
 */
#include "base/clock.h"
#include "base/file.h"
#include "programs/jpki/cert/view.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/files.h"
#include "programs/jpki/judge.h"
#include "programs/jpki/trust.h"
#include "programs/jpki/verdict_view.h"
#include "programs/jpki/verify_report.h"
#include "verify/document.h"

#include <stdio.h>

struct options {
    struct card_options card; /* only json of it */
    const char *anchors, *platform, *key_file;
    const char *report, *keys, *provider;
    const char *timestamp, *timestamp_roots;
};

static const struct cli_option rows[] = {
    {'a', "anchors", CLI_TEXT, offsetof(struct options, anchors), "PATH",
     N_("trust the authorities in this file or directory")},
    {'P', "platform", CLI_TEXT, offsetof(struct options, platform), "URL",
     N_("have this platform judge the signature; it gets neither file nor signature file")},
    {0, "tenant-key-file", CLI_TEXT, offsetof(struct options, key_file), "FILE",
     N_("ask the platform as the provider whose key is in this file")},
    {0, "report", CLI_TEXT, offsetof(struct options, report), "REPORT",
     N_("check a platform's signed report instead of a signature; FILE is the document it is "
        "about")},
    {0, "keys", CLI_TEXT, offsetof(struct options, keys), "KEYS",
     N_("the platform's keys for reports (a JWK set) in a file, instead of asking it")},
    {0, "provider", CLI_TEXT, offsetof(struct options, provider), "ID",
     N_("the report must have been given to this provider")},
    {0, "timestamp", CLI_TEXT, offsetof(struct options, timestamp), "TOKEN",
     N_("the report must have this timestamp (RFC 3161)")},
    {0, "timestamp-roots", CLI_TEXT, offsetof(struct options, timestamp_roots), "PEM",
     N_("the certificates that it is believed by")},
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

/*
 * What an invalid signature says about its signer is nobody's statement, and what an unlisted CA
 * says is anybody's: neither is shown.
 */
static bool shows_signer(const struct document_report *report)
{
    return report->signer != NULL && report->issuer != NULL &&
           report->report.verdict != VERDICT_INVALID;
}

static void show(const struct document_report *report, const struct anchors *anchors)
{
    const struct report *verdict = &report->report;
    char time[CALTIME_TEXT_SIZE];

    print_verdict(verdict->verdict);
    for (size_t i = 0; i < verdict->reason_count; i++)
        printf("- %s\n", tr(reason_text(verdict->reasons[i])));
    if (anchors_count(anchors) == 0)
        printf("- %s\n", tr("no authority is trusted here: --anchors or JPKI_ANCHORS names them"));
    if (!shows_signer(report))
        return;
    printf("\n");
    if (report->has_signing_time) {
        caltime_format(report->signing_time, JST_OFFSET_SECONDS, time);
        print_field(tr("Signed at (claimed)"), time);
    }
    print_certificate(report->signer);
}

static int put_reasons(struct json *object, const struct report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(add_reason(array, reason_name(report->reasons[i]), tr(reason_text(report->reasons[i])),
                       err));
    return json_put(object, "reasons", json_steal(&array), err);
}

static int put_signer(struct json *object, const struct document_report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *signer = NULL;
    struct json *taken;

    if (!shows_signer(report))
        return json_put_null(object, "signer", err);
    signer = json_object_new();
    TRY(put_certificate(signer, report->signer, err));
    taken = signer;
    signer = NULL;
    return json_put(object, "signer", taken, err);
}

static int show_json(const char *file, const char *signature, const struct document_report *report,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char time[CALTIME_TEXT_SIZE];

    caltime_format(report->signing_time, JST_OFFSET_SECONDS, time);
    TRY(output_put_name(object, "file", file, err));
    TRY(output_put_name(object, "signature", signature, err));
    TRY(json_put_text(object, "verdict", verdict_name(report->report.verdict), err));
    TRY(put_reasons(object, &report->report, err));
    TRY(json_put_optional(object, "signing_time", report->has_signing_time ? time : NULL, err));
    TRY(put_signer(object, report, err));
    return output_json(object, err);
}

static int check_options(const struct options *options, struct err *err)
{
    if (options->platform != NULL && options->anchors != NULL)
        return FAIL(err, ERR_USAGE,
                    "--anchors and --platform exclude each other: the platform has its own");
    if (options->platform == NULL && options->key_file != NULL)
        return FAIL(err, ERR_USAGE, "--tenant-key-file needs --platform");
    if (options->keys != NULL || options->provider != NULL)
        return FAIL(err, ERR_USAGE, "--keys and --provider need --report");
    if (options->timestamp != NULL || options->timestamp_roots != NULL)
        return FAIL(err, ERR_USAGE, "--timestamp and --timestamp-roots need --report");
    return 0;
}

/* *ret_code is the exit code of the verdict. */
static int tell(const struct options *options, const struct document_report *report,
                const struct document_inputs *inputs, const struct judge *judge,
                enum exit_code *ret_code, struct err *err)
{
    if (options->platform != NULL)
        return judge_remotely(judge, inputs->cms, report, ret_code, err);
    if (options->card.json)
        TRY(show_json(judge->file, judge->signature, report, err));
    else
        show(report, inputs->trust.anchors);
    *ret_code = verdict_exit_code(report->report.verdict,
                                  report_has(&report->report, REASON_ISSUER_UNKNOWN));
    return 0;
}

static int verify(const struct options *options, const char *file, const char *signature,
                  enum exit_code *ret_code, struct err *err)
{
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(free_text) char *beside = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct document_inputs inputs = {.trust.at = clock_now(&clock_system)};
    struct judge judge = {.url = options->platform,
                          .key_file = options->key_file != NULL
                                          ? options->key_file
                                          : environment("JPKI_TENANT_KEY_FILE"),
                          .file = file,
                          .json = options->card.json};
    enum digest_alg alg;

    TRY(check_options(options, err));
    TRY(path_format(&beside, err, "%s.p7s", file));
    judge.signature = signature != NULL ? signature : beside;
    TRY(input_read(judge.signature, CMS_MAX, &cms, err));
    TRY(err_prefix(err, document_digest_alg(buf_bytes(&cms), &alg, err), "%s", judge.signature));
    TRY(document_digest(file, alg, &inputs.document, err));
    TRY(anchors_new(&anchors, err));
    if (options->platform == NULL)
        TRY(trust_load(options->anchors, anchors, err));
    inputs.cms = buf_bytes(&cms);
    inputs.trust.anchors = anchors;
    TRY(err_prefix(err, document_verify(&inputs, &report, err), "%s", judge.signature));
    return tell(options, &report, &inputs, &judge, ret_code, err);
}

static int verify_any(const struct options *options, int argc, char *const argv[],
                      enum exit_code *ret_code, struct err *err)
{
    const struct report_question question = {.report = options->report,
                                             .platform = options->platform,
                                             .keys = options->keys,
                                             .provider = options->provider,
                                             .timestamp = options->timestamp,
                                             .timestamp_roots = options->timestamp_roots,
                                             .file = argc > 0 ? argv[0] : NULL,
                                             .signature = argc > 1 ? argv[1] : NULL,
                                             .json = options->card.json};

    if (options->report != NULL && (options->anchors != NULL || options->key_file != NULL))
        return FAIL(err, ERR_USAGE, "--report is checked by the platform's keys alone");
    if (options->report != NULL)
        return verify_report(&question, ret_code, err);
    if (argc == 0)
        return FAIL(err, ERR_USAGE, "an argument is missing: %s", "FILE");
    return verify(options, argv[0], question.signature, ret_code, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc = verify_any(given, argc, argv, &code, &err);

    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command verify_command = {
    .path = "verify",
    .arguments = "[FILE [SIGNATURE]]",
    .description = N_("tell whether a file is as it was signed, and by whom"),
    .options = rows,
    .size = sizeof(struct options),
    .max_arguments = 2,
    .run = run,
};
