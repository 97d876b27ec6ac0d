/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/papers.h"

#include "base/caltime.h"
#include "portal/portal.h"

#include <stdio.h>

int papers_begin(const struct http_call *call, const char *title, const char *number,
                 struct paper **ret, struct err *err)
{
    const struct portal *portal = call->context;
    const struct paper_head head = {title, number, clock_now(portal->clock)};

    return paper_new(portal->font, &head, ret, err);
}

void papers_time(int64_t at, char ret[PAPERS_TIME_SIZE])
{
    const struct caltime time = caltime_at(at, JST_OFFSET_SECONDS);

    if (at == 0)
        (void)snprintf(ret, PAPERS_TIME_SIZE, "－");
    else
        (void)snprintf(ret, PAPERS_TIME_SIZE, "%d年%d月%d日 %02d時%02d分", time.date.year,
                       time.date.month, time.date.day, time.hour, time.minute);
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
