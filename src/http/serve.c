/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"
#include "http/server.h"

int http_serve(int signal_fd, int (*reload)(void *context, struct err *err), void *context,
               struct err *err)
{
    enum daemon_signal what = DAEMON_RELOAD;

    daemon_ready();
    for (;;) {
        TRY(daemon_wait(signal_fd, &what, err));
        if (what == DAEMON_STOP)
            break;
        if (reload == NULL)
            continue;
        daemon_reloading();
        TRY(reload(context, err));
        daemon_ready();
    }
    daemon_stopping();
    return 0;
}
