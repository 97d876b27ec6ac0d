/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody outside sends to be unwrapped, made by libcrypto. Everything fails the test. */
#pragma once

#include "base/bytes.h"

enum wrap_form {
    WRAP_OAEP_256,   /* RSA-OAEP, SHA-256 and MGF1 with SHA-256: what is unwrapped */
    WRAP_OAEP_SHA1,  /* RSA-OAEP with SHA-1 */
    WRAP_OAEP_LABEL, /* the right hashes, a label */
    WRAP_OAEP_MGF1,  /* SHA-256, MGF1 with SHA-1 */
    WRAP_PKCS1,      /* RSAES-PKCS1-v1_5 */
    WRAP_FORMS_,
};

void wrap_as(enum wrap_form form, struct bytes spki, struct bytes plain, struct buf *ret);
void wrap_for(struct bytes spki, struct bytes plain, struct buf *ret);
