/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/text.h"

#include "base/base64.h"
#include "base/rand.h"
#include "base/secret.h"

#include <string.h>

int random_text(size_t octets, char *ret, size_t size, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(secret_done) struct secret random = SECRET_INIT;

    TRY(secret_new(octets, &random, err));
    TRY(rand_fill(random.ptr, random.len, err));
    TRY(base64_append(&text, BASE64_URL, secret_bytes(&random), err));
    if (text.len + 1 != size)
        return FAIL(err, ERR_USAGE, "%zu octets do not make a text of %zu", octets, size);
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}
