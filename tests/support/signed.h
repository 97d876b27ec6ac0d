/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents, PDFs among them, and revocation lists of a test PKI. Everything fails the
 * running test. */
#pragma once

#include "revocation/crl_write.h"
#include "support/pki.h"

/* A detached CMS signature with the key and certificate of this PKI's holder. */
void test_document_sign(const struct test_pki *pki, struct bytes document, int64_t signing_time,
                        struct buf *ret);

/* The same with the document in it. */
void test_document_attach(const struct test_pki *pki, struct bytes document, int64_t signing_time,
                          struct buf *ret);

/* Adds the holder as one more signer to a structure over that document, which may be in it. */
void test_document_add_signer(const struct test_pki *pki, struct bytes document,
                              int64_t signing_time, struct buf *cms);

/* Gives the only signer of a structure an unsigned attribute with that many octets in it. */
void test_document_pad(size_t octets, struct buf *cms);

/*
 * One more revision of a PDF with a signature of the holder over all of it; an empty file becomes
 * a PDF. Its page says text.
 */
void test_pdf_sign(const struct test_pki *pki, const char *text, int64_t signing_time,
                   struct buf *file);
/* One more revision, in which the page says text and nothing is signed. */
void test_pdf_change(const char *text, struct buf *file);

/* A list to be made. */
struct test_list {
    struct crl_head head;
    const struct revocation *entries; /* in ascending order */
    size_t count;
    const struct privkey *signer;
};

/*
 * The sign CA's list for the place of the holder's certificate, without entries, from an hour ago
 * to in an hour; to be changed and made. Borrows pki.
 */
struct test_list test_list_of(const struct test_pki *pki, int64_t now);
void test_list_make(const struct test_list *list, struct buf *ret);
