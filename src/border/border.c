/* SPDX-License-Identifier: Apache-2.0 */
#include "border/border.h"

#include <string.h>

/* Kinds that no function of a public header fails with are this machine's fault. */
static const enum jpki_error_kind kinds[ERR_KINDS_] = {
    [ERR_NONE] = JPKI_ERROR_SYSTEM,     [ERR_USAGE] = JPKI_ERROR_USAGE,
    [ERR_INPUT] = JPKI_ERROR_INPUT,     [ERR_DENIED] = JPKI_ERROR_DENIED,
    [ERR_ABSENT] = JPKI_ERROR_ABSENT,   [ERR_UNTRUSTED] = JPKI_ERROR_UNTRUSTED,
    [ERR_CONFLICT] = JPKI_ERROR_SYSTEM, [ERR_REMOTE] = JPKI_ERROR_REMOTE,
    [ERR_NOMEM] = JPKI_ERROR_NOMEM,     [ERR_SYSTEM] = JPKI_ERROR_SYSTEM,
};

int tell(int rc, const struct err *err, struct jpki_error *error)
{
    enum jpki_error_kind kind;

    if (rc == 0)
        return 0;
    kind = kinds[err_kind_of(rc)];
    if (error != NULL) {
        error->kind = kind;
        _Static_assert(sizeof error->text == sizeof err->text, "texts are of one size");
        memcpy(error->text, err->text, sizeof error->text);
    }
    return -(int)kind;
}

int take_bytes(struct jpki_bytes from, struct bytes *ret, struct err *err)
{
    if (from.data == NULL && from.size > 0)
        return FAIL(err, ERR_USAGE, "%zu bytes at NULL", from.size);
    *ret = bytes_of(from.data, from.size);
    return 0;
}

struct jpki_bytes give_bytes(struct bytes bytes)
{
    return (struct jpki_bytes){bytes.ptr, bytes.len};
}
