/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/judge.h"

#include "base/clock.h"
#include "base/trace.h"
#include "holder/opinion.h"
#include "programs/jpki/common.h"
#include "programs/jpki/key_file.h"
#include "programs/jpki/opinion_view.h"
#include "programs/jpki/verdict_view.h"

#include <stdio.h>
#include <string.h>

static int use_key_file(struct remote *remote, const char *path, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;

    TRY(key_file_read(path, TENANT_KEY_MAX, &key, err));
    return err_prefix(err, remote_authorise(remote, &key, err), "%s", path);
}

/* What only somebody with the document can find, and what is wrong whoever the signer is. */
static bool is_decided_here(enum reason reason)
{
    return reason == REASON_DOCUMENT_CHANGED || reason == REASON_SIGNATURE_BROKEN ||
           reason == REASON_WEAK_HASH || reason == REASON_SIGNER_CERTIFICATE_MISSING ||
           reason == REASON_SIGNER_CERTIFICATE_REPLACED;
}

static int take_own(const struct document_report *found, struct opinion *ret, struct err *err)
{
    for (size_t i = 0; i < found->report.reason_count; i++) {
        enum reason reason = found->report.reasons[i];

        if (is_decided_here(reason))
            TRY(buf_append_text(&ret->reasons[ret->reason_count++], reason_name(reason), err));
    }
    return 0;
}

static int ask(struct remote *remote, struct bytes cms, const struct x509_cert *signer,
               struct opinion *ret, struct err *err)
{
    struct opinion_question question = {.cert = signer};
    struct cms parsed;

    TRY(cms_parse(cms, &parsed, err));
    TRY(cms_attributes_digest(&parsed, &question.digest, err));
    question.signature = parsed.signature;
    return opinion_ask(remote, &question, ret, err);
}

/* "male", "female", "unknown" in the person's language; anything else as it came. */
static int print_sex(const struct buf *value, struct err *err)
{
    static const char *const known[] = {N_("male"), N_("female"), N_("unknown")};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!bytes_equal(buf_bytes(value), bytes_text(known[i])))
            continue;
        print_field(tr("Sex"), tr(known[i]));
        return 0;
    }
    return print_told(tr("Sex"), value, err);
}

static int show(const struct judge *judge, const struct remote *remote,
                const struct opinion *opinion, struct err *err)
{
    (void)judge;
    print_verdict(opinion->verdict);
    TRY(opinion_print_reasons(opinion, err));
    if (opinion->id.len == 0) {
        printf("- %s\n", tr("found here; nothing was sent to the platform"));
        return 0;
    }
    printf("\n");
    print_field(tr("Verified by"), remote_origin(remote));
    TRY(print_told(tr("Verification"), &opinion->id, err));
    if (!opinion->has_holder)
        return 0;
    TRY(print_told(tr("Name"), &opinion->name, err));
    TRY(print_told(tr("Address"), &opinion->address, err));
    TRY(print_told(tr("Date of birth"), &opinion->birth_date, err));
    return print_sex(&opinion->sex, err);
}

static int put_attributes(struct json *object, const struct opinion *opinion, struct err *err)
{
    CLEANUP(json_freep) struct json *holder = NULL;

    if (!opinion->has_holder)
        return json_put_null(object, "attributes", err);
    holder = json_object_new();
    TRY(json_put_bytes(holder, "name", buf_bytes(&opinion->name), err));
    TRY(json_put_bytes(holder, "address", buf_bytes(&opinion->address), err));
    TRY(json_put_bytes(holder, "birth_date", buf_bytes(&opinion->birth_date), err));
    TRY(json_put_bytes(holder, "sex", buf_bytes(&opinion->sex), err));
    return json_put(object, "attributes", json_steal(&holder), err);
}

static int show_json(const struct judge *judge, const struct remote *remote,
                     const struct opinion *opinion, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(output_put_name(object, "file", judge->file, err));
    TRY(output_put_name(object, "signature", judge->signature, err));
    TRY(json_put_text(object, "verdict", verdict_name(opinion->verdict), err));
    TRY(opinion_put_reasons(object, opinion, err));
    TRY(json_put_text(object, "platform", remote_origin(remote), err));
    if (opinion->id.len > 0)
        TRY(json_put_bytes(object, "id", buf_bytes(&opinion->id), err));
    else
        TRY(json_put_null(object, "id", err));
    TRY(put_attributes(object, opinion, err));
    return output_json(object, err);
}

int judge_remotely(const struct judge *judge, struct bytes cms, const struct document_report *found,
                   enum exit_code *ret_code, struct err *err)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;
    CLEANUP(remote_freep) struct remote *remote = NULL;
    int64_t sent_us;

    TRY(platform_at(judge->url, &remote, err));
    if (judge->key_file != NULL)
        TRY(use_key_file(remote, judge->key_file, err));
    TRY(take_own(found, &opinion, err));
    if (opinion.reason_count == 0) {
        trace_step("F2", "④", "jpki found the document to be the one that was signed", NULL);
        sent_us = monotonic_us();
        TRY(ask(remote, cms, found->signer, &opinion, err));
        trace_step_at(sent_us, "F2", "②",
                      "jpki sent digest, signature and certificate to the platform", NULL);
    }
    TRY((judge->json ? show_json : show)(judge, remote, &opinion, err));
    *ret_code = verdict_exit_code(opinion.verdict, opinion_is_unlisted(&opinion));
    return 0;
}
