/* SPDX-License-Identifier: Apache-2.0 */
#include "support/made_keys.h"

#include "base/file.h"
#include "crypto/pbes2.h"
#include "crypto/privkey.h"

#include <pthread.h>
#include <stdlib.h>

/* Weak, for programs that have their own. */
#define REPLACEABLE __attribute__((weak))

/* A key file is closed and opened by the same functions, whatever guessing would take. */
REPLACEABLE const int pbes2_iterations = 1000;

int __real_privkey_generate(unsigned bits, struct privkey **ret, struct err *err);
REPLACEABLE int __wrap_privkey_generate(unsigned bits, struct privkey **ret, struct err *err);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t used; /* octets of the file */

/* The next key's octets; none if there is no further one. */
static int take(const char *path, uint8_t octets[MADE_KEY_MAX], size_t *ret_len, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct bytes rest;
    size_t len;

    TRY(file_read(path, MADE_KEYS * (2 + MADE_KEY_MAX), &file, err));
    rest = bytes_part(buf_bytes(&file), used, file.len - used);
    *ret_len = 0;
    if (rest.len < 2)
        return 0;
    len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];
    if (len > MADE_KEY_MAX || len > rest.len - 2)
        return FAIL(err, ERR_INPUT, "%s: ends within a key", path);
    for (size_t i = 0; i < len; i++)
        octets[i] = rest.ptr[2 + i];
    used += 2 + len;
    *ret_len = len;
    return 0;
}

/* Threads make keys side by side. */
int __wrap_privkey_generate(unsigned bits, struct privkey **ret, struct err *err)
{
    const char *path = getenv(MADE_KEYS_VARIABLE);
    uint8_t octets[MADE_KEY_MAX];
    size_t len = 0;
    int rc = 0;

    if (path != NULL && path[0] != '\0' && bits == MADE_KEYS_BITS) {
        (void)pthread_mutex_lock(&lock);
        rc = take(path, octets, &len, err);
        (void)pthread_mutex_unlock(&lock);
    }
    if (rc < 0)
        return rc;
    return len > 0 ? privkey_import(bytes_of(octets, len), ret, err)
                   : __real_privkey_generate(bits, ret, err);
}
