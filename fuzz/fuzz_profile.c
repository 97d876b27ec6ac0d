/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/profile_file.h"

#include "fuzz.h"

static void check_name(const struct profile_name *name)
{
    FUZZ_CHECK(name->count <= PROFILE_PARTS_MAX);
    for (size_t i = 0; i < name->count; i++)
        FUZZ_CHECK(name->parts[i].text != NULL && name->parts[i].attribute != OID_UNKNOWN);
}

/* What is taken is whole; what is refused leaves nothing behind. */
FUZZ_TARGET(data, size)
{
    struct profile_file file = {.text = NULL};

    if (profile_file_parse(bytes_of(data, size), "f", &file, NULL) < 0) {
        FUZZ_CHECK(file.text == NULL);
        return 0;
    }
    FUZZ_CHECK(file.profile.name[0] != '\0' && file.profile.subject.count > 0);
    FUZZ_CHECK(file.profile.extension_count > 0);
    FUZZ_CHECK(file.profile.extension_count <= PROFILE_EXTENSIONS_MAX);
    check_name(&file.profile.subject);
    check_name(&file.profile.alternative);
    check_name(&file.profile.point);
    profile_file_done(&file);
    return 0;
}
