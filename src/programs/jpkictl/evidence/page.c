/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same as a page of its own, to be kept or printed: one file, which loads nothing and runs
 * nothing. What forbids that to a browser is in the page, since no server sends it.
 */
#include "programs/jpkictl/evidence/evidence.h"

#include "authapp/page/html.h"
#include "base/base64.h"
#include "base/caltime.h"
#include "base/i18n.h"
#include "crypto/digest.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";

static const char style[] =
    "body{font:1rem/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;"
    "background:#fff}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "border-bottom:1px solid #bbb;padding:.3rem .5rem}"
    ".not-met{color:#a00;font-weight:bold}.unseen{color:#6b4e00}.met{color:#05602a}"
    "p.test{border:2px solid #a00;padding:.3rem .6rem}";

static int put_finding(struct page *page, enum finding finding, struct err *err)
{
    TRY(html_put(page, "<span class=\"", err));
    TRY(html_put(page, finding_words[finding], err));
    TRY(html_put(page, "\">", err));
    TRY(html_put_text(page, tr(finding_titles[finding]), err));
    return html_put(page, "</span>", err);
}

static int put_cell(struct page *page, const char *text, struct err *err)
{
    TRY(html_put(page, "<td>", err));
    TRY(html_put_text(page, text, err));
    return html_put(page, "</td>", err);
}

static int put_observation(struct page *page, const struct observation *one, const char *when,
                           struct err *err)
{
    TRY(html_put(page, "<tr>", err));
    TRY(put_cell(page, tr(one->looked_at), err));
    TRY(html_put(page, "<td>", err));
    TRY(put_finding(page, one->finding, err));
    TRY(html_put(page, "</td>", err));
    TRY(put_cell(page, one->found, err));
    TRY(put_cell(page, when, err));
    return html_put(page, "</tr>\n", err);
}

static int put_heads(struct page *page, const char *const *titles, struct err *err)
{
    TRY(html_put(page, "<table><thead><tr>", err));
    for (; *titles != NULL; titles++) {
        TRY(html_put(page, "<th scope=\"col\">", err));
        TRY(html_put_text(page, tr(*titles), err));
        TRY(html_put(page, "</th>", err));
    }
    return html_put(page, "</tr></thead><tbody>\n", err);
}

static int put_paragraph(struct page *page, const char *before, const char *text, struct err *err)
{
    TRY(html_put(page, "<p>", err));
    TRY(html_put_text(page, before, err));
    TRY(html_put_text(page, text, err));
    return html_put(page, "</p>\n", err);
}

static int put_criterion(struct page *page, const struct evidence *evidence,
                         enum criterion criterion, const char *when, struct err *err)
{
    static const char *const titles[] = {N_("looked at"), N_("finding"), N_("found"), N_("when"),
                                         NULL};

    TRY(buf_append_format(&page->out, err, "<h2>%d. ", (int)criterion + 1));
    TRY(html_put_text(page, tr(criteria[criterion].title), err));
    TRY(html_put(page, ": ", err));
    TRY(put_finding(page, evidence_of(evidence, criterion), err));
    TRY(html_put(page, "</h2>\n", err));
    TRY(put_paragraph(page, tr("asked (no. of the source document): "), criteria[criterion].source,
                      err));
    TRY(put_paragraph(page, "", tr(criteria[criterion].asks), err));
    TRY(put_heads(page, titles, err));
    for (size_t i = 0; i < evidence->count; i++)
        if (evidence->observations[i].criterion == criterion)
            TRY(put_observation(page, &evidence->observations[i], when, err));
    TRY(html_put(page, "</tbody></table>\n", err));
    return put_paragraph(page, tr("to be supplied: "), tr(criteria[criterion].supply), err);
}

static int put_row(struct page *page, const char *name, int64_t number, struct err *err)
{
    TRY(html_put(page, "<tr>", err));
    TRY(put_cell(page, name, err));
    return buf_append_format(&page->out, err, "<td>%lld</td></tr>\n", (long long)number);
}

static int put_numbers(struct page *page, const struct json *facts, struct err *err)
{
    for (const struct evidence_number *row = evidence_numbers; row->key != NULL; row++) {
        int64_t number;

        TRY(json_get_int(facts, row->key, &number, err));
        TRY(put_row(page, tr(row->title), number, err));
    }
    return 0;
}

static int put_stored(struct page *page, const struct json *facts, struct err *err)
{
    static const char *const titles[] = {N_("table"), N_("rows"), NULL};
    const struct json *tables;

    TRY(json_get_array(facts, "tables", &tables, err));
    TRY(html_put(page, "<h2>", err));
    TRY(html_put_text(page, tr("What it has stored"), err));
    TRY(html_put(page, "</h2>\n", err));
    TRY(put_heads(page, titles, err));
    TRY(put_numbers(page, facts, err));
    for (size_t i = 0; i < json_count(tables); i++) {
        const char *name;
        int64_t rows;

        TRY(json_get_text(json_at(tables, i), "name", &name, err));
        TRY(json_get_int(json_at(tables, i), "rows", &rows, err));
        TRY(put_row(page, name, rows, err));
    }
    return html_put(page, "</tbody></table>\n", err);
}

static int put_head(struct page *page, struct err *err)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;
    struct digest digest;
    const char *text;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(style), &digest, err));
    TRY(base64_append(&hash, BASE64_PADDED, digest_bytes(&digest), err));
    TRY(buf_text(&hash, &text, err));
    TRY(buf_append_format(&page->out, err, head, i18n_language(), text));
    TRY(html_put_text(page, tr("Evidence for the certification of a platform"), err));
    TRY(html_put(page, "</title>\n<style>", err));
    TRY(html_put(page, style, err));
    return html_put(page, "</style></head>\n<body><main>\n", err);
}

int evidence_page(const struct gathered *gathered, const struct evidence *evidence, struct buf *ret,
                  struct err *err)
{
    CLEANUP(html_done) struct page page = {.language = ""};
    char when[CALTIME_TEXT_SIZE];
    const char *origin;

    TRY(json_get_text(gathered->facts, "origin", &origin, err));
    caltime_format(gathered->at, JST_OFFSET_SECONDS, when);
    TRY(put_head(&page, err));
    TRY(html_put(&page, "<h1>", err));
    TRY(html_put_text(&page, tr("Evidence for the certification of a platform"), err));
    TRY(html_put(&page, "</h1>\n<p class=\"test\">", err));
    TRY(html_put_text(&page, tr("TEST: OpenJPKI, unofficial, not a government site"), err));
    TRY(html_put(&page, "</p>\n", err));
    TRY(put_paragraph(&page, origin, "", err));
    TRY(put_paragraph(&page, when, "", err));
    for (enum criterion i = 0; i < CRITERIA_; i++)
        TRY(put_criterion(&page, evidence, i, when, err));
    TRY(put_stored(&page, gathered->facts, err));
    TRY(html_put(&page, "</main></body></html>\n", err));
    buf_move(ret, &page.out);
    return 0;
}
