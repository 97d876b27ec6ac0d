/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/wrk.h"

#include <stdlib.h>
#include <string.h>

int wrk_read_rate(struct buf *said, const char *label, double *ret, struct err *err)
{
    const char *text;
    const char *rate;

    TRY(buf_text(said, &text, err));
    rate = strstr(text, label);
    if (rate == NULL || strstr(text, "Non-2xx") != NULL)
        return FAIL(err, ERR_REMOTE, "it was not answered: %.200s", text);
    *ret = strtod(rate + strlen(label), NULL);
    return *ret > 0 ? 0 : FAIL(err, ERR_REMOTE, "there was no answer");
}

/* "  123456 requests in 2.01s" */
static int read_count(const char *said, double *ret, struct err *err)
{
    const char *end = strstr(said, " requests in ");

    while (end != NULL && end > said && end[-1] >= '0' && end[-1] <= '9')
        end--;
    *ret = end == NULL ? 0 : strtod(end, NULL);
    return *ret > 0 ? 0 : FAIL(err, ERR_REMOTE, "wrk does not say how many requests there were");
}

/* "     99%    1.23ms", or us or s. */
static int read_p99(const char *said, double *ret, struct err *err)
{
    const char *at = strstr(said, " 99% ");
    char *unit;

    if (at == NULL)
        return FAIL(err, ERR_REMOTE, "wrk does not say how late the answers are");
    *ret = strtod(at + strlen(" 99% "), &unit);
    if (strncmp(unit, "us", 2) == 0)
        *ret /= 1000;
    else if (unit[0] == 's')
        *ret *= 1000;
    return 0;
}

int wrk_read(struct buf *said, struct wrk_told *ret, struct err *err)
{
    const char *text;

    TRY(wrk_read_rate(said, "Requests/sec:", &ret->rate, err));
    TRY(buf_text(said, &text, err));
    TRY(read_count(text, &ret->count, err));
    return read_p99(text, &ret->p99_ms, err);
}
