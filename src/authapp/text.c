/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/text.h"

#include "base/base64.h"
#include "base/rand.h"

#include <string.h>

enum { OCTETS_MAX = 32 };

int authapp_random(char *ret, size_t size, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    uint8_t random[OCTETS_MAX];
    size_t octets = (size - 1) * 3 / 4;
    int rc;

    if (size != AUTHAPP_ID_SIZE && size != AUTHAPP_SECRET_SIZE)
        return FAIL(err, ERR_USAGE, "no random text has this size");
    TRY(rand_fill(random, octets, err));
    rc = base64_append(&text, BASE64_URL, bytes_of(random, octets), err);
    wipe(random, sizeof random);
    TRY(rc);
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}
