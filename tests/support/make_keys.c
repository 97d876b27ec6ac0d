/* SPDX-License-Identifier: Apache-2.0 */
/* make_keys: MADE_KEYS keys, as made_keys.h says, to standard output. */
#include "crypto/privkey.h"
#include "support/made_keys.h"

#include <stdio.h>

static int make(struct err *err)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(secret_done) struct secret der = SECRET_INIT;

    TRY(privkey_generate(MADE_KEYS_BITS, &key, err));
    TRY(privkey_export(key, &der, err));
    if (der.len > MADE_KEY_MAX)
        return FAIL(err, ERR_SYSTEM, "a key of %zu octets", der.len);
    (void)putchar((int)(der.len >> 8));
    (void)putchar((int)(der.len & 0xff));
    (void)fwrite(der.ptr, 1, der.len, stdout);
    return 0;
}

int main(void)
{
    struct err err = {0};

    for (int i = 0; i < MADE_KEYS; i++) {
        if (make(&err) < 0) {
            (void)fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
