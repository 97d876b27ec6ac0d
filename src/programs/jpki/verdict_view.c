/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/verdict_view.h"

#include "base/i18n.h"
#include "programs/jpki/common.h"

#include <stdio.h>

static enum colour colour_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return COLOUR_GOOD;
    case VERDICT_INDETERMINATE:
        return COLOUR_DOUBTFUL;
    case VERDICT_INVALID:
        break;
    }
    return COLOUR_BAD;
}

static const char *title_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return N_("VALID");
    case VERDICT_INDETERMINATE:
        return N_("INDETERMINATE");
    case VERDICT_INVALID:
        break;
    }
    return N_("INVALID");
}

void print_verdict(enum verdict verdict)
{
    printf("%s%s%s\n", colour_on(colour_of(verdict)), tr(title_of(verdict)), colour_off());
}

/* A CA that is not listed must not be believed, though more may become known (design 7). */
enum exit_code verdict_exit_code(enum verdict verdict, bool is_unlisted)
{
    if (is_unlisted)
        return EXIT_CODE_INVALID;
    switch (verdict) {
    case VERDICT_VALID:
        return EXIT_CODE_DONE;
    case VERDICT_INDETERMINATE:
        return EXIT_CODE_INDETERMINATE;
    case VERDICT_INVALID:
        break;
    }
    return EXIT_CODE_INVALID;
}

int add_reason(struct json *array, const char *name, const char *text, struct err *err)
{
    CLEANUP(json_freep) struct json *reason = json_object_new();

    TRY(json_put_text(reason, "name", name, err));
    TRY(json_put_text(reason, "text", text, err));
    return json_add(array, json_steal(&reason), err);
}
