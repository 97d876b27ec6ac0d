/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki-verify/error.h"

#include <string.h>

static enum jpki_error_kind kind_outside(enum err_kind kind)
{
    switch (kind) {
    case ERR_USAGE:
        return JPKI_ERROR_USAGE;
    case ERR_INPUT:
        return JPKI_ERROR_INPUT;
    case ERR_ABSENT:
        return JPKI_ERROR_ABSENT;
    case ERR_UNTRUSTED:
        return JPKI_ERROR_UNTRUSTED;
    case ERR_NOMEM:
        return JPKI_ERROR_NOMEM;
    case ERR_NONE:
    case ERR_DENIED: /* nobody is asked for a PIN, nothing is asked over a network */
    case ERR_CONFLICT:
    case ERR_REMOTE:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return JPKI_ERROR_SYSTEM;
}

int tell(int rc, const struct err *err, struct jpki_error *error)
{
    enum jpki_error_kind kind;

    if (rc == 0)
        return 0;
    kind = kind_outside(err_kind_of(rc));
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
