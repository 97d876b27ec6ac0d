/* SPDX-License-Identifier: Apache-2.0 */
/*
 * There is one catalogue, Japanese; English is the language of the source. It is read into memory
 * rather than mapped: a file that shrinks under a mapping would kill the process.
 */
#include "base/i18n.h"

#include "base/file.h"
#include "base/mo.h"
#include "base/share.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct catalogue {
    struct buf file;
    struct mo mo;
};

static struct catalogue japanese;
static bool japanese_is_loaded;
static pthread_once_t japanese_once = PTHREAD_ONCE_INIT;
static _Thread_local bool is_loading; /* failures of loading are told, too, but not in Japanese */

static int catalogue_load(const char *language, struct catalogue *ret)
{
    CLEANUP(free_text) char *name = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct mo mo;

    TRY(path_format(&name, NULL, "locale/%s/LC_MESSAGES/openjpki.mo", language));
    TRY(share_path(name, &path, NULL));
    TRY(file_read(path, MO_FILE_MAX, &file, NULL));
    TRY(mo_parse(buf_bytes(&file), &mo, NULL));
    buf_move(&ret->file, &file);
    ret->mo = mo;
    return 0;
}

static void japanese_load(void)
{
    is_loading = true;
    japanese_is_loaded = catalogue_load("ja", &japanese) == 0;
    is_loading = false;
}

const struct catalogue *i18n_catalogue(const char *language)
{
    if (strcmp(language, "ja") != 0 || is_loading)
        return NULL;
    (void)pthread_once(&japanese_once, japanese_load);
    return japanese_is_loaded ? &japanese : NULL;
}

const char *i18n_text(const struct catalogue *catalogue, const char *msgid)
{
    const char *found;

    /* The empty message would find the catalogue's own header. */
    if (catalogue == NULL || msgid[0] == '\0')
        return msgid;
    found = mo_find(&catalogue->mo, msgid);
    return found == NULL || found[0] == '\0' ? msgid : found;
}

const char *i18n_language(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = secure_getenv(variables[i]);

        if (value != NULL && value[0] != '\0')
            return strcmp(value, "ja") == 0 || strncmp(value, "ja_", 3) == 0 ||
                           strncmp(value, "ja.", 3) == 0
                       ? "ja"
                       : "en";
    }
    return "en";
}

const char *tr(const char *msgid)
{
    return i18n_text(i18n_catalogue(i18n_language()), msgid);
}
