/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chore.h"

#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int chore_start(struct chore *chore, void *(*run)(void *), void *argument, struct err *err)
{
    int rc;

    chore->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (chore->stop_fd < 0)
        return FAIL_ERRNO(err, "cannot make an event descriptor");
    errno = pthread_create(&chore->thread, NULL, run, argument);
    if (errno == 0) {
        chore->is_there = true;
        return 0;
    }
    rc = FAIL_ERRNO(err, "cannot start a thread");
    fd_done(&chore->stop_fd);
    return rc;
}

bool chore_rest(const struct chore *chore, int pause_ms)
{
    struct pollfd stop = {.fd = chore->stop_fd, .events = POLLIN};

    return poll(&stop, 1, pause_ms) <= 0;
}

void chore_tell(struct chore *chore)
{
    const uint64_t one = 1;

    if (!chore->is_there)
        return;
    /* So few of them always fit. */
    while (write(chore->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

void chore_stop(struct chore *chore)
{
    if (!chore->is_there)
        return;
    chore_tell(chore);
    (void)pthread_join(chore->thread, NULL);
    fd_done(&chore->stop_fd);
    chore->is_there = false;
}
