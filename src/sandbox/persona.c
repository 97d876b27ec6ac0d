/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/persona.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char own_digits[] = "0123456789";
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

struct member {
    const char *key;
    size_t offset;       /* into struct persona */
    const char *letters; /* the only characters allowed; NULL: any */
    size_t len;          /* exact length; 0: any but empty */
};

static const struct member members[] = {
    {"name", offsetof(struct persona, name), name_letters, 0},
    {"note", offsetof(struct persona, note), NULL, 0},
    {"mynumber", offsetof(struct persona, mynumber), own_digits, 12},
    {"full_name", offsetof(struct persona, full_name), NULL, 0},
    {"address", offsetof(struct persona, address), NULL, 0},
    {"birth_date", offsetof(struct persona, birth_date), "0123456789-", 10},
    {"sex", offsetof(struct persona, sex), NULL, 0},
    {"municipality", offsetof(struct persona, municipality), own_digits, 5},
};
static const struct member pin_members[] = {
    {"auth", offsetof(struct persona, pin_auth), own_digits, 4},
    {"sign", offsetof(struct persona, pin_sign), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 0},
};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool persona_is_name(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= SANDBOX_PERSONA_NAME_MAX && strspn(text, name_letters) == len;
}

static int read_member(const struct json *object, const struct member *member,
                       struct persona *persona, struct err *err)
{
    const char *text = NULL;

    TRY(json_get_text(object, member->key, &text, err));
    size_t len = strlen(text);
    if (len == 0 || (member->len != 0 && len != member->len) ||
        (member->letters != NULL && strspn(text, member->letters) != len))
        return FAIL(err, ERR_INPUT, "the persona's %s is malformed", member->key);
    memcpy((char *)persona + member->offset, &text, sizeof text);
    return 0;
}

