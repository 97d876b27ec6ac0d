/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/crl_view.h"

#include "base/caltime.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/progress.h"
#include "x509/name.h"

#include <stdio.h>
#include <stdlib.h>

enum { FETCH_MS = FETCH_TIMEOUT_MAX_MS, BLOCK_SIZE = 1 << 20, PAGE_SIZE = 4096 };

static int open_fetched(int fd, struct crl_source *ret, struct err *err)
{
    TRY(crl_file_map(fd, CRL_VIEW_MAX, &ret->file, err));
    ret->crl = ret->file.crl;
    return 0;
}

/* A nation's list is as large as memory may be, so it goes to a file that has no name. */
static int fetch_list(const char *name, const char *socket, struct crl_source *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    CLEANUP(fd_done) int fd = -1;
    const char *folder = secure_getenv("TMPDIR");
    struct fetch_request request = {.socket = socket,
                                    .accept = "application/pkix-crl",
                                    .timeout_ms = FETCH_MS,
                                    .file = &fd,
                                    .limit = CRL_VIEW_MAX};

    TRY(buf_append_text(&url, "/v1/crls/", err));
    TRY(fetch_escape(&url, name, err));
    TRY(buf_text(&url, &request.url, err));
    TRY(file_scratch(folder == NULL ? "/var/tmp" : folder, &fd, err));
    TRY(fetch(&request, &response, err));
    return open_fetched(fd, ret, err);
}

int crl_source_open(const char *name, const char *socket, struct crl_source *ret, struct err *err)
{
    if (socket != NULL)
        return fetch_list(name, socket, ret, err);
    TRY(crl_file_open(name, CRL_VIEW_MAX, &ret->file, err));
    ret->crl = ret->file.crl;
    return 0;
}

void crl_source_done(struct crl_source *source)
{
    crl_file_done(&source->file);
}

void crl_source_read_through(const struct crl_source *source)
{
    struct bytes der = source->crl.der;
    size_t blocks = der.len / BLOCK_SIZE;
    struct progress progress = progress_start(tr("reading the list, MB"), blocks);
    volatile uint8_t sink = 0;

    for (size_t block = 0; block < blocks; block++) {
        for (size_t at = 0; at < BLOCK_SIZE; at += PAGE_SIZE)
            sink = der.ptr[block * BLOCK_SIZE + at];
        progress_at(&progress, block);
    }
    (void)sink;
    progress_end(&progress);
}

int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caltime_format(at, 0, text);
    return json_put_text(object, key, text, err);
}

/* "users", "cas", "all" */
static const char *crl_scope_name(enum crl_scope scope)
{
    static const char *const names[] = {
        [CRL_SCOPE_ALL] = "all", [CRL_SCOPE_USERS] = "users", [CRL_SCOPE_CAS] = "cas"};

    return names[scope];
}

static int number_text(const struct crl *crl, struct buf *text, const char **ret, struct err *err)
{
    uint64_t number;

    if (crl_number(crl, &number, NULL) == 0)
        TRY(buf_append_format(text, err, "%llu", (unsigned long long)number));
    else {
        TRY(buf_append_text(text, "0x", err));
        TRY(hex_append(text, crl->number, err));
    }
    return buf_text(text, ret, err);
}

/* The text of a Name, "" for none. */
static int name_text(struct bytes name, struct buf *text, const char **ret, struct err *err)
{
    if (name.len > 0)
        TRY(name_append_text(text, name, err));
    return buf_text(text, ret, err);
}

int put_crl_head(struct json *object, const struct crl *crl, struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    CLEANUP(buf_done) struct buf number = BUF_INIT;
    const char *text;

    TRY(name_text(crl->issuer, &issuer, &text, err));
    TRY(json_put_text(object, "issuer", text, err));
    TRY(hex_append(&key, crl->authority_key_id, err));
    TRY(buf_text(&key, &text, err));
    TRY(json_put_text(object, "authority_key_id", text, err));
    TRY(number_text(crl, &number, &text, err));
    TRY(json_put_text(object, "number", text, err));
    TRY(name_text(crl->distribution_point, &point, &text, err));
    TRY(json_put_text(object, "distribution_point", text, err));
    TRY(json_put_text(object, "scope", crl_scope_name(crl->scope), err));
    TRY(put_time(object, "this_update", crl->this_update, err));
    TRY(put_time(object, "next_update", crl->next_update, err));
    return json_put_int(object, "bytes", (int64_t)crl->der.len, err);
}

static const char *scope_sentence(enum crl_scope scope)
{
    static const char *const sentences[] = {
        [CRL_SCOPE_ALL] = N_("all certificates"),
        [CRL_SCOPE_USERS] = N_("certificates of holders"),
        [CRL_SCOPE_CAS] = N_("certificates of CAs"),
    };

    return tr(sentences[scope]);
}

int print_crl_head(const struct crl *crl, struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(buf_done) struct buf number = BUF_INIT;
    char time[CALTIME_TEXT_SIZE];
    const char *text;

    TRY(name_text(crl->issuer, &issuer, &text, err));
    printf(tr("issuer: %s\n"), text);
    TRY(number_text(crl, &number, &text, err));
    printf(tr("number: %s\n"), text);
    TRY(name_text(crl->distribution_point, &point, &text, err));
    printf(tr("place: %s\n"), text[0] == '\0' ? tr("all that the CA has issued") : text);
    printf(tr("of: %s\n"), scope_sentence(crl->scope));
    caltime_format(crl->this_update, JST_OFFSET_SECONDS, time);
    printf(tr("made: %s\n"), time);
    caltime_format(crl->next_update, JST_OFFSET_SECONDS, time);
    printf(tr("counts until: %s\n"), time);
    printf(tr("size: %zu bytes\n"), crl->der.len);
    return 0;
}
