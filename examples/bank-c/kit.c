/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *session_cookie = "bank";

enum { BODY_MAX = 1 << 20, KEPT_MAX = 128, COOKIE_SIZE = 200, LINE_SIZE = 256 };

/* ---- what is kept ---- */

static char *kept[KEPT_MAX];
static json_t *kept_json[KEPT_MAX];
static int kept_count, kept_json_count;

char *keep(char *text)
{
    if (text == NULL || kept_count == KEPT_MAX)
        abort();
    return kept[kept_count++] = text;
}

json_t *keep_json(json_t *value)
{
    if (kept_json_count == KEPT_MAX)
        abort();
    return kept_json[kept_json_count++] = value;
}

static void release(void)
{
    while (kept_count > 0)
        free(kept[--kept_count]);
    while (kept_json_count > 0)
        json_decref(kept_json[--kept_json_count]);
}

char *format(const char *how, ...)
{
    char *made = NULL;
    va_list rest;

    va_start(rest, how);
    if (vasprintf(&made, how, rest) < 0)
        abort();
    va_end(rest);
    return keep(made);
}

const char *read_line(const char *path)
{
    char line[LINE_SIZE] = "";
    FILE *file = path == NULL ? NULL : fopen(path, "r");

    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        line[strcspn(line, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
    return format("%s", line);
}

const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value == NULL ? "" : value;
}

/* ---- asking others ---- */

struct piece {
    char *data; /* with a NUL behind it */
    size_t size;
};

static size_t append(char *data, size_t one, size_t size, void *to)
{
    struct piece *piece = to;
    char *more = piece->size + size > BODY_MAX ? NULL
                                               : realloc(piece->data, piece->size + size + 1);

    if (more == NULL)
        return 0;
    memcpy(more + piece->size, data, size);
    piece->data = more;
    piece->size += size;
    more[piece->size] = '\0';
    return one * size;
}

char *form(const char *name, ...)
{
    const char *made = "";
    va_list rest;

    va_start(rest, name);
    for (; name != NULL; name = va_arg(rest, const char *)) {
        char *value = curl_easy_escape(NULL, va_arg(rest, const char *), 0);

        made = format("%s%s%s=%s", made, made[0] == '\0' ? "" : "&", name, value);
        curl_free(value);
    }
    va_end(rest);
    return (char *)made;
}

/* The status, 0 if there is no answer; curl is taken. */
static long exchange(CURL *curl, const char *url, const char *authorization, const char *type,
                     struct piece *answer)
{
    struct curl_slist *fields = NULL;
    long status = 0;

    if (authorization != NULL)
        fields = curl_slist_append(fields, authorization);
    if (type != NULL)
        fields = curl_slist_append(fields, type);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return status;
}

json_t *ask(long status, const char *url, const char *authorization, const char *type,
            const char *body)
{
    CURL *curl = curl_easy_init();
    struct piece answer = {NULL, 0};
    json_t *said;
    long got;

    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    got = exchange(curl, url, authorization, type, &answer);
    said = answer.data == NULL ? NULL : json_loads(answer.data, JSON_REJECT_DUPLICATES, NULL);
    free(answer.data);
    keep_json(said);
    return got == status ? said : NULL;
}

json_t *tell(long status, const char *url, const char *authorization, json_t *body)
{
    return ask(status, url, authorization, JSON, keep(json_dumps(keep_json(body), JSON_COMPACT)));
}

void ask_delete(const char *url, const char *authorization)
{
    CURL *curl = curl_easy_init();
    struct piece answer = {NULL, 0};

    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    exchange(curl, url, authorization, NULL, &answer);
    free(answer.data);
}

/* ---- answering browsers ---- */

const char *query(const struct visit *visit, const char *name)
{
    const char *value = MHD_lookup_connection_value(visit->inside, MHD_GET_ARGUMENT_KIND, name);

    return value == NULL ? "" : value;
}

const char *field(const struct visit *visit, const char *name)
{
    const char *value = MHD_lookup_connection_value(visit->inside, MHD_HEADER_KIND, name);

    return value == NULL ? "" : value;
}

static void put_text(const char *said, FILE *page)
{
    for (; *said != '\0'; said++)
        if (*said == '<' || *said == '&')
            fputs(*said == '<' ? "&lt;" : "&amp;", page);
        else
            fputc(*said, page);
}

void show(struct visit *visit, unsigned status, const char *heading, const char *said)
{
    size_t size;
    FILE *page = open_memstream(&visit->page, &size);

    fputs("<!doctype html>\n<html lang=\"ja\">\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<style>pre { white-space: pre-wrap; overflow-wrap: anywhere }</style>\n<title>",
          page);
    put_text(heading, page);
    fputs("</title>\n<main>\n<h1>", page);
    put_text(heading, page);
    fputs("</h1>\n<pre>\n", page);
    put_text(said, page);
    fputs("\n</pre>\n", page);
    if (visit->link != NULL) {
        fprintf(page, "<p><a href=\"%s\">", visit->link);
        put_text(visit->link_text, page);
        fputs("</a></p>\n", page);
    }
    fputs("</main>\n", page);
    fclose(page);
    visit->status = status;
}

static enum MHD_Result reply(struct MHD_Connection *connection, const struct visit *visit)
{
    char *page = visit->page == NULL ? strdup("") : visit->page;
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(page), page,
                                                                    MHD_RESPMEM_MUST_FREE);
    char cookie[COOKIE_SIZE];
    enum MHD_Result result;

    MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "Content-Security-Policy",
                            "default-src 'none'; frame-ancestors 'none'");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    if (visit->location != NULL)
        MHD_add_response_header(response, "Location", visit->location);
    if (visit->new_session != NULL) {
        /* Lax, because the browser comes back from where the login is; Secure with https. */
        snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Lax", session_cookie,
                 visit->new_session);
        MHD_add_response_header(response, "Set-Cookie", cookie);
    }
    result = MHD_queue_response(connection, visit->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Called with the head, then with pieces of the body, then without any. */
static enum MHD_Result on_visit(void *handle, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **of_visit)
{
    struct piece *body = *of_visit;
    const char *session = MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, session_cookie);
    struct visit visit = {.inside = connection,
                          .method = method,
                          .path = path,
                          .session = session == NULL ? "" : session,
                          .status = MHD_HTTP_NOT_FOUND};

    (void)version;
    if (body == NULL) {
        *of_visit = calloc(1, sizeof *body);
        return *of_visit == NULL ? MHD_NO : MHD_YES;
    }
    if (*size > 0) {
        const size_t taken = append((char *)data, 1, *size, body);

        *size -= taken;
        return taken > 0 ? MHD_YES : MHD_NO;
    }
    visit.body = body->data == NULL ? "" : body->data;
    release();
    (*(void (**)(struct visit *))handle)(&visit);
    return reply(connection, &visit);
}

static void on_end(void *context, struct MHD_Connection *connection, void **of_visit,
                   enum MHD_RequestTerminationCode why)
{
    struct piece *body = *of_visit;

    (void)context;
    (void)connection;
    (void)why;
    if (body != NULL)
        free(body->data);
    free(body);
}

void serve(int port, void (*handle)(struct visit *))
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};

    if (MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_visit, &handle,
                         MHD_OPTION_SOCK_ADDR, &here, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
                         MHD_OPTION_END) != NULL)
        for (;;)
            pause();
}
