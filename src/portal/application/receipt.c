/* SPDX-License-Identifier: Apache-2.0 */
/* What an applicant keeps of what he submitted, on paper. */
#include "portal/application/applicant.h"
#include "portal/papers.h"
#include "portal/portal.h"
#include "portal/routes.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

/* application_states, as somebody reads them. */
static const char *const state_words[] = {
    [APPLICATION_DRAFT] = "作成中",       [APPLICATION_SUBMITTED] = "提出済み",
    [APPLICATION_RECEIVED] = "処理中",    [APPLICATION_RETURNED] = "補正を求められています",
    [APPLICATION_COMPLETED] = "完了",     [APPLICATION_REJECTED] = "却下",
    [APPLICATION_WITHDRAWN] = "取り下げ",
};

struct files {
    struct paper *paper;
    unsigned count;
};

static int print_file(void *context, const struct attachment *file, struct err *err)
{
    struct files *files = context;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    char size[32];
    const char *digest;

    TRY(hex_append(&hex, buf_bytes(&file->digest), err));
    TRY(buf_text(&hex, &digest, err));
    (void)snprintf(size, sizeof size, "%zu バイト", file->size);
    const struct paper_row rows[] = {{file->name, size}, {"SHA-256", digest}};
    files->count++;
    return paper_table(files->paper, rows, sizeof rows / sizeof rows[0], err);
}

static int print_files(struct db *db, const char *id, struct paper *paper, struct err *err)
{
    struct files files = {paper, 0};

    TRY(paper_heading(paper, "添付した書類", err));
    TRY(application_each_file(db, id, print_file, &files, err));
    return files.count > 0 ? 0 : paper_line(paper, "ありません。", err);
}

static int print_step(const struct json *step, struct paper *paper, struct err *err)
{
    char at[PAPERS_TIME_SIZE];
    const char *word = "";
    const char *state;
    int64_t when;

    TRY(json_get_int(step, "at", &when, err));
    TRY(json_get_text(step, "state", &state, err));
    for (size_t i = 0; i < APPLICATION_STATES_; i++)
        if (strcmp(application_states[i], state) == 0)
            word = state_words[i];
    papers_time(when, at);
    return paper_table(paper, &(struct paper_row){at, word}, 1, err);
}

/* What was signed, by its hash: whoever has the document sees that it is that one. */
static int print_signed(struct db *db, const char *id, struct paper *paper, struct err *err)
{
    CLEANUP(json_freep) struct json *applicant = NULL;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *text;

    TRY(application_submitted(db, id, &document, &applicant, err));
    if (document.len == 0)
        return paper_line(paper, "この申請に電子署名は要りません。", err);
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&document), &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &text, err));
    return paper_table(paper, &(struct paper_row){"署名した申請書のSHA-256", text}, 1, err);
}

static int print_facts(struct db *db, const struct application *application, struct paper *paper,
                       struct err *err)
{
    struct municipality municipality;
    char submitted_to[sizeof municipality.prefecture + sizeof municipality.name];

    TRY(municipality_get(db, application->municipality, &municipality, err));
    (void)snprintf(submitted_to, sizeof submitted_to, "%s%s", municipality.prefecture,
                   municipality.name);
    const struct paper_row rows[] = {{"受付番号", application->receipt},
                                     {"手続", application->name},
                                     {"提出先", submitted_to},
                                     {"現在の状態", state_words[application->state]}};
    return paper_table(paper, rows, sizeof rows / sizeof rows[0], err);
}

/* That another one did it for the applicant, who may not know. */
static int print_proxy(const struct application_proxy *proxy, struct paper *paper, struct err *err)
{
    const struct paper_row rows[] = {{"申請した人", "申請者の代理人"},
                                     {"代理の種類", application_proxy_word(proxy)},
                                     {"代理の登録", proxy->mandate}};

    return application_by_proxy(proxy) ? paper_table(paper, rows, sizeof rows / sizeof rows[0], err)
                                       : 0;
}

static int print(struct db *db, const struct application *application, struct paper *paper,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *steps = NULL;

    TRY(paper_line(paper, "次の申請を受け付けました。", err));
    TRY(print_facts(db, application, paper, err));
    TRY(print_proxy(&application->proxy, paper, err));
    TRY(print_signed(db, application->id, paper, err));
    TRY(print_files(db, application->id, paper, err));
    TRY(paper_heading(paper, "経過", err));
    TRY(application_steps(db, application->id, &steps, err));
    for (size_t i = 0; i < json_count(steps); i++)
        TRY(print_step(json_at(steps, i), paper, err));
    return 0;
}

static int get_receipt(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct db *db = portal_store_db(portal->store);
    CLEANUP(application_done) struct application application = {.form = NULL};
    CLEANUP(paper_freep) struct paper *paper = NULL;
    struct applicant applicant;

    TRY(applicant_find(call, &applicant, err));
    TRY(application_get(db, http_param(&call->request, "id"), applicant.owner, &application, err));
    if (application.receipt[0] == '\0')
        return FAIL(err, ERR_ABSENT, "this application was not submitted yet");
    TRY(papers_begin(call, "申請受付票", application.receipt, &paper, err));
    TRY(print(db, &application, paper, err));
    return papers_reply(call, paper, "receipt", application.receipt, err);
}

const struct route portal_receipt_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/applications/:id/receipt",
     .access = &portal_applicant,
     .handle = get_receipt,
     .operation = "getReceipt",
     .summary = "The receipt of a submitted application, on paper",
     .answers = papers_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
