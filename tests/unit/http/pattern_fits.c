/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For judge_patterns.py: lines "PATTERN TEXT", both in hexadecimal, each answered by 1 (it fits), 0
 * or "invalid". The pattern of base64 is held against texts as that form is: by hand.
 */
#include "base/hex.h"
#include "http/member.h"
#include "http/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *decode(const char *hex, struct buf *ret)
{
    const char *text;

    return hex_decode(hex, ret, NULL) < 0 || buf_text(ret, &text, NULL) < 0 ? NULL : text;
}

static const char *judge(char *line)
{
    CLEANUP(buf_done) struct buf pattern = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char *space = strchr(line, ' ');
    struct http_form form = {.text = ""};
    const char *held;

    line[strcspn(line, "\n")] = '\0';
    if (space == NULL)
        return "malformed";
    *space = '\0';
    form.pattern = decode(line, &pattern);
    held = decode(space + 1, &text);
    if (form.pattern == NULL || held == NULL)
        return "malformed";
    if (strcmp(form.pattern, http_form_base64.pattern) == 0)
        form.fits = http_form_base64.fits;
    if (!http_pattern_is_valid(form.pattern))
        return "invalid";
    return http_form_fits(&form, held) ? "1" : "0";
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0)
        (void)puts(judge(line));
    free(line);
    return 0;
}
