/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/probe.h"

#include "base/file.h"
#include "base/sock.h"
#include "fetch/fetch.h"

enum { PROBE_TIMEOUT_MS = 1000 };

static bool accepts(const char *socket)
{
    CLEANUP(fd_done) int fd = -1;

    return sock_connect(socket, &fd, NULL) == 0;
}

static bool answers_ready(const char *socket)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {
        .socket = socket, .url = "/readyz", .timeout_ms = PROBE_TIMEOUT_MS};

    return fetch(&request, &response, NULL) == 0;
}

bool probe_is_ready(enum probe probe, const char *socket)
{
    switch (probe) {
    case PROBE_NONE:
        return true;
    case PROBE_SOCKET:
        return accepts(socket);
    case PROBE_HTTP:
        return answers_ready(socket);
    }
    return false;
}
