/* SPDX-License-Identifier: Apache-2.0 */
/* jpki verify: the verdict on a file and its detached signature, with reasons. */
#include "base/clock.h"
#include "base/file.h"
#include "programs/exit.h"
#include "programs/jpki/cert_view.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/files.h"
#include "verify/document.h"

#include <stdio.h>
#include <unistd.h>

struct options {
    struct card_options card; /* only json of it */
    const char *anchors;
};

static const struct cli_option rows[] = {
    {'a', "anchors", CLI_TEXT, offsetof(struct options, anchors), "PATH",
     N_("trust the authorities in this file or directory")},
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

/* --anchors, $JPKI_ANCHORS, or anchors.d below the configuration, which need not be there. */
static int load_anchors(const struct options *options, struct anchors *anchors, struct err *err)
{
    const char *given = options->anchors != NULL ? options->anchors : environment("JPKI_ANCHORS");
    const char *config = environment("XDG_CONFIG_HOME");
    const char *home = environment("HOME");
    CLEANUP(free_text) char *path = NULL;
    int rc;

    if (given != NULL) {
        rc = anchors_load(anchors, given, err);
        return rc == -ERR_ABSENT
                   ? FAIL(err, ERR_INPUT, "there is no %s to take anchors from", given)
                   : rc;
    }
    if (config != NULL)
        TRY(path_format(&path, err, "%s/openjpki/anchors.d", config));
    else if (home != NULL)
        TRY(path_format(&path, err, "%s/.config/openjpki/anchors.d", home));
    if (path == NULL || access(path, F_OK) < 0)
        return 0;
    return anchors_load(anchors, path, err);
}

static enum colour colour_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return COLOUR_GOOD;
    case VERDICT_INDETERMINATE:
        return COLOUR_DOUBTFUL;
    case VERDICT_INVALID:
        break;
    }
    return COLOUR_BAD;
}

static const char *title_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return N_("VALID");
    case VERDICT_INDETERMINATE:
        return N_("INDETERMINATE");
    case VERDICT_INVALID:
        break;
    }
    return N_("INVALID");
}

/* A CA that is not listed must not be believed, though more may become known (design 7). */
static enum exit_code exit_code_for(const struct report *report)
{
    if (report_has(report, REASON_ISSUER_UNKNOWN))
        return EXIT_CODE_INVALID;
    switch (report->verdict) {
    case VERDICT_VALID:
        return EXIT_CODE_DONE;
    case VERDICT_INDETERMINATE:
        return EXIT_CODE_INDETERMINATE;
    case VERDICT_INVALID:
        break;
    }
    return EXIT_CODE_INVALID;
}

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

    printf("%s%s%s\n", colour_on(colour_of(verdict->verdict)), tr(title_of(verdict->verdict)),
           colour_off());
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
    struct json *taken;

    for (size_t i = 0; i < report->reason_count; i++) {
        CLEANUP(json_freep) struct json *reason = json_object_new();

        TRY(json_put_text(reason, "name", reason_name(report->reasons[i]), err));
        TRY(json_put_text(reason, "text", tr(reason_text(report->reasons[i])), err));
        taken = reason;
        reason = NULL;
        TRY(json_add(array, taken, err));
    }
    taken = array;
    array = NULL;
    return json_put(object, "reasons", taken, err);
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
    TRY(json_put_text(object, "file", file, err));
    TRY(json_put_text(object, "signature", signature, err));
    TRY(json_put_text(object, "verdict", verdict_name(report->report.verdict), err));
    TRY(put_reasons(object, &report->report, err));
    TRY(json_put_optional(object, "signing_time", report->has_signing_time ? time : NULL, err));
    TRY(put_signer(object, report, err));
    return output_json(object, err);
}

/* *ret_code is the exit code of the verdict. */
static int verify(const struct options *options, const char *file, const char *signature,
                  enum exit_code *ret_code, struct err *err)
{
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(free_text) char *beside = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct document_inputs inputs = {.trust.at = clock_now(&clock_system)};
    enum digest_alg alg;

    TRY(path_format(&beside, err, "%s.p7s", file));
    if (signature == NULL)
        signature = beside;
    TRY(input_read(signature, CMS_MAX, &cms, err));
    TRY(err_prefix(err, document_digest_alg(buf_bytes(&cms), &alg, err), "%s", signature));
    TRY(document_digest(file, alg, &inputs.document, err));
    TRY(anchors_new(&anchors, err));
    TRY(load_anchors(options, anchors, err));
    inputs.cms = buf_bytes(&cms);
    inputs.trust.anchors = anchors;
    TRY(err_prefix(err, document_verify(&inputs, &report, err), "%s", signature));
    if (options->card.json)
        TRY(show_json(file, signature, &report, err));
    else
        show(&report, anchors);
    *ret_code = exit_code_for(&report.report);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INVALID;
    struct err err = {0};
    int rc = verify(given, argv[0], argc > 1 ? argv[1] : NULL, &code, &err);

    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command verify_command = {
    .path = "verify",
    .arguments = "FILE [SIGNATURE]",
    .description = N_("tell whether a file is as it was signed, and by whom"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run,
};
