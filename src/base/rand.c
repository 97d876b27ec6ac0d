/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

int rand_fill(void *ptr, size_t len, struct err *err)
{
    uint8_t *at = ptr;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0) {
            if (errno == EINTR)
                continue;
            return FAIL_ERRNO(err, "no random bytes from the kernel");
        }
        at += got;
        len -= (size_t)got;
    }
    return 0;
}
