/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/file.h"

#include "base/utf8.h"
#include "portal/application/limits.h"

#include <string.h>

enum {
    PDF_TAIL = 1024, /* in which %%EOF stands */
    ZIP_END = 22,
    ZIP_COMMENT_AT = 20, /* the end record of an archive (APPNOTE 4.3.16) */
};

struct kind {
    const char *type, *media;
    struct bytes head, tail;
};

static const struct kind kinds[] = {
    {"pdf", "application/pdf", BYTES_LITERAL("%PDF-"), {NULL, 0}},
    {"jpeg", "image/jpeg", BYTES_LITERAL("\xff\xd8\xff"), BYTES_LITERAL("\xff\xd9")},
    {"png", "image/png", BYTES_LITERAL("\x89PNG\r\n\x1a\n"), BYTES_LITERAL("IEND\xae\x42\x60\x82")},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Whether some program would open it as an archive: an end record whose comment ends the file. */
static bool is_archive(struct bytes content)
{
    static const uint8_t mark[] = {'P', 'K', 5, 6};
    struct bytes rest = content;

    for (;;) {
        const uint8_t *at = rest.len == 0 ? NULL : memmem(rest.ptr, rest.len, mark, sizeof mark);

        if (at == NULL)
            return false;
        rest = bytes_of(at, rest.len - (size_t)(at - rest.ptr));
        if (rest.len >= ZIP_END &&
            rest.len - ZIP_END == (size_t)(at[ZIP_COMMENT_AT] | at[ZIP_COMMENT_AT + 1] << 8))
            return true;
        rest = bytes_part(rest, 1, rest.len);
    }
}

static bool ends_with(struct bytes content, struct bytes tail)
{
    return content.len >= tail.len &&
           bytes_equal(bytes_part(content, content.len - tail.len, tail.len), tail);
}

static bool is_of(struct bytes content, const struct kind *kind)
{
    const size_t from = content.len > PDF_TAIL ? content.len - PDF_TAIL : 0;
    const struct bytes end = bytes_part(content, from, content.len);

    if (!bytes_start_with(content, kind->head))
        return false;
    return kind->tail.len > 0 ? ends_with(content, kind->tail)
                              : memmem(end.ptr, end.len, "%%EOF", strlen("%%EOF")) != NULL;
}

const char *attachment_type(struct bytes content)
{
    for (size_t i = 0; i < KINDS; i++)
        if (is_of(content, &kinds[i]))
            return is_archive(content) ? NULL : kinds[i].type;
    return NULL;
}

const char *attachment_media_type(const char *type)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].media;
    return "application/octet-stream";
}

int attachment_check_name(const char *name, struct err *err)
{
    const size_t count = utf8_count(bytes_text(name));

    if (count == 0 || count > APPLICATION_FILE_NAME_MAX || !utf8_is_shown(bytes_text(name)) ||
        strpbrk(name, "/\\:*?\"<>|%~") != NULL || name[0] == '.' || name[0] == ' ' ||
        name[0] == '-' || strchr(". ", name[strlen(name) - 1]) != NULL)
        return FAIL(err, ERR_INPUT, "the name of a file is 1 to %d plain characters, no path",
                    APPLICATION_FILE_NAME_MAX);
    return 0;
}
