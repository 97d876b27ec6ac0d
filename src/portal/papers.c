/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/papers.h"

#include "base/caltime.h"
#include "portal/portal.h"

#include <stdio.h>
#include <string.h>

static const char *const languages[] = {
    [PAPER_JAPANESE] = "ja", [PAPER_ENGLISH] = "en", [PAPER_ENGLISH + 1] = NULL};
const struct http_member papers_query[] = {
    {"language", HTTP_TEXT, HTTP_OPTIONAL, "of the document; missing: ja", .values = languages},
    {NULL},
};

int papers_language(const struct http_call *call, enum paper_language *ret, struct err *err)
{
    const char *asked = http_query(&call->request, "language");

    for (size_t i = 0; asked != NULL && languages[i] != NULL; i++) {
        if (strcmp(asked, languages[i]) == 0) {
            *ret = (enum paper_language)i;
            return 0;
        }
    }
    if (asked != NULL)
        return FAIL(err, ERR_INPUT, "language: ja or en");
    *ret = PAPER_JAPANESE;
    return 0;
}

int papers_begin(const struct http_call *call, enum paper_language language,
                 const struct papers_words *title, const char *number, struct paper **ret,
                 struct err *err)
{
    const struct portal *portal = call->context;
    const struct paper_head head = {title->in[language], number, clock_now(portal->clock),
                                    language};

    return paper_new(portal->font, &head, ret, err);
}

void papers_time(int64_t at, enum paper_language language, char ret[PAPERS_TIME_SIZE])
{
    const struct caltime time = caltime_at(at, JST_OFFSET_SECONDS);
    char day[PAPER_DAY_SIZE];

    paper_day(time.date, language, day);
    if (at == 0)
        (void)snprintf(ret, PAPERS_TIME_SIZE, "－");
    else if (language == PAPER_ENGLISH)
        (void)snprintf(ret, PAPERS_TIME_SIZE, "%s, %02d:%02d JST", day, time.hour, time.minute);
    else
        (void)snprintf(ret, PAPERS_TIME_SIZE, "%s %02d時%02d分", day, time.hour, time.minute);
}

int papers_reply(struct http_call *call, struct paper *paper, const char *name, const char *number,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    char field[160];

    TRY(paper_finish(paper, &pdf, err));
    (void)snprintf(field, sizeof field, "attachment; filename=\"%s-%s.pdf\"", name, number);
    TRY(http_reply_field(&call->response, "Content-Disposition", field, err));
    http_reply_buf(&call->response, 200, "application/pdf", &pdf);
    return 0;
}

const struct http_answer papers_answers[] = {{200, "a PDF, for saving", NULL, "application/pdf"},
                                             {0}};
