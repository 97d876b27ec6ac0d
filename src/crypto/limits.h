/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    PASSPHRASE_MAX = 1024,    /* bytes of a passphrase around a private key */
    SEAL_PLAIN_MAX = 65536,   /* bytes sealed at once */
    SEAL_CONTEXT_MAX = 65536, /* bytes of the context they are bound to */
};
