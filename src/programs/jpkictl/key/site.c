/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/key/site.h"

#include "base/file.h"
#include "base/i18n.h"
#include "programs/progress.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_FILE_MAX = 1 << 26 }; /* bytes of a key, a ledger, a quorum */

static const char quorum_name[] = "quorum";
static const char ceremony_name[] = "ceremony"; /* which ceremony made these keys */

void site_close(struct key_site *site)
{
    if (site == NULL)
        return;
    fd_done(&site->lock);
    signer_config_free(site->config);
    free(site->keys);
    free(site->next);
    free(site->root);
    free(site->database);
    free(site);
}

void site_closep(struct key_site **site)
{
    site_close(*site);
    *site = NULL;
}

/* The keys' directory without slashes at its end. */
static int keys_path(const struct key_site *site, char **ret, struct err *err)
{
    const char *keys = site->config->keys;
    size_t len = strlen(keys);

    if (site->root != NULL)
        return path_format(ret, err, "%s/keys", site->root);
    while (len > 1 && keys[len - 1] == '/')
        len--;
    return path_format(ret, err, "%.*s", (int)len, keys);
}

static int set_paths(struct key_site *site, const struct script *script, struct err *err)
{
    CLEANUP(free_text) char *quorum = NULL;

    TRY(keys_path(site, &site->keys, err));
    TRY(path_format(&site->next, err, "%s.next", site->keys));
    TRY(path_format(&quorum, err, "%s/%s", site->keys, quorum_name));
    if (site->root == NULL && strcmp(site->config->quorum, quorum) != 0)
        return FAIL(err, ERR_INPUT, "%s: quorum must be %s, so that keys and shares change at once",
                    script->config, quorum);
    if (site->root != NULL && script->database != NULL)
        return path_format(&site->database, err, "%s/authority.db", site->root);
    if (script->database != NULL)
        return path_format(&site->database, err, "%s", script->database);
    return 0;
}

/* This process alone asks the keys, on a socket of its own. */
static int redirect(const struct key_site *site, struct err *err)
{
    CLEANUP(free_text) char *socket = NULL;

    TRY(path_format(&socket, err, "%s.sock", site->keys));
    return signer_config_redirect(site->config, site->keys, socket, err);
}

int site_open(const struct script *script, const char *root, struct key_site **ret, struct err *err)
{
    CLEANUP(site_closep) struct key_site *site = calloc(1, sizeof *site);

    if (site == NULL)
        return FAIL_NOMEM(err);
    site->lock = -1;
    if (root != NULL)
        TRY(path_format(&site->root, err, "%s", root));
    TRY(signer_config_read(script->config, &site->config, err));
    if (site->config->quorum == NULL)
        return FAIL(err, ERR_INPUT, "%s: has no quorum; nobody would ask for shares",
                    script->config);
    TRY(set_paths(site, script, err));
    if (access(site->keys, F_OK) == 0)
        TRY(keyring_lock(site->keys, &site->lock, err));
    TRY(redirect(site, err));
    *ret = site;
    site = NULL;
    return 0;
}

int site_path(const struct key_site *site, const char *path, char **ret, struct err *err)
{
    const char *name = strrchr(path, '/');

    if (site->root == NULL)
        return path_format(ret, err, "%s", path);
    return path_format(ret, err, "%s/%s", site->root, name == NULL ? path : name + 1);
}

static int read_quorum(const char *dir, struct quorum *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s/%s", dir, quorum_name));
    return quorum_read(path, ret, err);
}

int site_quorum(const struct key_site *site, struct quorum *ret, struct err *err)
{
    return read_quorum(site->keys, ret, err);
}

int site_next_quorum(const struct key_site *site, struct quorum *ret, struct err *err)
{
    return read_quorum(site->next, ret, err);
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

static bool is_key(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".key") == 0;
}

