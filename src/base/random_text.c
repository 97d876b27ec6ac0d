/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random_text.h"

#include "base/base64.h"
#include "base/rand.h"
#include "base/secret.h"

#include <string.h>

enum { OCTETS_MAX = 64 };

int random_text(char *ret, size_t size, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(secret_done) struct secret random = SECRET_INIT;
    size_t octets = size < 2 ? 0 : (size - 1) * 3 / 4;

    if (octets == 0 || octets > OCTETS_MAX)
        return FAIL(err, ERR_USAGE, "no random text has a size of %zu", size);
    TRY(secret_new(octets, &random, err));
    TRY(rand_fill(random.ptr, random.len, err));
    TRY(base64_append(&text, BASE64_URL, secret_bytes(&random), err));
    if (text.len + 1 != size)
        return FAIL(err, ERR_USAGE, "no random text has a size of %zu", size);
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}
