/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rand.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
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

/* ---- labels ---- */

enum { STOCK_SIZE = 1024 };

/* Of one thread. */
static _Thread_local struct {
    size_t left;
    uint8_t at[STOCK_SIZE];
} stock;

static void forget_stock(void)
{
    stock.left = 0;
}

/* The child of a fork has one thread, with a copy of what its parent has in stock. */
static void forget_in_children(void)
{
    (void)pthread_atfork(NULL, NULL, forget_stock);
}

int rand_label(void *ptr, size_t len, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (len > RAND_LABEL_MAX)
        return FAIL(err, ERR_USAGE, "a label of %zu bytes, the limit is %d", len, RAND_LABEL_MAX);
    (void)pthread_once(&once, forget_in_children);
    if (stock.left < len) {
        TRY(rand_fill(stock.at, sizeof stock.at, err));
        stock.left = sizeof stock.at;
    }
    stock.left -= len;
    memcpy(ptr, stock.at + stock.left, len);
    return 0;
}
