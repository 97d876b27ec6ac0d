/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/mail.h"

#include "fetch/transfer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

/* ---- what goes out ---- */

struct source {
    const struct mail *mail;
    struct bytes rest;
    bool is_handed;
    int rc; /* of hand */
    struct err *err;
};

static size_t on_read(char *to, size_t size, size_t count, void *context)
{
    struct source *source = context;
    const size_t room = size * count;
    const size_t len = source->rest.len < room ? source->rest.len : room;

    if (!source->is_handed && source->mail->hand != NULL) {
        source->rc = source->mail->hand(source->mail->context, source->err);
        if (source->rc < 0)
            return CURL_READFUNC_ABORT;
    }
    source->is_handed = true;
    memcpy(to, source->rest.ptr, len);
    source->rest = bytes_of(source->rest.ptr + len, source->rest.len - len);
    return len;
}

/* What a server says is of no interest but for its code. */
static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

/* ---- how ---- */

bool mail_is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "::1") == 0;
}

int mail_host_check(const char *host, struct err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";

    if (host[0] == '\0' || strspn(host, letters) != strlen(host))
        return FAIL(err, ERR_INPUT, "the host of a mail server is a name or an address");
    return 0;
}

/* Behind the path is what we call ourselves (EHLO): the domain of our own address. */
static int make_url(const struct mail_server *server, struct bytes domain, struct buf *ret,
                    struct err *err)
{
    const bool is_v6 = strchr(server->host, ':') != NULL;

    return buf_append_format(ret, err, "smtp://%s%s%s:%u/%.*s", is_v6 ? "[" : "", server->host,
                             is_v6 ? "]" : "", (unsigned)server->port, (int)domain.len,
                             (const char *)domain.ptr);
}

enum { MS = 1000 };

static CURLcode set_numbers(CURL *curl, const struct mail_server *server)
{
    const bool is_open = mail_is_loopback(server->host) && server->authorities == NULL;
    const long timeout = server->timeout_ms == 0 ? FETCH_TIMEOUT_MS : server->timeout_ms;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_CONNECTTIMEOUT_MS, FETCH_CONNECT_MS},
        {CURLOPT_FRESH_CONNECT, 1},
        {CURLOPT_FORBID_REUSE, 1},
        {CURLOPT_UPLOAD, 1},
        {CURLOPT_SASL_IR, 1}, /* some servers never ask for what an AUTH could have brought */
        {CURLOPT_USE_SSL, is_open ? CURLUSESSL_NONE : CURLUSESSL_ALL},
        {CURLOPT_TIMEOUT_MS, timeout},
        /* Also when it is to be told goodbye, for which libcurl knows no other limit. */
        {CURLOPT_SERVER_RESPONSE_TIMEOUT, (timeout + MS - 1) / MS},
    };
    CURLcode rc = CURLE_OK;

    for (size_t i = 0; rc == CURLE_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        rc = curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
    return rc;
}

static CURLcode set_texts(CURL *curl, const struct mail_server *server, const char *url,
                          const char *from)
{
    const struct {
        CURLoption option;
        const char *value;
    } texts[] = {
        {CURLOPT_URL, url},
        {CURLOPT_PROTOCOLS_STR, "smtp"},
        {CURLOPT_PROXY, ""}, /* none, whatever the environment says */
        {CURLOPT_MAIL_FROM, from},
        {CURLOPT_CAINFO, server->authorities},
        {CURLOPT_USERNAME, server->user},
        {CURLOPT_PASSWORD, server->password},
    };
    CURLcode rc = CURLE_OK;

    for (size_t i = 0; rc == CURLE_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].value != NULL)
            rc = curl_easy_setopt(curl, texts[i].option, texts[i].value);
    return rc;
}

static CURLcode set_source(CURL *curl, struct source *source, struct curl_slist *to)
{
    CURLcode rc = curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);

    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_READDATA, source);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    return rc;
}

/* ---- what became of it ---- */

/* About whoever sends, whatever he sends (RFC 4954, 6; RFC 3207, 4): a login or TLS is missing. */
enum { NOT_LOGGED_IN = 530 };

/* libcurl has one code for each of its commands that a server refuses, and another for the end. */
static enum mail_outcome outcome_of(CURLcode rc, long code, bool is_handed)
{
    if (rc == CURLE_OK)
        return MAIL_ACCEPTED;
    if (is_handed && rc != CURLE_WEIRD_SERVER_REPLY)
        return MAIL_UNCLEAR;
    if ((is_handed || rc == CURLE_SEND_ERROR) && code >= 500 && code <= 599 &&
        code != NOT_LOGGED_IN)
        return MAIL_REFUSED;
    return MAIL_LATER;
}

/*
 * Nothing that a server writes is repeated: it may name whom the mail is to. Its last code tells
 * nothing where it agreed and the connection, or the trust in its certificate, ended afterwards.
 */
static void explain(CURLcode rc, long code, enum mail_outcome outcome, struct err *why)
{
    static const char *const words[] = {[MAIL_LATER] = "the mail server does not take it now",
                                        [MAIL_REFUSED] = "the mail server refuses it",
                                        [MAIL_UNCLEAR] = "the mail server has not said whether it "
                                                         "took it"};
    enum { LATER_MIN = 400 };

    if (code >= LATER_MIN)
        (void)FAIL(why, ERR_REMOTE, "%s: it said %ld", words[outcome], code);
    else
        (void)FAIL(why, ERR_REMOTE, "%s: %s", words[outcome], curl_easy_strerror(rc));
}

static int run(CURL *curl, struct source *source, enum mail_outcome *ret, struct err *why)
{
    const CURLcode rc = curl_easy_perform(curl);
    long code = 0;

    if (source->rc < 0)
        return source->rc;
    if (rc == CURLE_OUT_OF_MEMORY)
        return FAIL_NOMEM(source->err);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    *ret = outcome_of(rc, code, source->is_handed);
    if (*ret != MAIL_ACCEPTED)
        explain(rc, code, *ret, why);
    return 0;
}

static void easy_done(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void list_done(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static int wrap(const char *address, struct buf *ret, const char **ret_text, struct err *err)
{
    TRY(buf_append_format(ret, err, "<%s>", address));
    return buf_text(ret, ret_text, err);
}

int mail_send(const struct mail_server *server, const struct mail *mail, enum mail_outcome *ret,
              struct err *why, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT, url = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
    CLEANUP(list_done) struct curl_slist *receivers = NULL;
    CLEANUP(easy_done) CURL *curl = NULL;
    struct source source = {.mail = mail, .err = err};
    const char *from_text, *to_text, *url_text;
    struct mailbox own;

    TRY(mail_write(mail, &text, err));
    TRY(mailbox_parse(bytes_text(mail->from), &own, err));
    TRY(make_url(server, own.domain, &url, err));
    TRY(buf_text(&url, &url_text, err));
    TRY(wrap(mail->from, &from, &from_text, err));
    TRY(wrap(mail->to, &to, &to_text, err));
    TRY(transfer_handle(&curl, err));
    receivers = curl_slist_append(NULL, to_text);
    source.rest = buf_bytes(&text);
    if (receivers == NULL || set_numbers(curl, server) != CURLE_OK ||
        set_texts(curl, server, url_text, from_text) != CURLE_OK ||
        set_source(curl, &source, receivers) != CURLE_OK)
        return FAIL_NOMEM(err);
    return run(curl, &source, ret, why);
}
