/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a municipality offers and what somebody answers: {"content", "form", "answers"}. A text that
 * is taken can be searched for and published, a form that is taken judges any answers.
 */
#include "fuzz.h"
#include "portal/application/form.h"
#include "portal/gateway/markup.h"
#include "portal/procedure/content.h"
#include "portal/procedure/fold.h"

#include <string.h>

/* Folded once more it has the same letters: who searches has his words folded as texts are. */
static void check_folded(struct bytes folded)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    CLEANUP(grams_done) struct grams grams = {NULL, 0};
    size_t k = 0;

    FUZZ_CHECK(fold_text(folded, &again, NULL) == 0);
    for (size_t i = 0; i < folded.len; i++) {
        while (k < again.len && again.ptr[k] == ' ')
            k++;
        FUZZ_CHECK(folded.ptr[i] == ' ' || (k < again.len && again.ptr[k++] == folded.ptr[i]));
    }
    FUZZ_CHECK(k == again.len);
    FUZZ_CHECK(grams_of(folded, &grams, NULL) == 0);
    for (size_t i = 1; i < grams.count; i++)
        FUZZ_CHECK(grams.at[i - 1] < grams.at[i]);
}

/* Of the marks that readers of the published interface take for more than text, only our own. */
static void check_published(const struct json *content, const char *section)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *blocks;
    const char *at;

    if (json_get_array(content, section, &blocks, NULL) < 0)
        return;
    FUZZ_CHECK(markup_append(&text, blocks, NULL) == 0);
    FUZZ_CHECK(buf_text(&text, &at, NULL) == 0);
    while ((at = strchr(at, '<')) != NULL) {
        FUZZ_CHECK(strncmp(at, "<br>", 4) == 0 || at[1] == '|');
        at++;
    }
}

static void try_content(const struct json *content)
{
    CLEANUP(procedure_folded_done) struct procedure_folded folded = {.fields = {BUF_INIT}};

    if (procedure_content_check(content, NULL) < 0)
        return;
    FUZZ_CHECK(procedure_content_fold(content, &folded, NULL) == 0);
    for (size_t i = 0; i < FIELDS_; i++)
        check_folded(buf_bytes(&folded.fields[i]));
    for (size_t i = 0; procedure_sections[i] != NULL; i++)
        check_published(content, procedure_sections[i]);
}

static void try_form(const struct json *form, const struct json *answers)
{
    CLEANUP(json_freep) struct json *so_far = NULL;
    CLEANUP(json_freep) struct json *complete = NULL;
    const int rc = form_check(form, NULL);

    if (rc < 0 || form_judge(form, answers, FORM_SO_FAR, &so_far, NULL) < 0)
        return;
    FUZZ_CHECK(form_judge(form, answers, FORM_BY_PROXY, &complete, NULL) == 0);
    FUZZ_CHECK(json_count(so_far) <= json_count(complete)); /* what is missing comes to it */
}

FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *sent = NULL;
    CLEANUP(json_freep) struct json *none = json_array_new();
    const struct json *content, *form, *answers = none;

    if (json_parse(bytes_of(data, size), &sent, NULL) < 0)
        return 0;
    if (json_get_object(sent, "content", &content, NULL) == 0)
        try_content(content);
    if (json_has(sent, "answers") && json_get_array(sent, "answers", &answers, NULL) < 0)
        return 0;
    if (json_get_object(sent, "form", &form, NULL) == 0)
        try_form(form, answers);
    return 0;
}
