/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/read/photo_check.h"

#include "base/caltime.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/json.h"
#include "crypto/digest.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { QUESTIONS_MAX = 3, ANSWER_MAX = 16 };

const char *photo_decision_name(bool is_match)
{
    return is_match ? "match" : "mismatch";
}

static int open_record(const char *path, int *ret, struct err *err)
{
    *ret = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    return *ret < 0 ? FAIL_ERRNO(err, "cannot append to %s", path) : 0;
}

int photo_check_options(const struct photo_options *options, bool has_out, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    if (!options->confirm) {
        if (options->decision != NULL || options->record != NULL || options->operator_name != NULL)
            return FAIL(err, ERR_USAGE, "--decision, --record and --operator need --confirm");
        return 0;
    }
    if (options->decision == NULL && !has_out)
        return FAIL(err, ERR_USAGE, "--confirm needs --out, so that the photo can be looked at");
    if (options->decision == NULL && isatty(STDIN_FILENO) != 1)
        return FAIL(err, ERR_USAGE, "nobody can be asked here; --decision says what was decided");
    if (options->decision != NULL && strcmp(options->decision, photo_decision_name(true)) != 0 &&
        strcmp(options->decision, photo_decision_name(false)) != 0)
        return FAIL(err, ERR_USAGE, "--decision is match or mismatch");
    return options->record == NULL ? 0 : open_record(options->record, &fd, err);
}

/* A whole word, so that nobody agrees by pressing a key. */
static int ask(const char *file, bool *ret_match, struct err *err)
{
    char answer[ANSWER_MAX];

    for (int i = 0; i < QUESTIONS_MAX; i++) {
        (void)fprintf(stderr, tr("Does %s show the person in front of you? Type yes or no: "),
                      file);
        if (fgets(answer, sizeof answer, stdin) == NULL)
            break;
        answer[strcspn(answer, "\r\n")] = '\0';
        *ret_match = strcmp(answer, "yes") == 0;
        if (*ret_match || strcmp(answer, "no") == 0)
            return 0;
    }
    return FAIL(err, ERR_DENIED, "nobody decided whether the photo shows the person");
}

static const char *operator_of(const struct photo_options *options)
{
    const struct passwd *self;

    if (options->operator_name != NULL)
        return options->operator_name;
    self = getpwuid(getuid());
    return self == NULL ? "" : self->pw_name;
}

/* No attribute, no number: the hash of the photo is what can be compared later. */
static int append_line(const struct photo_options *options, struct bytes photo, const char *verdict,
                       bool is_match, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf hash = BUF_INIT;
    char time[CALTIME_TEXT_SIZE];
    struct digest digest;

    caltime_format(clock_now(&clock_system), JST_OFFSET_SECONDS, time);
    TRY(digest_compute(DIGEST_SHA256, photo, &digest, err));
    TRY(hex_append(&hash, digest_bytes(&digest), err));
    TRY(json_put_text(object, "time", time, err));
    TRY(json_put_bytes(object, "photo_sha256", buf_bytes(&hash), err));
    TRY(json_put_text(object, "verdict", verdict, err));
    TRY(json_put_text(object, "decision", photo_decision_name(is_match), err));
    TRY(json_put_text(object, "operator", operator_of(options), err));
    TRY(json_write(object, ret, err));
    return buf_append_byte(ret, '\n', err);
}

static int keep(const struct photo_options *options, struct bytes line, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    TRY(open_record(options->record, &fd, err));
    TRY(file_write_all(fd, line, err));
    return fsync(fd) < 0 ? FAIL_ERRNO(err, "cannot append to %s", options->record) : 0;
}

int photo_check(const struct photo_options *options, const char *file, struct bytes photo,
                const char *verdict, bool *ret_match, struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    bool is_match;

    if (options->decision != NULL)
        is_match = strcmp(options->decision, photo_decision_name(true)) == 0;
    else
        TRY(ask(file, &is_match, err));
    if (options->record != NULL) {
        TRY(append_line(options, photo, verdict, is_match, &line, err));
        TRY(keep(options, buf_bytes(&line), err));
    }
    *ret_match = is_match;
    return 0;
}
