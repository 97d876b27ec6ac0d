/* SPDX-License-Identifier: Apache-2.0 */
/* Names whose parts are fixed or come from what differs from certificate to certificate. */
#include "x509/name.h"
#include "x509/profile_row.h"

#include <stdio.h>
#include <string.h>

static bool is_romaji(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z') ||
              text[i] == '-' || text[i] == '\'' || text[i] == ' '))
            return false;
    return len >= 1 && len <= ROMAJI_MAX;
}

static const struct {
    size_t offset; /* of the text in the inputs */
    bool (*is_good)(const char *text);
    const char *otherwise;
} sources[PROFILE_SOURCES_] = {
    [PROFILE_PREFECTURE] = {offsetof(struct profile_inputs, prefecture), is_romaji,
                            "the prefecture is not written in romaji"},
    [PROFILE_MUNICIPALITY] = {offsetof(struct profile_inputs, municipality), is_romaji,
                              "the municipality is not written in romaji"},
    [PROFILE_COMMON_NAME_SIGN] = {offsetof(struct profile_inputs, common_name), is_common_name_sign,
                                  "the common name is not that of a sign certificate"},
    [PROFILE_COMMON_NAME_AUTH] = {offsetof(struct profile_inputs, common_name), is_common_name_auth,
                                  "the common name is not that of an auth certificate"},
};

static int put_part(const struct profile_part *part, const struct profile_inputs *inputs,
                    char ret[X509_ATTRIBUTE_MAX + 1], struct err *err)
{
    const char *start = "";
    int len;

    if (part->source != PROFILE_FIXED) {
        start = *(const char *const *)(const void *)((const char *)inputs +
                                                     sources[part->source].offset);
        if (start == NULL || !sources[part->source].is_good(start))
            return FAIL(err, ERR_INPUT, "%s", sources[part->source].otherwise);
    }
    len = snprintf(ret, X509_ATTRIBUTE_MAX + 1, "%s%s", start, part->text);
    if (len < 0 || len > X509_ATTRIBUTE_MAX)
        return FAIL(err, ERR_INPUT, "part of a name is longer than %d bytes", X509_ATTRIBUTE_MAX);
    return 0;
}

int profile_put_name(const struct profile_name *name, const struct profile_inputs *inputs,
                     struct buf *out, struct err *err)
{
    char texts[PROFILE_PARTS_MAX][X509_ATTRIBUTE_MAX + 1];
    struct name_row rows[PROFILE_PARTS_MAX];
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    for (size_t i = 0; i < name->count; i++) {
        TRY(put_part(&name->parts[i], inputs, texts[i], err));
        rows[i] = (struct name_row){name->parts[i].attribute, name->parts[i].type, texts[i]};
    }
    TRY(name_build(rows, name->count, &der, err));
    return buf_append(out, buf_bytes(&der), err);
}
