/* SPDX-License-Identifier: Apache-2.0 */
/* What public and private keys on P-384 have in common. */
#include "crypto/evp.h"

#include <openssl/err.h>
#include <string.h>

enum { GROUP_NAME_SIZE = 64 };

/* AlgorithmIdentifier with id-ecPublicKey and secp384r1, and an uncompressed point (RFC 5480, 2).
 */
static const uint8_t spki_head[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};

enum { SPKI_SIZE = sizeof spki_head + 2 * 48 };

/* Left as it is if the curve has none that is known. */
static void name_group(const EVP_PKEY *key, char ret[GROUP_NAME_SIZE])
{
    char group[GROUP_NAME_SIZE] = "";
    size_t len;

    if (EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1)
        memcpy(ret, group, sizeof group);
    ERR_clear_error();
}

bool p384_is(const EVP_PKEY *key)
{
    char group[GROUP_NAME_SIZE] = "";

    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return false;
    name_group(key, group);
    return strcmp(group, "secp384r1") == 0;
}

int p384_check(const EVP_PKEY *key, struct bytes spki, struct err *err)
{
    char group[GROUP_NAME_SIZE] = "without a name";

    name_group(key, group);
    if (!p384_is(key))
        return FAIL(err, ERR_INPUT, "an EC key on the curve \"%s\"; P-384 is accepted", group);
    if (spki.len != SPKI_SIZE || !bytes_start_with(spki, BYTES_ARRAY(spki_head)))
        return FAIL(err, ERR_INPUT,
                    "a P-384 key whose curve is not named or whose point is not written in full");
    return 0;
}
