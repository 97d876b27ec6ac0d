/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/openssl.h"

#include <openssl/err.h>

int openssl_fail(struct err *err, enum err_kind kind, const char *where, const char *text)
{
    unsigned long code = ERR_peek_error();

    ERR_clear_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        return err_set(err, ERR_NOMEM, 0, where, "out of memory");
    return err_set(err, kind, (uint32_t)code, where, "%s", text);
}
