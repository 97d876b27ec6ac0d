/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CMS_MAX = 16 * 1024 * 1024, /* bytes of a CMS structure */
    CMS_CERTIFICATES_MAX = 8,   /* certificates in it */
    CMS_ATTRIBUTES_MAX = 16,    /* signed attributes */
    CONSENT_NAME_MAX = 64,      /* characters of a verifier, provider or service in a consent */
    CONSENT_XML_MAX = 2048,     /* bytes of a consent in XML */
};
