/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step of the build: compile_profiles FILE... (src/x509/meson.build) writes the C source of the
 * table of profiles. A profile that is wrong stops the build here.
 */
#include "x509/profile_file.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 65536 };

#define ENDING ".profile"

/* Each byte that is not plain as three octal digits, which no digit behind them can lengthen. */
static void write_text(const char *text)
{
    putchar('"');
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?')
            printf("\\%03o", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void write_name(const char *member, const struct profile_name *name)
{
    printf("        .%s = {.count = %zu, .parts = {\n", member, name->count);
    for (size_t i = 0; i < name->count; i++) {
        const struct profile_part *part = &name->parts[i];

        printf("            {(enum oid)%d, (enum der_tag)%d, (enum profile_source)%d, ",
               part->attribute, part->type, part->source);
        write_text(part->text);
        printf("},\n");
    }
    printf("        }},\n");
}

static void write_policy(const struct profile_policy *policy)
{
    printf(", .policy = {{");
    for (size_t i = 0; i < policy->len; i++)
        printf("%s%d", i == 0 ? "" : ", ", policy->octets[i]);
    printf("}, %zu}", policy->len);
}

static void write_extension(const struct profile_extension *extension)
{
    printf("            {.id = (enum oid)%d, .is_critical = %s, .value = (enum profile_value)%d",
           extension->id, extension->is_critical ? "true" : "false", extension->value);
    printf(", .key_usage = %u, .purpose = (enum oid)%d", extension->key_usage, extension->purpose);
    if (extension->policy.len > 0)
        write_policy(&extension->policy);
    if (extension->text != NULL) {
        printf(", .text = ");
        write_text(extension->text);
    }
    printf("},\n");
}

static void write_profile(const struct profile *profile)
{
    printf("    [%d] = {\n        .name = ", profile->kind);
    write_text(profile->name);
    printf(",\n        .kind = (enum profile_kind)%d,\n        .issuer = (enum profile_kind)%d,\n",
           profile->kind, profile->issuer);
    printf("        .lifetimes = {\n");
    for (int key = 0; key < KEY_KINDS_; key++)
        printf("            {%u, %u},\n", profile->lifetimes[key].months,
               profile->lifetimes[key].days);
    printf("        },\n");
    write_name("subject", &profile->subject);
    write_name("alternative", &profile->alternative);
    write_name("point", &profile->point);
    printf("        .extension_count = %zu,\n        .extensions = {\n", profile->extension_count);
    for (size_t i = 0; i < profile->extension_count; i++)
        write_extension(&profile->extensions[i]);
    printf("        },\n    },\n");
}

static int read_file(const char *path, struct profile_file *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    size_t len = strlen(name);

    TRY(file_read(path, FILE_MAX, &text, err));
    TRY(profile_file_parse(buf_bytes(&text), path, ret, err));
    if (len <= strlen(ENDING) || strcmp(name + len - strlen(ENDING), ENDING) != 0 ||
        len - strlen(ENDING) != strlen(ret->profile.name) ||
        strncmp(name, ret->profile.name, strlen(ret->profile.name)) != 0)
        return FAIL(err, ERR_INPUT, "%s: the file of %s is called otherwise", path,
                    ret->profile.name);
    return 0;
}

static int compile(char *const *paths, size_t count, struct profile_file files[PROFILES_],
                   struct err *err)
{
    if (count > PROFILES_)
        return FAIL(err, ERR_INPUT, "more profiles than kinds of certificates");
    for (size_t i = 0; i < count; i++)
        TRY(read_file(paths[i], &files[i], err));
    TRY(profile_files_check(files, count, err));
    printf("/* Made by compile_profiles of data/profiles/. */\n"
           "#include \"x509/profile_row.h\"\n\n"
           "const struct profile profile_table[PROFILES_] = {\n");
    for (size_t i = 0; i < count; i++)
        write_profile(&files[i].profile);
    printf("};\n");
    return fflush(stdout) == 0 ? 0 : FAIL(err, ERR_SYSTEM, "the table cannot be written");
}

int main(int argc, char **argv)
{
    struct profile_file files[PROFILES_] = {{.text = NULL}};
    struct err err = {0};
    int rc = compile(argv + 1, (size_t)(argc - 1), files, &err);

    for (size_t i = 0; i < PROFILES_; i++)
        profile_file_done(&files[i]);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    return rc < 0;
}
