/* SPDX-License-Identifier: Apache-2.0 */
/* Signed attributes are written in the order of DER, which is what their signer hashed (RFC 5652,
 * 5.4); certificates are written as they were read. */
#include "crypto/cms_ber.h"

#include "crypto/openssl.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>

static void free_structure(CMS_ContentInfo **structure)
{
    CMS_ContentInfo_free(*structure);
}

static void free_octets(uint8_t **octets)
{
    OPENSSL_free(*octets);
}

int cms_decode_ber(struct bytes ber, struct buf *ret, size_t *ret_used, struct err *err)
{
    CLEANUP(free_structure) CMS_ContentInfo *structure = NULL;
    CLEANUP(free_octets) uint8_t *der = NULL;
    const uint8_t *at = ber.ptr;
    int len;

    if (ber.len > INT_MAX)
        return FAIL(err, ERR_INPUT, "a signature file of more than %d bytes", INT_MAX);
    structure = d2i_CMS_ContentInfo(NULL, &at, (long)ber.len);
    if (structure == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "this is no CMS structure in BER");
    if (CMS_is_detached(structure) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT,
                            "a structure with its document in it is read in DER alone");
    len = i2d_CMS_ContentInfo(structure, &der);
    if (len < 0)
        return FAIL_OPENSSL(err, ERR_INPUT, "a CMS structure that cannot be written in DER");
    TRY(buf_copy(bytes_of(der, (size_t)len), ret, err));
    *ret_used = (size_t)(at - ber.ptr);
    return 0;
}
