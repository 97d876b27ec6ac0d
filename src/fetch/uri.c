/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/uri.h"

#include "fetch/fetch.h"

#include <string.h>

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789.-"
#define DIGITS          "0123456789"

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535 };

static const char *const loopback_hosts[] = {"127.0.0.1", "[::1]", "localhost"};

static bool is_loopback(struct bytes host)
{
    for (size_t i = 0; i < sizeof loopback_hosts / sizeof loopback_hosts[0]; i++)
        if (bytes_equal(host, bytes_text(loopback_hosts[i])))
            return true;
    return false;
}

/* The host at the beginning of a text; empty if there is none. */
static struct bytes host_at(const char *text)
{
    static const char v6[] = "[::1]";

    if (strncmp(text, v6, strlen(v6)) == 0)
        return bytes_of(text, strlen(v6));
    return bytes_of(text, strspn(text, HOST_CHARACTERS));
}

/* Visible ASCII without what parsers read in more than one way. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~' || strchr("\\#<>\"`{}|^", *c) != NULL)
            return false;
    return true;
}

/* 1 to 65535, without a zero before it. */
static bool is_port(struct bytes digits)
{
    unsigned port = 0;

    if (digits.len == 0 || digits.len > PORT_DIGITS_MAX || digits.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < digits.len; i++)
        port = port * 10 + (unsigned)(digits.ptr[i] - '0');
    return port <= PORT_MAX;
}

static bool split(const char *text, struct uri *ret)
{
    static const char secure[] = "https://";
    static const char plain[] = "http://";
    const char *at = text;

    ret->is_https = strncmp(text, secure, strlen(secure)) == 0;
    if (!ret->is_https && strncmp(text, plain, strlen(plain)) != 0)
        return false;
    at += ret->is_https ? strlen(secure) : strlen(plain);
    ret->host = host_at(at);
    at += ret->host.len;
    ret->port = bytes_of(at, 0);
    if (*at == ':') {
        ret->port = bytes_of(at + 1, strspn(at + 1, DIGITS));
        at += 1 + ret->port.len;
        if (!is_port(ret->port))
            return false;
    }
    ret->rest = bytes_text(at);
    ret->is_loopback = is_loopback(ret->host);
    return ret->host.len > 0 && (*at == '\0' || *at == '/' || *at == '?');
}

int uri_parse(const char *text, struct uri *ret, struct err *err)
{
    struct uri uri;

    if (strlen(text) > FETCH_URI_MAX)
        return FAIL(err, ERR_INPUT, "an address of more than %d characters", FETCH_URI_MAX);
    if (!is_plain(text) || !split(text, &uri))
        return FAIL(err, ERR_INPUT,
                    "an address is https://HOST[:PORT]/PATH in plain letters, without a fragment");
    if (!uri.is_https && !uri.is_loopback)
        return FAIL(err, ERR_INPUT, "http is for addresses on this computer");
    *ret = uri;
    return 0;
}

int uri_check_origin(const char *name, const char *text, struct err *err)
{
    struct uri uri;

    TRY(err_prefix(err, uri_parse(text, &uri, err), "%s", name));
    return uri.rest.len == 0 ? 0
                             : FAIL(err, ERR_INPUT, "%s: an origin is https://HOST[:PORT]", name);
}

int uri_origin(const struct uri *uri, struct buf *ret, struct err *err)
{
    TRY(buf_append_text(ret, uri->is_https ? "https://" : "http://", err));
    TRY(buf_append(ret, uri->host, err));
    if (uri->port.len == 0)
        return 0;
    TRY(buf_append_byte(ret, ':', err));
    return buf_append(ret, uri->port, err);
}

bool uri_matches(const char *registered, const char *sent)
{
    struct uri a;
    struct uri b;

    if (strcmp(registered, sent) == 0)
        return true;
    return uri_parse(registered, &a, NULL) == 0 && uri_parse(sent, &b, NULL) == 0 &&
           a.is_loopback && !a.is_https && !b.is_https && bytes_equal(a.host, b.host) &&
           bytes_equal(a.rest, b.rest);
}

int uri_add_parameter(struct buf *address, const char *name, const char *value, struct err *err)
{
    bool has_query = memchr(address->ptr, '?', address->len) != NULL;

    if (value == NULL)
        return 0;
    TRY(buf_append_byte(address, has_query ? '&' : '?', err));
    TRY(buf_append_text(address, name, err));
    TRY(buf_append_byte(address, '=', err));
    return fetch_escape(address, value, err);
}
