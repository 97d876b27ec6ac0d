/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CMS_MAX = 16 * 1024 * 1024, /* bytes of a CMS structure */
    CMS_CERTIFICATES_MAX = 16,  /* certificates in it */
    CMS_SIGNERS_MAX = 8,        /* people who signed it */
    CMS_ATTRIBUTES_MAX = 16,    /* signed attributes */
    PDF_MAX = 16 * 1024 * 1024, /* bytes of a PDF */
    PDF_SIGNATURES_MAX = 16,    /* places in it that look like a signature */
    PDF_GAP_MAX = 256 * 1024,   /* bytes between what is signed: the signature in hexadecimal */
    PDF_SPAN_MAX = 64 * 1024,   /* bytes between /ByteRange and /Contents */
    PDF_DEPTH_MAX = 32,         /* arrays and dictionaries in each other there */
    CONSENT_NAME_MAX = 64,      /* characters of a verifier, provider or service in a consent */
    CONSENT_XML_MAX = 2048,     /* bytes of a consent in XML */
    XML_MAX = 1024 * 1024,      /* bytes of an element that is signed */
    XML_SIGNED_MAX = XML_MAX + 16 * 1024, /* bytes of it with its signature */
};
