/* SPDX-License-Identifier: Apache-2.0 */
/* What a signed note holds at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    NOTE_MAX = 8192,          /* bytes, signatures included */
    NOTE_SIGNATURES_MAX = 16, /* lines */
    NOTE_NAME_MAX = 120,      /* bytes of whoever signs */
    NOTE_KEY_MAX = 200,       /* bytes of a key in writing */
};
