/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures in XML documents (XML Signature Syntax and Processing 1.1: enveloped, exclusive
 * canonicalization), two-phase: xml_signature_prepare makes the SignedInfo, its digest is signed
 * elsewhere, xml_signature_complete makes the file.
 *
 * There is no XML parser here. A document is one element that whoever made it has written in
 * canonical form already (Exclusive XML Canonicalization 1.0): UTF-8, no comments, no declaration,
 * no CDATA, no self-closing tags, attributes in order, references for & < > and, in attributes, for
 * quotation marks, and no carriage returns. So its octets are what is hashed. The signature stands
 * in it as the last child; a file has one spelling, which is what is read.
 *
 * What is read is not believed: see verify/. The element is to be read in one way as well, as its
 * writer does it.
 */
#pragma once

#include "docsign/limits.h"
#include "x509/cert.h"

/*
 * First phase: what is to be hashed (with the hash that goes with the key) and signed with PKCS#1
 * v1.5 and DigestInfo, or ECDSA by a P-384 key. ERR_INPUT unless the element begins and ends with
 * tags of one name, for a signature in it, and above XML_MAX bytes.
 */
MUST_CHECK int xml_signature_prepare(struct bytes element, enum key_kind kind, struct buf *ret,
                                     struct err *err);
/*
 * Second phase: the file. signature is as keys make it (for ECDSA: Ecdsa-Sig-Value). ERR_UNTRUSTED
 * if it is not by the signer's key over that SignedInfo, so that a faulty card makes no file.
 */
MUST_CHECK int xml_signature_complete(struct bytes element, struct bytes signature,
                                      const struct x509_cert *signer, struct buf *ret,
                                      struct err *err);

/* A file taken apart. */
struct xml_signed {
    struct buf element;     /* as it was prepared */
    struct buf signed_info; /* the same */
    enum key_kind kind;
    struct buf signature;   /* as it was completed with */
    struct buf certificate; /* DER, says the file */
};

void xml_signed_done(struct xml_signed *xml);
/* ERR_INPUT for anything but exactly such a file. */
MUST_CHECK int xml_signature_parse(struct bytes file, struct xml_signed *ret, struct err *err);

/* Append a text as it stands in an element, or in an attribute's quotation marks. ERR_INPUT for
 * what no XML document can have: controls but tab and line feed, U+FFFE, U+FFFF. */
MUST_CHECK int xml_append_text(struct buf *buf, const char *text, struct err *err);
MUST_CHECK int xml_append_value(struct buf *buf, const char *text, struct err *err);