/* Calls each for every file of a directory; one that does not exist has none. */
static int each_file(const char *path, int (*each)(void *, const char *name, struct err *),
                     void *context, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(path);
    const struct dirent *entry;

    if (dir == NULL)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", path);
    while ((errno = 0, entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            TRY(each(context, entry->d_name, err));
    return errno != 0 ? FAIL_ERRNO(err, "%s", path) : 0;
}

static int count_key(void *context, const char *name, struct err *err)
{
    size_t *count = context;

    (void)err;
    *count += is_key(name);
    return 0;
}

static size_t count_keys(const struct key_site *site)
{
    size_t count = 0;

    return each_file(site->keys, count_key, &count, NULL) < 0 ? 0 : count;
}

bool site_has_keys(const struct key_site *site)
{
    return count_keys(site) > 0;
}

/* One directory of keys while it becomes another. */
struct copying {
    const struct key_site *site;
    const struct secret *from, *to;
    struct progress progress;
    size_t done;
};

static int copy_key(struct copying *copying, const char *name, struct err *err)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(free_text) char *bare = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(path_format(&bare, err, "%.*s", (int)strlen(name) - 4, name));
    TRY(path_format(&path, err, "%s/%s", copying->site->next, name));
    TRY(keyfile_read(copying->site->keys, bare, copying->from, &key, err));
    TRY(privkey_seal(key, copying->to, &der, err));
    progress_at(&copying->progress, ++copying->done);
    return file_create(path, 0600, buf_bytes(&der), err);
}

static int copy_file(void *context, const char *name, struct err *err)
{
    struct copying *copying = context;
    CLEANUP(free_text) char *from = NULL;
    CLEANUP(free_text) char *to = NULL;
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    if (is_key(name))
        return copy_key(copying, name, err);
    if (strcmp(name, quorum_name) == 0 || strcmp(name, ceremony_name) == 0)
        return 0;
    TRY(path_format(&from, err, "%s/%s", copying->site->keys, name));
    TRY(path_format(&to, err, "%s/%s", copying->site->next, name));
    TRY(file_read(from, KEYS_FILE_MAX, &data, err));
    return file_create(to, 0600, buf_bytes(&data), err);
}

static int write_quorum(const struct key_site *site, const struct quorum *quorum, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *mark = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(path_format(&mark, err, "%s/%s", site->next, ceremony_name));
    TRY(file_create(mark, 0600, bytes_text(site->ceremony), err));

    TRY(path_format(&path, err, "%s/%s", site->next, quorum_name));
    TRY(quorum_write(quorum, &text, err));
    return file_create(path, 0600, buf_bytes(&text), err);
}

int site_stage(const struct key_site *site, const struct quorum *quorum, const struct secret *from,
               const struct secret *to, struct err *err)
{
    struct copying copying = {.site = site, .from = from, .to = to};
    int rc = 0;

    if (from->len == 0 && site_has_keys(site))
        return FAIL(err, ERR_CONFLICT,
                    "%s: there are keys already; their custodians must open them first (restore)",
                    site->keys);
    TRY(site_discard(site, err));
    TRY(dir_make(site->next, 0700, err));
    copying.progress = progress_start(tr("encrypting keys"), count_keys(site));
    if (from->len > 0)
        rc = each_file(site->keys, copy_file, &copying, err);
    progress_end(&copying.progress);
    TRY(rc);
    return write_quorum(site, quorum, err);
}

static int remove_in(const char *dir, const char *name, const char *end, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s/%s%s", dir, name, end));
    return unlink(path) < 0 && errno != ENOENT ? FAIL_ERRNO(err, "%s", path) : 0;
}

int site_make_key(const struct key_site *site, const char *name, const struct secret *passphrase,
                  struct digest *ret, struct err *err)
{
    CLEANUP(free_text) char *used = NULL;
    const struct key_config *row;

    TRY(signer_config_key(site->config, name, &row, err));
    TRY(path_format(&used, err, "%s/%s.ledger", site->keys, name));
    if (access(used, F_OK) == 0)
        return FAIL(err, ERR_CONFLICT, "%s: exists already; keys are never replaced", used);
    /* What an interrupted step has left was never told to anybody. */
    TRY(remove_in(site->next, name, ".key", err));
    TRY(remove_in(site->next, name, ".ledger", err));
    return keyfile_create(site->next, name, (unsigned)row->bits, passphrase, ret, err);
}

int site_retire_key(const struct key_site *site, const char *name, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s/%s.key", site->keys, name));
    if (access(path, F_OK) < 0)
        return FAIL(err, ERR_ABSENT, "%s: no such key", path);
    return remove_in(site->next, name, ".key", err);
}

static int remove_file(void *context, const char *name, struct err *err)
{
    return remove_in(context, name, "", err);
}

static int remove_dir(char *path, struct err *err)
{
    TRY(each_file(path, remove_file, path, err));
    return rmdir(path) < 0 && errno != ENOENT ? FAIL_ERRNO(err, "%s", path) : 0;
}

int site_discard(const struct key_site *site, struct err *err)
{
    return remove_dir(site->next, err);
}

/* Files of a folder that get its owner; those whose names begin in a way. */
struct owning {
    const char *folder, *start;
    uid_t uid;
    gid_t gid;
};

static int own(void *context, const char *name, struct err *err)
{
    const struct owning *owning = context;
    CLEANUP(free_text) char *path = NULL;

    if (strncmp(name, owning->start, strlen(owning->start)) != 0)
        return 0;
    TRY(path_format(&path, err, "%s/%s", owning->folder, name));
    return lchown(path, owning->uid, owning->gid) < 0 ? FAIL_ERRNO(err, "%s", path) : 0;
}

static int own_all(const char *folder, const char *start, struct err *err)
{
    struct owning owning = {.folder = folder, .start = start};
    struct stat st;

    if (stat(folder, &st) < 0)
        return FAIL_ERRNO(err, "%s", folder);
    owning.uid = st.st_uid;
    owning.gid = st.st_gid;
    return each_file(folder, own, &owning, err);
}

/* KEYS.next, and all that is in it, belongs to who owns the folder it is in. */
static int own_next(const struct key_site *site, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;
    struct stat st;

    if (geteuid() != 0)
        return 0;
    TRY(path_folder(site->next, &folder, err));
    if (stat(folder, &st) < 0 || lchown(site->next, st.st_uid, st.st_gid) < 0)
        return FAIL_ERRNO(err, "%s", site->next);
    return own_all(site->next, "", err);
}

int site_hand_over(const struct key_site *site, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;

    if (geteuid() != 0)
        return 0;
    TRY(own_all(site->keys, "", err));
    if (site->database == NULL)
        return 0;
    TRY(path_folder(site->database, &folder, err));
    return own_all(folder, strrchr(site->database, '/') + 1, err);
}

bool site_is_installed(const struct key_site *site)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf mark = BUF_INIT;

    return path_format(&path, NULL, "%s/%s", site->keys, ceremony_name) == 0 &&
           file_read(path, SITE_ID_SIZE, &mark, NULL) == 0 &&
           bytes_equal(buf_bytes(&mark), bytes_text(site->ceremony));
}

int site_install(struct key_site *site, struct err *err)
{
    CLEANUP(fd_done) int lock = -1;
    bool is_first = access(site->keys, F_OK) < 0;

    if (site_is_installed(site))
        return site_discard(site, err);
    TRY(keyring_lock(site->next, &lock, err));
    TRY(own_next(site, err));
    if (renameat2(AT_FDCWD, site->next, AT_FDCWD, site->keys, is_first ? 0 : RENAME_EXCHANGE) < 0)
        return FAIL_ERRNO(err, "%s", site->keys);
    TRY(file_sync_folder(site->keys, err));
    fd_done(&site->lock);
    site->lock = lock;
    lock = -1;
    return site_discard(site, err); /* by now that is what was replaced */
}
