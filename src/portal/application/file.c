/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/file.h"

#include "base/utf8.h"
#include "portal/application/limits.h"

#include <string.h>

enum {
    PDF_TAIL = 1024, /* in which %%EOF stands */
    ZIP_END = 22,
    ZIP_DISKS_AT = 4,
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

/*
 * Whether some program takes the end record that may stand here for one: its comment ends the file,
 * or ends before (which many let pass), and it says that the archive is in one piece, as chance
 * does not.
 */
static bool is_end_record(struct bytes rest)
{
    static const uint8_t first[4] = {0}, unknown[4] = {0xff, 0xff, 0xff, 0xff};
    size_t comment;
    struct bytes disks;

    if (rest.len < ZIP_END)
        return false;
    comment = (size_t)(rest.ptr[ZIP_COMMENT_AT] | rest.ptr[ZIP_COMMENT_AT + 1] << 8);
    disks = bytes_part(rest, ZIP_DISKS_AT, sizeof first);
    return rest.len - ZIP_END == comment ||
           (rest.len - ZIP_END > comment &&
            (bytes_equal(disks, BYTES_ARRAY(first)) || bytes_equal(disks, BYTES_ARRAY(unknown))));
}

static bool is_zip(struct bytes content)
{
    static const uint8_t mark[] = {'P', 'K', 5, 6};
    struct bytes rest = content;

    for (;;) {
        const uint8_t *at = rest.len == 0 ? NULL : memmem(rest.ptr, rest.len, mark, sizeof mark);

        if (at == NULL)
            return false;
        rest = bytes_of(at, rest.len - (size_t)(at - rest.ptr));
        if (is_end_record(rest))
            return true;
        rest = bytes_part(rest, 1, rest.len);
    }
}

/* Those of these kinds are opened wherever in a file they begin. */
static bool is_archive(struct bytes content)
{
    static const struct bytes heads[] = {BYTES_LITERAL("Rar!\x1a\x07"),
                                         BYTES_LITERAL("7z\xbc\xaf\x27\x1c")};

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (content.len > 0 && memmem(content.ptr, content.len, heads[i].ptr, heads[i].len) != NULL)
            return true;
    return is_zip(content);
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

    if (utf8_is_blank(bytes_text(name)) || count > APPLICATION_FILE_NAME_MAX ||
        !utf8_is_shown(bytes_text(name)) || strpbrk(name, "/\\:*?\"<>|%~") != NULL ||
        name[0] == '.' || name[0] == ' ' || name[0] == '-' ||
        strchr(". ", name[strlen(name) - 1]) != NULL)
        return FAIL(err, ERR_INPUT, "the name of a file is 1 to %d plain characters, no path",
                    APPLICATION_FILE_NAME_MAX);
    return 0;
}
