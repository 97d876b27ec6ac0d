/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consent to the latest attributes as a holder signs it for a provider (pki.md 5): XML with
 * Japanese element names, in one spelling only, so that what is signed can be read in one way. The
 * real document is not public; its elements are our own.
 *
 *   <?xml version="1.0" encoding="UTF-8"?>
 *   <利用者同意申請>
 *   <様式>OpenJPKI同意書第1版</様式>
 *   <署名検証者>pf</署名検証者>
 *   <サービス事業者>bank</サービス事業者>
 *   <サービス>accounts</サービス>
 *   <提供項目>氏名</提供項目>
 *   <提供項目>住所</提供項目>
 *   <署名日時>2026-11-26T14:00:00+09:00</署名日時>
 *   </利用者同意申請>
 *
 * Its end is 利用者同意取消申請, without 提供項目. The signature is the card's over the DigestInfo
 * of the document's digest, with the certificate beside it.
 */
#pragma once

#include "docsign/attributes.h"
#include "docsign/limits.h"

struct consent_text {
    bool is_withdrawal;
    char verifier[CONSENT_NAME_MAX + 1];
    char provider[CONSENT_NAME_MAX + 1];
    char service[CONSENT_NAME_MAX + 1];
    unsigned attributes; /* bits; 0 in a withdrawal */
    int64_t at;          /* when it was signed, says whoever signed */
};

/* ERR_INPUT for a name that is not 1 to CONSENT_NAME_MAX letters, digits, hyphens, dots, for no
 * attribute, and a time before 1970 or past 9999. */
MUST_CHECK int consent_xml_write(const struct consent_text *text, struct buf *ret, struct err *err);
/* ERR_INPUT for anything but exactly such a document. */
MUST_CHECK int consent_xml_parse(struct bytes document, struct consent_text *ret, struct err *err);
