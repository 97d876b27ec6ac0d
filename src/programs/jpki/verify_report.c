/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/verify_report.h"

#include "base/caltime.h"
#include "base/file.h"
#include "crypto/timestamp.h"
#include "docsign/cms.h"
#include "holder/validation.h"
#include "programs/jpki/common.h"
#include "programs/jpki/files.h"
#include "programs/jpki/opinion_view.h"
#include "programs/jpki/verdict_view.h"
#include "verify/document.h"

#include <stdio.h>
#include <unistd.h>

enum { KEYS_MAX = 256 * 1024 };

static int get_keys(const struct report_question *question, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(remote_freep) struct remote *remote = NULL;

    if ((question->platform == NULL) == (question->keys == NULL))
        return FAIL(err, ERR_USAGE, "--report needs --platform URL or --keys KEYS");
    if (question->keys != NULL) {
        TRY(input_read(question->keys, KEYS_MAX, &text, err));
        return err_prefix(err, json_parse(buf_bytes(&text), ret, err), "%s", question->keys);
    }
    TRY(platform_at(question->platform, &remote, err));
    TRY(remote_ask(remote, "/v1/report-keys", NULL, ret, err));
    return *ret == NULL ? remote_fail_answer(err, remote) : 0;
}

/* A report, and what was read in it. */
struct told {
    struct buf text;
    struct validation validation;
    bool has_timestamp;
    int64_t timestamp; /* UTC seconds, in the word of its authority */
};

static void told_done(struct told *told)
{
    validation_done(&told->validation);
    buf_done(&told->text);
}

static int read_report(const struct report_question *question, struct told *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *keys = NULL;
    const struct validation_wish wish = {question->platform, question->provider};
    struct buf *text = &ret->text;

    TRY(input_read(question->report, JWS_MAX + 2, text, err));
    while (text->len > 0 && (text->ptr[text->len - 1] == '\n' || text->ptr[text->len - 1] == '\r'))
        text->len--;
    TRY(get_keys(question, &keys, err));
    return err_prefix(err, validation_read(buf_bytes(text), keys, &wish, &ret->validation, err),
                      "%s", question->report);
}

static int check_timestamp(const struct report_question *question, struct told *told,
                           struct err *err)
{
    CLEANUP(timestamp_roots_freep) struct timestamp_roots *roots = NULL;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    if ((question->timestamp == NULL) != (question->timestamp_roots == NULL))
        return FAIL(err, ERR_USAGE, "--timestamp and --timestamp-roots belong together");
    if (question->timestamp == NULL)
        return 0;
    TRY(input_read(question->timestamp_roots, TIMESTAMP_ROOTS_MAX, &pem, err));
    TRY(err_prefix(err, timestamp_roots_read(buf_bytes(&pem), &roots, err), "%s",
                   question->timestamp_roots));
    TRY(input_read(question->timestamp, TIMESTAMP_MAX, &token, err));
    TRY(err_prefix(
        err,
        timestamp_check(buf_bytes(&token), buf_bytes(&told->text), roots, &told->timestamp, err),
        "%s", question->timestamp));
    told->has_timestamp = true;
    return 0;
}

/* The signature file that is named, or lies beside the document. */
static int read_signature(const struct report_question *question, struct buf *ret, struct err *err)
{
    CLEANUP(free_text) char *beside = NULL;

    if (question->signature != NULL)
        return input_read(question->signature, CMS_MAX, ret, err);
    TRY(path_format(&beside, err, "%s.p7s", question->file));
    return access(beside, F_OK) == 0 ? input_read(beside, CMS_MAX, ret, err) : 0;
}

static int check_document(const struct report_question *question,
                          const struct validation *validation, struct err *err)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct validation_document document = {.cms = {NULL, 0}};
    enum digest_alg alg;

    if (question->file == NULL)
        return 0;
    TRY(validation_digest_alg(validation, &alg, err));
    TRY(document_digest(question->file, alg, &document.document, err));
    TRY(read_signature(question, &cms, err));
    if (cms.len > 0 && document_digest_alg(buf_bytes(&cms), &alg, NULL) == 0) {
        TRY(document_digest(question->file, alg, &document.of_cms, err));
        document.cms = buf_bytes(&cms);
    }
    return err_prefix(err, validation_check_document(validation, &document, err), "%s",
                      question->file);
}

static int show(const struct report_question *question, const struct told *told, struct err *err)
{
    const struct validation *validation = &told->validation;
    char time[CALTIME_TEXT_SIZE];

    print_verdict(validation->opinion.verdict);
    TRY(opinion_print_reasons(&validation->opinion, err));
    if (question->file == NULL)
        printf("- %s\n", tr("the report was not compared with a document"));
    printf("\n");
    TRY(print_told(tr("Verified by"), &validation->issuer, err));
    TRY(print_told(tr("For provider"), &validation->provider, err));
    TRY(print_told(tr("Verification"), &validation->opinion.id, err));
    caltime_format(validation->verified_at, JST_OFFSET_SECONDS, time);
    print_field(tr("Verified at"), time);
    caltime_format(validation->made_at, JST_OFFSET_SECONDS, time);
    print_field(tr("Reported at"), time);
    if (told->has_timestamp) {
        caltime_format(told->timestamp, JST_OFFSET_SECONDS, time);
        print_field(tr("Timestamp"), time);
    }
    return 0;
}

static int show_json(const struct report_question *question, const struct told *told,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct validation *validation = &told->validation;
    char time[CALTIME_TEXT_SIZE];

    TRY(json_put_text(object, "report", question->report, err));
    TRY(json_put_optional(object, "file", question->file, err));
    TRY(json_put_text(object, "verdict", verdict_name(validation->opinion.verdict), err));
    TRY(opinion_put_reasons(object, &validation->opinion, err));
    TRY(json_put_bytes(object, "platform", buf_bytes(&validation->issuer), err));
    TRY(json_put_bytes(object, "provider", buf_bytes(&validation->provider), err));
    TRY(json_put_bytes(object, "id", buf_bytes(&validation->opinion.id), err));
    TRY(json_put_text(object, "kind", validation->kind, err));
    caltime_format(validation->verified_at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(object, "verified_at", time, err));
    caltime_format(validation->made_at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(object, "reported_at", time, err));
    caltime_format(told->timestamp, JST_OFFSET_SECONDS, time);
    TRY(json_put_optional(object, "timestamp", told->has_timestamp ? time : NULL, err));
    return output_json(object, err);
}

int verify_report(const struct report_question *question, enum exit_code *ret_code, struct err *err)
{
    CLEANUP(told_done) struct told told = {.text = BUF_INIT, .validation = VALIDATION_INIT};

    TRY(read_report(question, &told, err));
    TRY(check_timestamp(question, &told, err));
    TRY(check_document(question, &told.validation, err));
    TRY((question->json ? show_json : show)(question, &told, err));
    *ret_code = verdict_exit_code(told.validation.opinion.verdict,
                                  opinion_is_unlisted(&told.validation.opinion));
    return 0;
}
