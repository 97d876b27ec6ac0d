/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/crl_status.h"

#include "base/file.h"
#include "revocation/crl.h"
#include "x509/name.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A search through lists: what stood in the way, and the newest list that counts. */
struct search {
    const struct status_question *question;
    struct report problems;
    struct status newest;
};

/* RFC 5280, 6.3.3 (b): a list for another place, or one for CAs only, says nothing here. */
static bool covers(const struct crl *crl, const struct tbs *tbs)
{
    if (crl->scope == CRL_SCOPE_CAS)
        return false;
    return crl->distribution_point.len == 0 ||
           (tbs->distribution_point.len > 0 &&
            name_equal(crl->distribution_point, tbs->distribution_point));
}

/* Whether the list is the CA's own and holds at that time; else the problem is noted. */
static int check_list(struct search *search, const struct crl *crl, bool *ret, struct err *err)
{
    const struct x509_cert *issuer = search->question->issuer;
    const struct tbs *tbs = x509_cert_tbs(issuer);
    int rc;

    *ret = false;
    if (!bytes_equal(crl->authority_key_id, tbs->subject_key_id) ||
        !name_equal(crl->issuer, tbs->subject)) {
        report_add(&search->problems, REASON_CRL_OTHER_ISSUER);
        return 0;
    }
    rc = (tbs->key_usage & KEY_USAGE_CRL_SIGN) == 0
             ? -ERR_UNTRUSTED /* RFC 5280, 6.3.3 (f) */
             : crl_verify(crl, x509_cert_pubkey(issuer), err);
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(&search->problems, REASON_CRL_FORGED);
    else if (crl->this_update > search->question->at + STATUS_SKEW)
        report_add(&search->problems, REASON_CRL_FROM_FUTURE);
    else if (crl->next_update < search->question->at)
        report_add(&search->problems, REASON_CRL_EXPIRED);
    else
        *ret = true;
    return 0;
}

/* ERR_INPUT if an entry up to the certificate's is malformed. */
static int find_entry(const struct crl *crl, uint64_t serial, struct status *ret, struct err *err)
{
    struct bytes entries = crl->entries;
    struct status status = {STATUS_GOOD, 0, -1, crl->this_update, crl->next_update};
    struct revocation entry;
    int rc;

    while ((rc = crl_next(&entries, &entry, err)) == 0)
        if (entry.serial == serial) {
            status.answer = STATUS_REVOKED;
            status.revoked_at = entry.at;
            status.reason = (int)entry.reason;
        }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = status;
    return 0;
}

static int look_into(struct search *search, struct bytes der, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(search->question->cert);
    struct status status;
    struct crl crl;
    bool counts;

    TRY(crl_parse(der, CRL_FILE_MAX, &crl, err));
    if (!covers(&crl, tbs))
        return 0;
    TRY(check_list(search, &crl, &counts, err));
    if (!counts)
        return 0;
    TRY(find_entry(&crl, tbs_serial_number(tbs), &status, err));
    if (search->newest.answer == STATUS_NOT_KNOWN ||
        status.this_update > search->newest.this_update)
        search->newest = status;
    return 0;
}

/* What cannot be read may be the list that is needed. */
static int note_unreadable(struct search *search, int rc)
{
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(&search->problems, REASON_CRL_UNREADABLE);
    return 0;
}

static int look_into_file(struct search *search, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int rc = file_read(path, CRL_FILE_MAX, &der, err);

    if (rc == 0)
        rc = look_into(search, buf_bytes(&der), err);
    return note_unreadable(search, rc);
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

static bool is_list_name(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".crl") == 0;
}

static int look_into_directory(struct search *search, const char *path, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(path);
    const struct dirent *entry;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", path);
    while ((entry = readdir(dir)) != NULL) {
        CLEANUP(free_text) char *file = NULL;

        if (!is_list_name(entry->d_name))
            continue;
        TRY(path_format(&file, err, "%s/%s", path, entry->d_name));
        TRY(look_into_file(search, file, err));
    }
    return 0;
}

static int look_at_path(struct search *search, const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", path);
    return S_ISDIR(st.st_mode) ? look_into_directory(search, path, err)
                               : look_into_file(search, path, err);
}

static int look_at_lists(struct search *search, const struct crl_lists *lists, struct err *err)
{
    for (size_t i = 0; i < lists->count; i++)
        TRY(note_unreadable(search, look_into(search, lists->lists[i], err)));
    return lists->path == NULL ? 0 : look_at_path(search, lists->path, err);
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    struct search search = {.question = question, .newest = {.reason = -1}};

    /* Serials that lists cannot have (revocation/limits.h) would never be found in one. */
    if (x509_cert_tbs(question->cert)->serial.len <= REVOCATION_SERIAL_OCTETS)
        TRY(look_at_lists(&search, context, err));
    *ret = search.newest;
    if (search.newest.answer != STATUS_NOT_KNOWN) {
        status_report(&search.newest, report);
        return 0;
    }
    if (search.problems.reason_count == 0)
        report_add(report, REASON_CRL_MISSING);
    for (size_t i = 0; i < search.problems.reason_count; i++)
        report_add(report, search.problems.reasons[i]);
    return 0;
}

static int look_below(const void *context, const struct status_question *question,
                      struct report *report, struct status *ret, struct err *err)
{
    const struct crl_lists lists = {.path = context};

    return look(&lists, question, report, ret, err);
}

struct status_source crl_status_source(const char *path)
{
    return (struct status_source){look_below, path};
}

struct status_source crl_lists_source(const struct crl_lists *lists)
{
    return (struct status_source){look, lists};
}
