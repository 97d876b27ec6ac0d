/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pages.h"

#include "base/file.h"
#include "http/range.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_SIZE = 64, ETAG_SIZE = 40 };

struct page {
    char name[NAME_SIZE];
    char etag[ETAG_SIZE]; /* quoted */
    const char *type;
    struct buf body;
};

struct http_pages {
    size_t count;
    struct page at[HTTP_PAGES_MAX];
    const char *asks; /* another origin that the pages ask; NULL: none */
};

static const char index_name[] = "index.html";

/* By the ending of the name. */
static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');

    for (size_t i = 0; ending != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].ending, ending) == 0)
            return types[i].type;
    }
    return NULL;
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".-_";
    size_t len = strlen(name);

    return len < NAME_SIZE && strspn(name, letters) == len;
}

static void dir_closep(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

void http_pages_free(struct http_pages *pages)
{
    if (pages == NULL)
        return;
    for (size_t i = 0; i < pages->count; i++)
        buf_done(&pages->at[i].body);
    free(pages);
}

void http_pages_freep(struct http_pages **pages)
{
    http_pages_free(*pages);
    *pages = NULL;
}

/* Its tag changes with its time and size, as web servers have it. */
static int read_page(int fd, const char *name, const struct stat *found, struct page *page,
                     struct err *err)
{
    const int64_t ns = found->st_mtim.tv_sec * INT64_C(1000000000) + found->st_mtim.tv_nsec;

    TRY(file_read_fd(fd, HTTP_PAGE_BYTES_MAX, &page->body, err));
    (void)snprintf(page->name, sizeof page->name, "%s", name);
    (void)snprintf(page->etag, sizeof page->etag, "\"%" PRIx64 "-%zx\"", (uint64_t)ns,
                   page->body.len);
    page->type = type_of(name);
    return 0;
}

static int add_page(struct http_pages *pages, int folder, const char *name, struct err *err)
{
    CLEANUP(fd_done) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat found;

    if (fd < 0 && errno != ELOOP && errno != ENXIO)
        return FAIL_ERRNO(err, "%s", name);
    if (fd >= 0 && fstat(fd, &found) < 0)
        return FAIL_ERRNO(err, "%s", name);
    if (fd >= 0 && S_ISDIR(found.st_mode))
        return 0;
    if (fd < 0 || !S_ISREG(found.st_mode))
        return FAIL(err, ERR_INPUT, "%s: no regular file", name);
    if (!is_name(name) || type_of(name) == NULL)
        return FAIL(err, ERR_INPUT, "%s: no name of a file that is served", name);
    if (pages->count == HTTP_PAGES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d files", HTTP_PAGES_MAX);
    TRY(err_prefix(err, read_page(fd, name, &found, &pages->at[pages->count], err), "%s", name));
    pages->count++;
    return 0;
}

static const struct page *find(const struct http_pages *pages, const char *name)
{
    for (size_t i = 0; i < pages->count; i++) {
        if (strcmp(pages->at[i].name, name) == 0)
            return &pages->at[i];
    }
    return NULL;
}

static int add_all(struct http_pages *pages, DIR *dir, struct err *err)
{
    const struct dirent *entry;

    while ((errno = 0, entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            TRY(add_page(pages, dirfd(dir), entry->d_name, err));
    }
    if (errno != 0)
        return FAIL_ERRNO(err, "reading it");
    return find(pages, index_name) != NULL ? 0 : FAIL(err, ERR_INPUT, "no %s in it", index_name);
}

int http_pages_load(const char *folder, struct http_pages **ret, struct err *err)
{
    CLEANUP(http_pages_freep) struct http_pages *pages = calloc(1, sizeof *pages);
    CLEANUP(dir_closep) DIR *dir = opendir(folder);

    if (pages == NULL)
        return FAIL_NOMEM(err);
    if (dir == NULL && (errno == ENOENT || errno == ENOTDIR))
        return FAIL(err, ERR_INPUT, "%s: no such folder", folder);
    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", folder);
    TRY(err_prefix(err, add_all(pages, dir, err), "%s", folder));
    *ret = pages;
    pages = NULL;
    return 0;
}

/* asks: an origin, or "". */
static int put_policy(struct http_response *response, const char *asks, struct err *err)
{
    CLEANUP(buf_done) struct buf policy = BUF_INIT;
    const char *text;

    TRY(buf_append_format(
        &policy, err,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'%s%s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
        asks[0] == '\0' ? "" : " ", asks));
    TRY(buf_text(&policy, &text, err));
    return http_reply_field(response, "Content-Security-Policy", text, err);
}

static int put_fields(struct http_response *response, const char *asks, struct err *err)
{
    static const struct {
        const char *name, *value;
    } fields[] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };

    TRY(put_policy(response, asks, err));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        TRY(http_reply_field(response, fields[i].name, fields[i].value, err));
    return 0;
}

void http_pages_let_ask(struct http_pages *pages, const char *origin)
{
    pages->asks = origin;
}

int http_pages_reply(const struct http_pages *pages, const char *name,
                     const struct http_request *request, struct http_response *response,
                     struct err *err)
{
    const struct page *page = find(pages, name);

    if (page == NULL)
        return FAIL(err, ERR_ABSENT, "there is no such file");
    TRY(http_reply_file(request, response, page->type, buf_bytes(&page->body), page->etag, err));
    TRY(http_reply_field(response, "Cache-Control", "no-cache", err));
    return put_fields(response, pages->asks == NULL ? "" : pages->asks, err);
}

/* ---- the rows of an application ---- */

int http_pages_first(struct http_call *call, const struct http_application *application,
                     struct err *err)
{
    if (application->pages != NULL)
        return http_pages_reply(application->pages, "index.html", &call->request, &call->response,
                                err);
    if (application->without == NULL)
        return FAIL(err, ERR_ABSENT, "%s", application->what);
    return http_reply_bytes(&call->response, 200, "text/plain; charset=utf-8",
                            bytes_text(application->without), err);
}

int http_pages_file(struct http_call *call, const struct http_application *application,
                    struct err *err)
{
    if (application->pages == NULL)
        return FAIL(err, ERR_ABSENT, "%s", application->what);
    return http_pages_reply(application->pages, http_param(&call->request, "file"), &call->request,
                            &call->response, err);
}

const struct http_answer http_pages_answers[] = {
    {200, "the file", .type = HTTP_ANY_TYPE},
    {206, "the part of it that Range names", .type = HTTP_ANY_TYPE},
    {304, "it is the one in If-None-Match"},
    {416, "it has no byte that Range names"},
    {0}};
