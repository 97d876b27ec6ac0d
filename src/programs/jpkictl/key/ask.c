/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/key/ask.h"

#include "base/file.h"
#include "base/i18n.h"
#include "programs/terminal.h"
#include "signer/share.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PROMPT_MAX = 512, SHARE_FILE_MAX = 4096, PAPER_LINE_MAX = 64 };

int ask_yes(const char *who, const char *question, struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    char prompt[PROMPT_MAX];
    const char *text;

    (void)snprintf(prompt, sizeof prompt, tr("%s: %s [yes/no]"), who, question);
    TRY(terminal_line(prompt, &line, err));
    TRY(buf_text(&line, &text, err));
    if (strcasecmp(text, "yes") == 0 || strcmp(text, "はい") == 0)
        return 0;
    return FAIL(err, ERR_DENIED, "%s did not say yes", who);
}

/* One passphrase, from a descriptor or, if that is -1, typed without echo. */
static int ask_passphrase(const char *prompt, int64_t fd, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret line = SECRET_INIT;
    size_t len = 0;

    TRY(secret_new(CUSTODIAN_PASSPHRASE_MAX, &line, err));
    if (fd >= 0)
        TRY(descriptor_read((int)fd, &line, &len, err));
    else
        TRY(terminal_ask(prompt, &line, &len, err));
    if (len == 0)
        return FAIL(err, ERR_DENIED, "no passphrase was typed");
    secret_cut(&line, len);
    *ret = line;
    line = (struct secret)SECRET_INIT;
    return 0;
}

/* What is wrong with a new passphrase; NULL if nothing is. */
static const char *fault_of(const struct secret *first, const struct secret *second)
{
    if (first->len < CUSTODIAN_PASSPHRASE_MIN)
        return tr("A passphrase has at least 12 characters.");
    if (!bytes_equal_secret(secret_bytes(first), secret_bytes(second)))
        return tr("What was typed the second time is something else.");
    return NULL;
}

int ask_new_passphrase(const char *who, struct secret *ret, struct err *err)
{
    char prompt[PROMPT_MAX];
    const char *fault;

    do {
        CLEANUP(secret_done) struct secret first = SECRET_INIT;
        CLEANUP(secret_done) struct secret second = SECRET_INIT;

        (void)snprintf(prompt, sizeof prompt, tr("%s: new passphrase for your share"), who);
        TRY(ask_passphrase(prompt, -1, &first, err));
        (void)snprintf(prompt, sizeof prompt, tr("%s: once more"), who);
        TRY(ask_passphrase(prompt, -1, &second, err));
        fault = fault_of(&first, &second);
        if (fault != NULL) {
            (void)fprintf(stderr, "%s\n", fault);
            continue;
        }
        *ret = first;
        first = (struct secret)SECRET_INIT;
    } while (fault != NULL);
    return 0;
}

static int ask_paper_line(unsigned line, uint8_t ret[8], struct err *err)
{
    CLEANUP(secret_done) struct secret typed = SECRET_INIT;
    char prompt[PROMPT_MAX];
    struct err why;
    size_t len = 0;

    TRY(secret_new(PAPER_LINE_MAX, &typed, err));
    (void)snprintf(prompt, sizeof prompt, tr("line %u of %d"), line + 1, SHARE_LINES);
    for (;;) {
        TRY(terminal_ask(prompt, &typed, &len, err));
        if (share_line_parse(bytes_of(typed.ptr, len), line, ret, &why) == 0)
            return 0;
        (void)fprintf(stderr, "%s\n", why.text);
    }
}

int ask_paper_share(struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;

    TRY(secret_new(SHARE_SIZE, &whole, err));
    for (unsigned line = 0; line < SHARE_LINES; line++)
        TRY(ask_paper_line(line, whole.ptr + line * 8UL, err));
    *ret = whole;
    whole = (struct secret)SECRET_INIT;
    return 0;
}

int ask_share_file(const char *path, int64_t passphrase_fd, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    char prompt[PROMPT_MAX];

    TRY(file_read(path, SHARE_FILE_MAX, &der, err));
    (void)snprintf(prompt, sizeof prompt, tr("passphrase of %s"), path);
    TRY(ask_passphrase(prompt, passphrase_fd, &passphrase, err));
    return err_prefix(err, share_open(buf_bytes(&der), &passphrase, ret, err), "%s", path);
}
