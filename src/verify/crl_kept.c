/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/crl_kept.h"

#include "base/file.h"
#include "revocation/crl.h"
#include "x509/name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct crl_kept {
    atomic_size_t holders;
    bool is_readable, is_for_users;
    struct buf names; /* issuer, key identifier and point, one after the other */
    struct revocation_index index;
    struct revocation_set *set;
    char *name;
    struct stat state;
};

void crl_kept_free(struct crl_kept *kept)
{
    if (kept == NULL || atomic_fetch_sub(&kept->holders, 1) > 1)
        return;
    buf_done(&kept->names);
    revocation_set_free(kept->set);
    free_text(&kept->name);
    free(kept);
}

void crl_kept_freep(struct crl_kept **kept)
{
    crl_kept_free(*kept);
    *kept = NULL;
}

struct crl_kept *crl_kept_share(struct crl_kept *kept)
{
    (void)atomic_fetch_add(&kept->holders, 1);
    return kept;
}

const struct revocation_index *crl_kept_index(const struct crl_kept *kept)
{
    return kept->is_readable ? &kept->index : NULL;
}

bool crl_kept_is_for_users(const struct crl_kept *kept)
{
    return kept->is_for_users;
}

const char *crl_kept_name(const struct crl_kept *kept)
{
    return kept->name;
}

