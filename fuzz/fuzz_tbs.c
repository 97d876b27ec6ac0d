/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "x509/profile.h"

static void check_ranges(const struct tbs *tbs, const uint8_t *data, size_t size)
{
    const struct bytes ranges[] = {
        tbs->der,
        tbs->serial,
        tbs->algorithm,
        tbs->issuer,
        tbs->subject,
        tbs->spki,
        tbs->unknown_critical,
        tbs->subject_key_id,
        tbs->authority_key_id,
        tbs->authority_issuer,
        tbs->authority_serial,
        tbs->alt_name,
        tbs->issuer_alt_name,
        tbs->distribution_point,
        tbs->ocsp_url,
        tbs->holder.name,
        tbs->holder.address,
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        FUZZ_CHECK(fuzz_is_inside(ranges[i], data, size));
    for (size_t i = 0; i < tbs->extension_count; i++)
        FUZZ_CHECK(fuzz_is_inside(tbs->extensions[i].value, data, size));
    for (size_t i = 0; i < tbs->policy_count; i++)
        FUZZ_CHECK(fuzz_is_inside(tbs->policies[i].cps, data, size));
}

/* All of the input is the TBSCertificate, and a shape is checked without trouble. */
FUZZ_TARGET(data, size)
{
    const struct profile *profile;
    struct tbs tbs;

    if (tbs_parse(bytes_of(data, size), &tbs, NULL) < 0)
        return 0;
    FUZZ_CHECK(tbs.der.len == size && tbs.serial.len > 0);
    check_ranges(&tbs, data, size);
    profile = profile_guess(&tbs);
    if (profile != NULL && profile_check(profile, &tbs, NULL) == 0)
        FUZZ_CHECK(tbs.unknown_critical.len == 0 && tbs_serial_number(&tbs) <= UINT32_MAX);
    return 0;
}
