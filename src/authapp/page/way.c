/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/way.h"

#include "authapp/page/qr.h"
#include "base/file.h"
#include "base/i18n.h"

int html_put_way(struct page *page, const struct way *way, struct err *err)
{
    CLEANUP(buf_done) struct buf svg = BUF_INIT;
    CLEANUP(free_text) char *command = NULL;
    const char *text;

    TRY(path_format(&command, err, "jpki %s %s --code %s", way->verb, way->address, way->code));
    TRY(qr_svg(way->address, &svg, err));
    TRY(buf_text(&svg, &text, err));
    TRY(html_say(page, way->how, err));
    TRY(html_put(page, text, err));
    TRY(html_row(page, way->what, way->address, err));
    TRY(html_put(page, "<dl><dt>", err));
    TRY(html_put_words(page, N_("Code; give it only to the device that holds your card"), err));
    TRY(html_put(page, "</dt><dd class=\"code\">", err));
    TRY(html_put_text(page, way->code, err));
    TRY(html_put(page, "</dd></dl>\n<dl><dt>", err));
    TRY(html_put_words(page, N_("On a computer with a card reader"), err));
    TRY(html_put(page, "</dt><dd><code>", err));
    TRY(html_put_text(page, command, err));
    return html_put(page, "</code></dd></dl>\n", err);
}

int html_put_cancel(struct page *page, const char *path, struct err *err)
{
    TRY(html_put(page, "<form method=\"post\" action=\"", err));
    TRY(html_put_text(page, path, err));
    TRY(html_put(page, "\"><button type=\"submit\">", err));
    TRY(html_put_words(page, N_("Cancel"), err));
    return html_put(page, "</button></form>\n", err);
}