static bool is_one_of(const char *text, const char *const words[])
{
    while (*words != NULL && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

static int read_kind(const struct json *object, struct persona *persona, struct err *err)
{
    static const char *const kinds[] = {"plastic", "under15", "under1", "face", NULL};

    persona->kind = kinds[0];
    if (json_has(object, "kind"))
        TRY(json_get_text(object, "kind", &persona->kind, err));
    if (!is_one_of(persona->kind, kinds))
        return FAIL(err, ERR_INPUT, "the persona's kind is plastic, under15, under1 or face");
    return 0;
}

/* The register says what each act needs, and of which form. */
static int read_since(const struct json *object, struct persona *persona, struct err *err)
{
    static const char *const keys[] = {"act", "name", "address", "municipality", NULL};
    static const char *const acts[] = {"move", "name", NULL};
    const struct {
        const char *key;
        const char **ret;
    } texts[] = {{"name", &persona->since.name},
                 {"address", &persona->since.address},
                 {"municipality", &persona->since.municipality}};
    const struct json *since = NULL;

    if (!json_has(object, "since"))
        return 0;
    TRY(json_get_object(object, "since", &since, err));
    TRY(json_only(since, keys, err));
    TRY(json_get_text(since, "act", &persona->since.act, err));
    if (!is_one_of(persona->since.act, acts))
        return FAIL(err, ERR_INPUT, "what happened since is move or name");
    for (size_t i = 0; i < COUNT(texts); i++)
        if (json_has(since, texts[i].key))
            TRY(json_get_text(since, texts[i].key, texts[i].ret, err));
    return 0;
}

/* The exchange says what names and duties there are. */
static int read_exchange(const struct json *object, struct persona *persona, struct err *err)
{
    static const char *const keys[] = {"provider",   "duty",      "procedure", "info",
                                       "department", "is_hidden", NULL};

    if (json_has(object, "holds"))
        TRY(json_get_array(object, "holds", &persona->holds, err));
    if (json_has(object, "is_protected"))
        TRY(json_get_bool(object, "is_protected", &persona->is_protected, err));
    if (json_has(object, "parent"))
        TRY(json_get_text(object, "parent", &persona->parent, err));
    if (json_has(object, "child"))
        TRY(json_get_text(object, "child", &persona->child, err));
    if (!json_has(object, "inquiries"))
        return 0;
    TRY(json_get_array(object, "inquiries", &persona->inquiries, err));
    for (size_t i = 0; i < json_count(persona->inquiries); i++)
        TRY(json_only(json_at(persona->inquiries, i), keys, err));
    return 0;
}

static int check_words(const struct persona *persona, struct err *err)
{
    static const char *const sexes[] = {"male", "female", "unknown", NULL};
    size_t sign_len = strlen(persona->pin_sign);

    if (strlen(persona->name) > SANDBOX_PERSONA_NAME_MAX)
        return FAIL(err, ERR_INPUT, "the persona's name is longer than %d letters",
                    SANDBOX_PERSONA_NAME_MAX);
    if (!is_one_of(persona->sex, sexes))
        return FAIL(err, ERR_INPUT, "the persona's sex is male, female or unknown");
    /* card.md 4.2: 6 to 16 characters. */
    if (sign_len < 6 || sign_len > 16)
        return FAIL(err, ERR_INPUT, "the persona's sign password has 6 to 16 characters");
    return 0;
}

static int read_persona(const struct json *object, struct persona *ret, struct err *err)
{
    static const char *const keys[] = {
        "name",      "note",         "mynumber", "full_name", "address", "birth_date",
        "sex",       "municipality", "kind",     "pins",      "since",   "holds",
        "inquiries", "is_protected", "parent",   "child",     NULL};
    static const char *const pin_keys[] = {"auth", "sign", NULL};
    struct persona persona = {0};
    const struct json *pins = NULL;

    TRY(json_only(object, keys, err));
    for (size_t i = 0; i < COUNT(members); i++)
        TRY(read_member(object, &members[i], &persona, err));
    TRY(read_kind(object, &persona, err));
    TRY(read_since(object, &persona, err));
    TRY(read_exchange(object, &persona, err));
    TRY(json_get_object(object, "pins", &pins, err));
    TRY(json_only(pins, pin_keys, err));
    for (size_t i = 0; i < COUNT(pin_members); i++)
        TRY(read_member(pins, &pin_members[i], &persona, err));
    TRY(check_words(&persona, err));
    *ret = persona;
    return 0;
}

static bool is_taken(const struct personas *personas, const char *name)
{
    for (size_t i = 0; i < personas->count; i++)
        if (strcmp(personas->list[i].name, name) == 0)
            return true;
    return false;
}

static int append(struct personas *personas, const struct json *object, struct err *err)
{
    struct persona persona;

    TRY(read_persona(object, &persona, err));
    if (is_taken(personas, persona.name))
        return FAIL(err, ERR_CONFLICT, "there is a persona called %s already", persona.name);
    if (personas->count == SANDBOX_PERSONAS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d personas", SANDBOX_PERSONAS_MAX);
    personas->list[personas->count++] = persona;
    return 0;
}

static int append_own(struct personas *personas, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *list = NULL;
    int64_t version = 0;

    TRY(file_read(path, SANDBOX_PERSONAS_BYTES_MAX, &text, err));
    TRY(err_prefix(err, json_parse(buf_bytes(&text), &personas->own, err), "%s", path));
    TRY(err_prefix(err, json_get_int(personas->own, "version", &version, err), "%s", path));
    if (version != 1)
        return FAIL(err, ERR_CONFLICT, "%s: version %lld is not known here", path,
                    (long long)version);
    TRY(err_prefix(err, json_get_array(personas->own, "personas", &list, err), "%s", path));
    for (size_t i = 0; i < json_count(list); i++)
        TRY(err_prefix(err, append(personas, json_at(list, i), err), "%s, persona %zu", path,
                       i + 1));
    return 0;
}

static int append_added_file(struct personas *personas, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *object = NULL;
    size_t slot = personas->count;

    TRY(file_read(path, SANDBOX_PERSONAS_BYTES_MAX, &text, err));
    TRY(err_prefix(err, json_parse(buf_bytes(&text), &object, err), "%s", path));
    TRY(err_prefix(err, append(personas, object, err), "%s", path));
    personas->added[slot] = object;
    object = NULL;
    return 0;
}

static int is_persona_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* One file for each, in the order of their names. */
static int append_added(struct personas *personas, const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;
    struct dirent **entries = NULL;
    int rc = 0;

    TRY(layout_path(layout, "personas", &dir, err));
    int count = scandir(dir, &entries, is_persona_file, alphasort);
    if (count < 0)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", dir);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_text) char *path = NULL;

        if (rc == 0)
            rc = path_format(&path, err, "%s/%s", dir, entries[i]->d_name);
        if (rc == 0)
            rc = append_added_file(personas, path, err);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

int personas_load(const char *path, const struct layout *layout, struct personas *ret,
                  struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};

    TRY(append_own(&personas, path, err));
    if (layout != NULL)
        TRY(append_added(&personas, layout, err));
    *ret = personas;
    personas = (struct personas){0};
    return 0;
}

void personas_done(struct personas *personas)
{
    json_free(personas->own);
    for (size_t i = 0; i < SANDBOX_PERSONAS_MAX; i++)
        json_free(personas->added[i]);
    *personas = (struct personas){0};
}

int persona_find(const struct personas *personas, const char *name, struct persona *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;
    const char *text = "";

    for (size_t i = 0; i < personas->count; i++) {
        if (strcmp(personas->list[i].name, name) == 0) {
            *ret = personas->list[i];
            return 0;
        }
        TRY(buf_append_format(&names, err, "%s%s", i == 0 ? "" : ", ", personas->list[i].name));
    }
    TRY(buf_text(&names, &text, err));
    return FAIL(err, ERR_ABSENT, "there is no persona of that name; there are %s", text);
}

int persona_add(const struct layout *layout, const struct personas *personas, struct bytes object,
                char **ret_name, struct err *err)
{
    CLEANUP(json_freep) struct json *parsed = NULL;
    CLEANUP(free_text) char *path = NULL;
    struct persona persona;

    TRY(json_parse(object, &parsed, err));
    TRY(read_persona(parsed, &persona, err));
    if (is_taken(personas, persona.name))
        return FAIL(err, ERR_CONFLICT, "there is a persona called %s already", persona.name);
    if (personas->count == SANDBOX_PERSONAS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d personas", SANDBOX_PERSONAS_MAX);
    TRY(path_format(&path, err, "%s/personas/%s.json", layout->dir, persona.name));
    TRY(file_create(path, 0640, object, err));
    return path_format(ret_name, err, "%s", persona.name);
}
