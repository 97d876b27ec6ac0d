/* SPDX-License-Identifier: Apache-2.0 */
/* One revoked certificate, and how lists and sets ask for many of them. */
#pragma once

#include "base/bytes.h"
#include "revocation/reason.h"

struct revocation {
    uint32_t serial; /* from 1 */
    int64_t at;      /* UTC seconds */
    enum crl_reason reason;
};

/*
 * Revocations in ascending order of serial, each serial once, as often as asked: writing a list
 * goes over them twice, so that memory does not depend on their number.
 */
struct revocation_source {
    void *context;
    /* Start again at the first. */
    int (*rewind)(void *context, struct err *err);
    /* ERR_ABSENT after the last. */
    int (*next)(void *context, struct revocation *ret, struct err *err);
};
