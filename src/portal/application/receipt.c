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
static const struct papers_words state_words[] = {
    [APPLICATION_DRAFT] = {{"作成中", "Not submitted yet"}},
    [APPLICATION_SUBMITTED] = {{"提出済み", "Submitted"}},
    [APPLICATION_RECEIVED] = {{"処理中", "Being processed"}},
    [APPLICATION_RETURNED] = {{"補正を求められています", "To be corrected"}},
    [APPLICATION_COMPLETED] = {{"完了", "Completed"}},
    [APPLICATION_REJECTED] = {{"却下", "Rejected"}},
    [APPLICATION_WITHDRAWN] = {{"取り下げ", "Withdrawn"}},
};

/* A receipt that is written. */
struct writing {
    const struct portal *portal;
    struct db *db;
    struct paper *paper;
    enum paper_language language;
};

struct files {
    const struct writing *writing;
    unsigned count;
};

static int print_file(void *context, const struct attachment *file, struct err *err)
{
    struct files *files = context;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    static const struct papers_words unit = {{"バイト", "bytes"}};
    char size[32];
    const char *digest;

    TRY(hex_append(&hex, buf_bytes(&file->digest), err));
    TRY(buf_text(&hex, &digest, err));
    (void)snprintf(size, sizeof size, "%zu %s", file->size, unit.in[files->writing->language]);
    const struct paper_row rows[] = {{file->name, size}, {"SHA-256", digest}};
    files->count++;
    return paper_table(files->writing->paper, rows, sizeof rows / sizeof rows[0], err);
}

static int print_files(const struct writing *writing, const char *id, struct err *err)
{
    static const struct papers_words heading = {{"添付した書類", "Attached documents"}};
    static const struct papers_words none = {{"ありません。", "None."}};
    struct files files = {writing, 0};

    TRY(paper_heading(writing->paper, heading.in[writing->language], err));
    TRY(application_each_file(writing->db, id, print_file, &files, err));
    return files.count > 0 ? 0 : paper_line(writing->paper, none.in[writing->language], err);
}

static int print_step(const struct json *step, const struct writing *writing, struct err *err)
{
    char at[PAPERS_TIME_SIZE];
    const char *word = "";
    const char *state;
    int64_t when;

    TRY(json_get_int(step, "at", &when, err));
    TRY(json_get_text(step, "state", &state, err));
    for (size_t i = 0; i < APPLICATION_STATES_; i++)
        if (strcmp(application_states[i], state) == 0)
            word = state_words[i].in[writing->language];
    papers_time(when, writing->language, at);
    return paper_table(writing->paper, &(struct paper_row){at, word}, 1, err);
}

/* What was signed, by its hash: whoever has the document sees that it is that one. */
static int print_signed(const struct writing *writing, const char *id, struct err *err)
{
    static const struct papers_words unsigned_words = {
        {"この申請に電子署名は要りません。", "This application needs no electronic signature."}};
    static const struct papers_words label = {
        {"署名した申請書のSHA-256", "SHA-256 of what was signed"}};
    CLEANUP(json_freep) struct json *applicant = NULL;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *text;

    TRY(application_submitted(writing->db, id, &document, &applicant, err));
    if (document.len == 0)
        return paper_line(writing->paper, unsigned_words.in[writing->language], err);
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&document), &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &text, err));
    return paper_table(writing->paper, &(struct paper_row){label.in[writing->language], text}, 1,
                       err);
}

enum { RECEIVER_SIZE = 2 * PROCEDURE_NAME_SIZE };

/* What the municipality is called; in English only where that is known. */
static int receiver_of(const struct writing *writing, const char *code, char ret[RECEIVER_SIZE],
                       struct err *err)
{
    struct municipality municipality;
    struct place_english english;

    if (writing->language == PAPER_ENGLISH &&
        place_english(&writing->portal->romaji, code, &english)) {
        (void)snprintf(ret, RECEIVER_SIZE, "%s", english.name);
        return 0;
    }
    TRY(municipality_get(writing->db, code, &municipality, err));
    (void)snprintf(ret, RECEIVER_SIZE, "%s%s", municipality.prefecture, municipality.name);
    return 0;
}

