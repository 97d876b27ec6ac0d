/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/feed_status.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* By the CA's key, never by its name. */
static const struct feed_copy *find_copy(const struct feed_list *list,
                                         const struct x509_cert *issuer)
{
    for (size_t i = 0; i < list->count; i++)
        if (bytes_equal(x509_cert_tbs(feed_copy_ca(list->copies[i]))->spki,
                        x509_cert_tbs(issuer)->spki))
            return list->copies[i];
    return NULL;
}

static void report_unknown(const struct feed_standing *standing, int64_t at, struct report *report)
{
    bool is_of_another_time = standing->edition == 0 || at > standing->next_update ||
                              at + FEED_SKEW < standing->this_update;

    report_add(report, is_of_another_time ? REASON_FEED_TOO_OLD : REASON_FEED_NOT_COVERED);
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    static const enum status_answer answers[] = {[FEED_NOT_COVERED] = STATUS_NOT_KNOWN,
                                                 [FEED_GOOD] = STATUS_GOOD,
                                                 [FEED_REVOKED] = STATUS_REVOKED};
    const struct tbs *tbs = x509_cert_tbs(question->cert);
    const struct feed_copy *copy = find_copy(context, question->issuer);
    struct feed_standing standing;
    struct status status = {.revoked_at = STATUS_NO_TIME, .reason = -1};

    (void)err;
    *ret = status;
    if (copy == NULL || tbs->serial.len > REVOCATION_SERIAL_OCTETS) {
        report_add(report, REASON_FEED_NOT_COVERED);
        return 0;
    }
    feed_copy_standing(copy, &standing);
    status.answer = answers[feed_copy_ask(copy, (uint32_t)tbs_serial_number(tbs), question->at)];
    if (status.answer == STATUS_NOT_KNOWN) {
        report_unknown(&standing, question->at, report);
        return 0;
    }
    status.this_update = standing.this_update;
    status.next_update = standing.next_update;
    status_report(&status, report);
    *ret = status;
    return 0;
}

struct status_source feed_status_source(const struct feed_list *list)
{
    return (struct status_source){look, list};
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

static bool is_feed_name(const char *name)
{
    size_t len = strlen(name);

    return len > 5 && strcmp(name + len - 5, ".feed") == 0;
}

static int read_file(const char *path, struct buf *items, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(path, FEED_ITEM_MAX, &file, err));
    return buf_append(items, buf_bytes(&file), err);
}

static int read_directory(const char *path, struct buf *items, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", path);
    while ((entry = readdir(dir)) != NULL) {
        CLEANUP(free_text) char *file = NULL;

        if (!is_feed_name(entry->d_name))
            continue;
        if (++count > FEED_FILES_MAX)
            return FAIL(err, ERR_INPUT, "%s: more than %d files of a feed", path, FEED_FILES_MAX);
        TRY(path_format(&file, err, "%s/%s", path, entry->d_name));
        TRY(read_file(file, items, err));
    }
    return 0;
}

int feed_load(struct feed_copy *copy, const char *path, int64_t now, unsigned *ret_taken,
              struct err *err)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    struct stat st;

    if (stat(path, &st) < 0)
        return errno == ENOENT ? FAIL(err, ERR_ABSENT, "%s: there is no such file", path)
                               : FAIL_ERRNO(err, "%s", path);
    TRY(S_ISDIR(st.st_mode) ? read_directory(path, &items, err) : read_file(path, &items, err));
    return feed_copy_take_all(copy, buf_bytes(&items), now, ret_taken, err);
}
