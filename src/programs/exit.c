/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/exit.h"

#include "base/i18n.h"
#include "programs/output.h"

#include <stdio.h>

struct row {
    enum exit_code code;
    const char *sentence; /* msgid */
};

static struct row row_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return (struct row){EXIT_CODE_DONE, ""};
    case ERR_USAGE:
    case ERR_INPUT:
        return (struct row){EXIT_CODE_USAGE, ""};
    case ERR_DENIED:
        return (struct row){EXIT_CODE_DENIED, ""};
    case ERR_ABSENT:
        return (struct row){EXIT_CODE_ABSENT, ""};
    case ERR_UNTRUSTED:
        return (struct row){EXIT_CODE_INVALID, N_("It must not be believed.")};
    case ERR_REMOTE:
        return (struct row){EXIT_CODE_REMOTE, N_("Try again in a moment; if it stays, the other "
                                                 "side has to be looked at.")};
    case ERR_CONFLICT:
        return (struct row){EXIT_CODE_INTERNAL, ""};
    case ERR_NOMEM:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return (struct row){EXIT_CODE_INTERNAL,
                        N_("This is a fault of this computer, not of the card or the file.")};
}

enum exit_code exit_code_of(enum err_kind kind)
{
    return row_of(kind).code;
}

const char *exit_sentence(enum err_kind kind)
{
    return row_of(kind).sentence;
}

int exit_report(const char *program, const struct err *err)
{
    CLEANUP(buf_done) struct buf room = BUF_INIT;
    const char *sentence = exit_sentence(err->kind);

    (void)fprintf(stderr, "%s: %s\n", program, text_shown(err->text, &room));
    if (sentence[0] != '\0')
        (void)fprintf(stderr, "%s\n", tr(sentence));
    return (int)exit_code_of(err->kind);
}
