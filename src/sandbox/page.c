/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/page.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/page_handlers.h"
#include "sandbox/persona_list.h"
#include "sandbox/state.h"
#include "sandbox/trace.h"

static const struct {
    const char *name, *type;
} files[PAGE_FILES_] = {
    [PAGE_HTML] = {"index.html", "text/html; charset=utf-8"},
    [PAGE_SCRIPT] = {"start.js", "text/javascript; charset=utf-8"},
    [PAGE_STYLE] = {"start.css", "text/css; charset=utf-8"},
    [PAGE_ICON] = {"icon.svg", "image/svg+xml"},
};

/* Our own files and nothing else, in nobody's frame. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                             "img-src 'self'; connect-src 'self'; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'";

void page_done(struct page *page)
{
    for (size_t i = 0; i < PAGE_FILES_; i++)
        buf_done(&page->files[i]);
}

int page_load(const char *folder, const struct layout *layout, struct page *ret, struct err *err)
{
    CLEANUP(page_done) struct page page = {.layout = layout};

    for (size_t i = 0; i < PAGE_FILES_; i++) {
        CLEANUP(free_text) char *path = NULL;

        TRY(path_format(&path, err, "%s/%s", folder, files[i].name));
        TRY(file_read(path, PAGE_FILE_BYTES_MAX, &page.files[i], err));
    }
    *ret = page;
    page = (struct page){.layout = NULL};
    return 0;
}

static int add_fields(struct http_response *response, struct err *err)
{
    static const struct {
        const char *name, *value;
    } fields[] = {
        {"Content-Security-Policy", policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        TRY(http_reply_field(response, fields[i].name, fields[i].value, err));
    return 0;
}

static int reply_file(struct http_call *call, enum page_file file, struct err *err)
{
    const struct page *page = call->context;

    TRY(http_reply_bytes(&call->response, 200, files[file].type, buf_bytes(&page->files[file]),
                         err));
    return add_fields(&call->response, err);
}

int page_get_html(struct http_call *call, struct err *err)
{
    return reply_file(call, PAGE_HTML, err);
}

int page_get_script(struct http_call *call, struct err *err)
{
    return reply_file(call, PAGE_SCRIPT, err);
}

int page_get_style(struct http_call *call, struct err *err)
{
    return reply_file(call, PAGE_STYLE, err);
}

int page_get_icon(struct http_call *call, struct err *err)
{
    return reply_file(call, PAGE_ICON, err);
}

typedef int page_reader_fn(const struct layout *layout, struct json **ret, struct err *err);

static int reply_read(struct http_call *call, page_reader_fn *read, struct err *err)
{
    const struct page *page = call->context;
    struct json *object = NULL;

    TRY(read(page->layout, &object, err));
    TRY(http_reply_json(&call->response, 200, object, err));
    return add_fields(&call->response, err);
}

int page_get_state(struct http_call *call, struct err *err)
{
    return reply_read(call, state_read, err);
}

int page_get_trace(struct http_call *call, struct err *err)
{
    return reply_read(call, trace_json, err);
}

int page_get_personas(struct http_call *call, struct err *err)
{
    return reply_read(call, persona_list_json, err);
}
