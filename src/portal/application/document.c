/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/document.h"

#include "base/base64.h"
#include "base/caltime.h"
#include "docsign/xml_signature.h"
#include "portal/application/file.h"

#include <string.h>

#define NAMESPACE "urn:openjpki:application:1"
#define FORM_NAME "OpenJPKI申請書第1版"

static int put(struct buf *out, const char *element, const char *text, struct err *err)
{
    TRY(buf_append_format(out, err, "<%s>", element));
    TRY(xml_append_text(out, text, err));
    return buf_append_format(out, err, "</%s>\n", element);
}

static int put_answers(struct buf *out, const struct application *application, struct err *err)
{
    for (size_t i = 0; i < json_count(application->answers); i++) {
        const struct json *answer = json_at(application->answers, i);
        const char *field, *value;

        TRY(json_get_text(answer, "field", &field, err));
        TRY(json_get_text(answer, "value", &value, err));
        TRY(buf_append_text(out, "<回答 項目=\"", err));
        TRY(xml_append_value(out, field, err));
        TRY(buf_append_text(out, "\">", err));
        TRY(xml_append_text(out, value, err));
        TRY(buf_append_text(out, "</回答>\n", err));
    }
    return 0;
}

/* Attributes in the order of their names, as canonical form has them. */
static int put_file(void *context, const struct attachment *file, struct err *err)
{
    struct buf *out = context;

    TRY(buf_append_text(out, "<添付 名称=\"", err));
    TRY(xml_append_value(out, file->name, err));
    TRY(buf_append_text(out, "\" 種類=\"", err));
    TRY(xml_append_value(out, attachment_media_type(file->type), err));
    TRY(buf_append_text(out, "\" 項目=\"", err));
    TRY(xml_append_value(out, file->kind, err));
    TRY(buf_append_text(out, "\">", err));
    TRY(base64_append(out, BASE64_PADDED, buf_bytes(&file->digest), err));
    return buf_append_text(out, "</添付>\n", err);
}

static int put_proxy(struct buf *out, const struct application_proxy *signer, struct err *err)
{
    if (!application_by_proxy(signer))
        return 0;
    TRY(buf_append_text(out, "<代理申請>\n", err));
    TRY(put(out, "署名者", "申請者の代理人", err));
    TRY(put(out, "代理の種類", application_proxy_word(signer, false), err));
    TRY(put(out, "代理の登録", signer->mandate, err));
    return buf_append_text(out, "</代理申請>\n", err);
}

int application_document(struct db *db, const struct application *application,
                         const struct application_proxy *signer, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    char at[CALTIME_TEXT_SIZE];

    if (application->prepared_at == 0)
        return FAIL(err, ERR_CONFLICT, "have the document prepared before you sign it");
    caltime_format(application->prepared_at, JST_OFFSET_SECONDS, at);
    TRY(buf_append_text(&out, "<申請書 xmlns=\"" NAMESPACE "\">\n", err));
    TRY(put(&out, "様式", FORM_NAME, err));
    TRY(put(&out, "申請", application->id, err));
    TRY(put(&out, "提出先", application->municipality, err));
    TRY(put(&out, "手続", application->psid, err));
    TRY(put(&out, "手続名", application->name, err));
    TRY(put(&out, "署名日時", at, err));
    TRY(put_proxy(&out, signer, err));
    TRY(put_answers(&out, application, err));
    TRY(application_each_file(db, application->id, put_file, &out, err));
    TRY(buf_append_text(&out, "</申請書>", err));
    buf_move(ret, &out);
    return 0;
}

/* Kinds of attachments that there are. */
struct kinds {
    struct json *list;
};

static int add_kind(void *context, const struct attachment *file, struct err *err)
{
    struct kinds *kinds = context;

    return json_add_text(kinds->list, file->kind, err);
}

static bool has_kind(const struct json *list, const char *kind)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i)), kind) == 0)
            return true;
    return false;
}

static int add_problem(struct json *problems, const char *field, enum form_problem problem,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(json_put_text(item, "field", field, err));
    TRY(json_put_text(item, "problem", form_problems[problem], err));
    return json_add(problems, json_steal(&item), err);
}

/* One that must be there and is not, or that is there and no longer asked for. */
static int judge_file(const struct application *application, const struct json *file,
                      const struct json *kinds, struct json *problems, struct err *err)
{
    bool is_required = false, asks;
    const char *name;
    bool is_there;

    TRY(json_get_text(file, "name", &name, err));
    if (json_has(file, "is_required"))
        TRY(json_get_bool(file, "is_required", &is_required, err));
    TRY(form_asks(application->form, file, application->answers, &asks, err));
    is_there = has_kind(kinds, name);
    if (asks && is_required && !is_there)
        return add_problem(problems, name, FORM_MISSING, err);
    return !asks && is_there ? add_problem(problems, name, FORM_NOT_ASKED, err) : 0;
}

int application_problems(struct db *db, const struct application *application,
                         const struct application_proxy *signer, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *problems = NULL;
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct kinds kinds = {list};
    const struct json *files = NULL;

    TRY(form_judge(application->form, application->answers,
                   application_by_proxy(signer) ? FORM_BY_PROXY : FORM_COMPLETE, &problems, err));
    TRY(application_each_file(db, application->id, add_kind, &kinds, err));
    if (json_has(application->form, "attachments"))
        TRY(json_get_array(application->form, "attachments", &files, err));
    for (size_t i = 0; i < json_count(files); i++)
        TRY(judge_file(application, json_at(files, i), list, problems, err));
    *ret = json_steal(&problems);
    return 0;
}