size_t crl_kept_entries(const struct crl_kept *kept)
{
    return kept->set == NULL ? 0 : revocation_set_count(kept->set);
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool crl_kept_is_same(const struct crl_kept *kept, const struct stat *now)
{
    return kept->state.st_dev == now->st_dev && kept->state.st_ino == now->st_ino &&
           kept->state.st_size == now->st_size && is_same_time(kept->state.st_mtim, now->st_mtim) &&
           is_same_time(kept->state.st_ctim, now->st_ctim);
}

/* The entries of a list in the order in which they stand. */
struct walk {
    struct bytes all, left;
};

static int walk_rewind(void *context, struct err *err)
{
    struct walk *walk = context;

    (void)err;
    walk->left = walk->all;
    return 0;
}

static int walk_next(void *context, struct revocation *ret, struct err *err)
{
    struct walk *walk = context;

    return crl_next(&walk->left, ret, err);
}

/* ERR_INPUT at the first that is malformed, and if there are more than may be kept. */
static int count_entries(struct bytes entries, size_t most, size_t *ret, bool *ret_is_sorted,
                         struct err *err)
{
    struct revocation entry;
    uint32_t last = 0;
    size_t count = 0;
    bool is_sorted = true;
    int rc;

    while ((rc = crl_next(&entries, &entry, err)) == 0) {
        if (++count > most)
            return FAIL(err, ERR_INPUT, "more revocations than are kept");
        is_sorted = is_sorted && entry.serial > last;
        last = entry.serial;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = count;
    *ret_is_sorted = is_sorted;
    return 0;
}

static int compare_serials(const void *left, const void *right)
{
    const struct revocation *a = left;
    const struct revocation *b = right;

    return (a->serial > b->serial) - (a->serial < b->serial);
}

/* The order is the CA's to choose (RFC 5280, 5.1.2.6); a serial twice is no answer, though. */
struct sorted {
    struct revocation *entries;
    size_t count, next;
};

static void sorted_done(struct sorted *sorted)
{
    free(sorted->entries);
}

static int sorted_rewind(void *context, struct err *err)
{
    struct sorted *sorted = context;

    (void)err;
    sorted->next = 0;
    return 0;
}

static int sorted_next(void *context, struct revocation *ret, struct err *err)
{
    struct sorted *sorted = context;

    if (sorted->next == sorted->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = sorted->entries[sorted->next++];
    return 0;
}

static int collect_unsorted(struct bytes entries, size_t count, struct revocation_set **ret,
                            struct err *err)
{
    CLEANUP(sorted_done) struct sorted sorted = {calloc(count, sizeof(struct revocation)), 0, 0};
    const struct revocation_source source = {&sorted, sorted_rewind, sorted_next};

    if (sorted.entries == NULL)
        return FAIL_NOMEM(err);
    while (sorted.count < count)
        TRY(crl_next(&entries, &sorted.entries[sorted.count++], err));
    qsort(sorted.entries, count, sizeof sorted.entries[0], compare_serials);
    return revocation_set_new(&source, ret, err); /* refuses what occurs twice */
}

static int collect(struct bytes entries, struct crl_room *room, struct revocation_set **ret,
                   struct err *err)
{
    struct walk walk = {entries, entries};
    const struct revocation_source source = {&walk, walk_rewind, walk_next};
    bool is_sorted = true;
    size_t count = 0;

    TRY(count_entries(entries, room->entries, &count, &is_sorted, err));
    TRY(is_sorted ? revocation_set_new(&source, ret, err)
                  : collect_unsorted(entries, count, ret, err));
    room->entries -= count;
    return 0;
}

/* The anchor whose key signed the list and may sign lists; NULL: none (RFC 5280, 6.3.3 (f)). */
static int find_voucher(const struct crl *crl, const struct anchors *anchors,
                        const struct x509_cert **ret, struct err *err)
{
    const struct x509_cert *anchor;

    *ret = NULL;
    for (size_t nth = 0;
         *ret == NULL && (anchor = anchors_find(anchors, crl->authority_key_id, nth)) != NULL;
         nth++) {
        int rc = (x509_cert_tbs(anchor)->key_usage & KEY_USAGE_CRL_SIGN) == 0
                     ? -ERR_UNTRUSTED
                     : crl_verify(crl, x509_cert_pubkey(anchor), err);

        if (status_is_our_trouble(rc))
            return rc;
        if (rc == 0)
            *ret = anchor;
    }
    return 0;
}

/* What is borrowed from the list is copied, because the list goes. */
static int keep_names(struct crl_kept *kept, const struct crl *crl, struct err *err)
{
    struct bytes names;

    TRY(buf_append(&kept->names, crl->issuer, err));
    TRY(buf_append(&kept->names, crl->authority_key_id, err));
    TRY(buf_append(&kept->names, crl->distribution_point, err));
    names = buf_bytes(&kept->names);
    kept->index = (struct revocation_index){
        .issuer = bytes_part(names, 0, crl->issuer.len),
        .authority_key_id = bytes_part(names, crl->issuer.len, crl->authority_key_id.len),
        .point = bytes_part(names, crl->issuer.len + crl->authority_key_id.len, names.len),
        .this_update = crl->this_update,
        .next_update = crl->next_update,
    };
    return 0;
}

/* Entries are looked at only once it is known whose they are. */
static int keep(struct crl_kept *kept, struct bytes der, const struct anchors *anchors,
                struct crl_room *room, struct err *err)
{
    const struct x509_cert *voucher;
    struct crl crl;

    TRY(crl_parse(der, CRL_FILE_MAX, &crl, err));
    TRY(keep_names(kept, &crl, err));
    kept->is_for_users = crl.scope != CRL_SCOPE_CAS;
    TRY(find_voucher(&crl, anchors, &voucher, err));
    if (voucher != NULL) {
        TRY(collect(crl.entries, room, &kept->set, err));
        kept->index.voucher = pubkey_spki(x509_cert_pubkey(voucher));
        kept->index.set = kept->set;
    }
    kept->is_readable = true;
    return 0;
}

static int make(const char *name, struct crl_kept **ret, struct err *err)
{
    CLEANUP(crl_kept_freep) struct crl_kept *kept = calloc(1, sizeof *kept);

    if (kept == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&kept->holders, 1);
    TRY(path_format(&kept->name, err, "%s", name));
    *ret = kept;
    kept = NULL;
    return 0;
}

/* A list that cannot be read is kept as such; what is our trouble is handed on. */
static int unless_ours(int rc)
{
    return status_is_our_trouble(rc) ? rc : 0;
}

int crl_kept_make(struct bytes der, const char *name, const struct anchors *anchors,
                  struct crl_room *room, struct crl_kept **ret, struct err *err)
{
    CLEANUP(crl_kept_freep) struct crl_kept *kept = NULL;

    TRY(make(name, &kept, err));
    TRY(unless_ours(keep(kept, der, anchors, room, err)));
    *ret = kept;
    kept = NULL;
    return 0;
}

int crl_kept_read(const char *path, const char *name, const struct anchors *anchors,
                  struct crl_room *room, struct crl_kept **ret, struct err *err)
{
    CLEANUP(crl_kept_freep) struct crl_kept *kept = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc;

    if (fd < 0)
        return errno == ENOENT ? FAIL(err, ERR_ABSENT, "%s does not exist", path)
                               : FAIL_ERRNO(err, "%s", path);
    TRY(make(name, &kept, err));
    if (fstat(fd, &kept->state) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (S_ISREG(kept->state.st_mode)) {
        rc = file_read_fd(fd, CRL_FILE_MAX, &der, err);
        TRY(unless_ours(rc));
        if (rc == 0)
            TRY(unless_ours(keep(kept, buf_bytes(&der), anchors, room, err)));
    }
    *ret = kept;
    kept = NULL;
    return 0;
}