static int print_facts(const struct writing *writing, const struct application *application,
                       struct err *err)
{
    static const struct papers_words labels[] = {{{"受付番号", "Receipt number"}},
                                                 {{"手続", "Procedure"}},
                                                 {{"提出先", "Submitted to"}},
                                                 {{"現在の状態", "State"}}};
    const enum paper_language language = writing->language;
    const char *name = language == PAPER_ENGLISH && application->name_en[0] != '\0'
                           ? application->name_en
                           : application->name;
    char submitted_to[RECEIVER_SIZE];

    TRY(receiver_of(writing, application->municipality, submitted_to, err));
    const struct paper_row rows[] = {
        {labels[0].in[language], application->receipt},
        {labels[1].in[language], name},
        {labels[2].in[language], submitted_to},
        {labels[3].in[language], state_words[application->state].in[language]}};
    return paper_table(writing->paper, rows, sizeof rows / sizeof rows[0], err);
}

/* That another one did it for the applicant, who may not know. */
static int print_proxy(const struct writing *writing, const struct application_proxy *proxy,
                       struct err *err)
{
    static const struct papers_words labels[] = {{{"申請した人", "Applied by"}},
                                                 {{"代理の種類", "Kind of proxy"}},
                                                 {{"代理の登録", "Mandate"}}};
    static const struct papers_words by = {{"申請者の代理人", "A proxy of the applicant"}};
    const enum paper_language language = writing->language;
    const struct paper_row rows[] = {
        {labels[0].in[language], by.in[language]},
        {labels[1].in[language], application_proxy_word(proxy, language == PAPER_ENGLISH)},
        {labels[2].in[language], proxy->mandate}};

    if (!application_by_proxy(proxy))
        return 0;
    return paper_table(writing->paper, rows, sizeof rows / sizeof rows[0], err);
}

static int print(const struct writing *writing, const struct application *application,
                 struct err *err)
{
    static const struct papers_words lead = {
        {"次の申請を受け付けました。", "The following application was received."}};
    static const struct papers_words steps_heading = {{"経過", "What happened"}};
    CLEANUP(json_freep) struct json *steps = NULL;

    TRY(paper_line(writing->paper, lead.in[writing->language], err));
    TRY(print_facts(writing, application, err));
    TRY(print_proxy(writing, &application->proxy, err));
    TRY(print_signed(writing, application->id, err));
    TRY(print_files(writing, application->id, err));
    TRY(paper_heading(writing->paper, steps_heading.in[writing->language], err));
    TRY(application_steps(writing->db, application->id, &steps, err));
    for (size_t i = 0; i < json_count(steps); i++)
        TRY(print_step(json_at(steps, i), writing, err));
    return 0;
}

static int get_receipt(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct db *db = portal_store_db(portal->store);
    CLEANUP(application_done) struct application application = {.form = NULL};
    CLEANUP(paper_freep) struct paper *paper = NULL;
    static const struct papers_words title = {{"申請受付票", "Receipt of an application"}};
    struct applicant applicant;
    enum paper_language language;

    TRY(papers_language(call, &language, err));
    TRY(applicant_find(call, &applicant, err));
    TRY(application_get(db, http_param(&call->request, "id"), applicant.owner, &application, err));
    if (application.receipt[0] == '\0')
        return FAIL(err, ERR_ABSENT, "this application was not submitted yet");
    TRY(papers_begin(call, language, &title, application.receipt, &paper, err));
    TRY(print(&(struct writing){portal, db, paper, language}, &application, err));
    return papers_reply(call, paper, "receipt", application.receipt, err);
}

const struct route portal_receipt_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/applications/:id/receipt",
     .access = &portal_applicant,
     .query = papers_query,
     .handle = get_receipt,
     .operation = "getReceipt",
     .summary = "The receipt of a submitted application, on paper",
     .answers = papers_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
