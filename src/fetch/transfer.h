/* SPDX-License-Identifier: Apache-2.0 */
/* One try of one request over libcurl: bytes there, bytes back. Decides nothing. */
#pragma once

#include "fetch/fetch.h"

enum { TRANSFER_TYPE_MAX = 63 };

struct transfer {
    unsigned status;                  /* 0: there was no answer */
    char type[TRANSFER_TYPE_MAX + 1]; /* media type without parameters, lower case */
    struct buf body;
    int retry_after_ms; /* -1: the peer did not say */
};

#define TRANSFER_INIT                                                                              \
    {                                                                                              \
        0, "", BUF_INIT, -1                                                                        \
    }

/* A handle of libcurl (CURL *), which is made ready once; curl_easy_cleanup releases it. */
MUST_CHECK int transfer_handle(void **ret, struct err *err);
/*
 * request has its deadline and limit filled in; method and body are as they go out. ERR_REMOTE if
 * there is no complete answer in time and within its limits. What is in the file is replaced. ret
 * is initialised by the caller and released by transfer_done, also after a failure.
 */
MUST_CHECK int transfer_run(const struct fetch_request *request, const char *method,
                            struct bytes body, struct transfer *ret, struct err *err);
void transfer_done(struct transfer *transfer);
