/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line is one write(), so that lines of several threads and processes do not mix. systemd
 * tells by JOURNAL_STREAM that stderr is the journal (sd_journal_stream_fd(3)); the fields then
 * go there as fields. A line that cannot be written is lost: there is nobody left to tell.
 */
#include "base/log.h"

#include "base/caltime.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

enum { LOG_FIELDS_MAX = 16 };

static struct {
    const char *program;
    enum log_level least;
    bool to_journal;
} log_state = {"jpki", LOG_LEVEL_NOTICE, false};

static const struct {
    const char *name;
    int priority; /* syslog(3) */
} log_levels[] = {
    [LOG_LEVEL_ERROR] = {"error", 3},
    [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_NOTICE] = {"notice", 5},
    [LOG_LEVEL_DEBUG] = {"debug", 7},
};

/* systemd.exec(5): JOURNAL_STREAM holds device and inode of the journal's socket. */
static bool stderr_is_journal(void)
{
    const char *stream = secure_getenv("JOURNAL_STREAM");
    CLEANUP(free_text) char *ours = NULL;
    struct stat st;

    if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
        return false;
    if (path_format(&ours, NULL, "%llu:%llu", (unsigned long long)st.st_dev,
                    (unsigned long long)st.st_ino) < 0)
        return false;
    return strcmp(stream, ours) == 0;
}

void log_open(const char *program, enum log_level level)
{
    log_state.program = program;
    log_state.least = level;
    log_state.to_journal = stderr_is_journal();
}

static int put_field(struct json *line, const struct log_field *field)
{
    if (field->text == NULL)
        return json_put_int(line, field->key, field->number, NULL);
    /* Text that is not UTF-8 would make no JSON; that it was not is all that is said. */
    if (json_put_text(line, field->key, field->text, NULL) < 0)
        return json_put_text(line, field->key, "(not UTF-8)", NULL);
    return 0;
}

static int build_line(enum log_level level, const char *event, const struct log_field *fields,
                      struct buf *ret)
{
    CLEANUP(json_freep) struct json *line = json_object_new();
    char now[CALTIME_TEXT_SIZE];

    caltime_format(clock_now(&clock_system), 0, now);
    TRY(json_put_text(line, "time", now, NULL));
    TRY(json_put_text(line, "level", log_levels[level].name, NULL));
    TRY(json_put_text(line, "program", log_state.program, NULL));
    TRY(json_put_int(line, "pid", getpid(), NULL));
    TRY(json_put_text(line, "event", event, NULL));
    for (; fields != NULL && fields->key != NULL; fields++)
        TRY(put_field(line, fields));
    TRY(json_write(line, ret, NULL));
    return buf_append_byte(ret, '\n', NULL);
}

/* The journal's field names are upper case, digits and underscores (systemd.journal-fields(7)). */
static int journal_field(const struct log_field *field, char **ret)
{
    if (field->text != NULL)
        TRY(path_format(ret, NULL, "JPKI_%s=%s", field->key, field->text));
    else
        TRY(path_format(ret, NULL, "JPKI_%s=%lld", field->key, (long long)field->number));
    for (char *p = *ret; *p != '='; p++)
        *p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
    return 0;
}

static void to_journal(enum log_level level, const char *event, const struct log_field *fields)
{
    char *texts[LOG_FIELDS_MAX + 3] = {NULL};
    struct iovec pieces[LOG_FIELDS_MAX + 3];
    int count = 0;

    if (path_format(&texts[count], NULL, "MESSAGE=%s", event) == 0)
        count++;
    if (path_format(&texts[count], NULL, "PRIORITY=%d", log_levels[level].priority) == 0)
        count++;
    if (path_format(&texts[count], NULL, "SYSLOG_IDENTIFIER=%s", log_state.program) == 0)
        count++;
    for (int i = 0; fields != NULL && fields[i].key != NULL && i < LOG_FIELDS_MAX; i++)
        if (journal_field(&fields[i], &texts[count]) == 0)
            count++;
    for (int i = 0; i < count; i++)
        pieces[i] = (struct iovec){texts[i], strlen(texts[i])};
    (void)sd_journal_sendv(pieces, count);
    for (int i = 0; i < count; i++)
        free(texts[i]);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    if (level > log_state.least)
        return;
    if (log_state.to_journal) {
        to_journal(level, event, fields);
        return;
    }
    if (build_line(level, event, fields, &line) < 0 ||
        file_write_all(STDERR_FILENO, buf_bytes(&line), NULL) < 0)
        return;
}

void log_failure(const char *event, const struct err *err)
{
    const struct log_field fields[] = {
        LOG_TEXT("kind", err_kind_name(err->kind)),
        LOG_TEXT("where", err->where),
        LOG_TEXT("reason", err->text),
        LOG_END,
    };

    log_event(LOG_LEVEL_ERROR, event, fields);
}
