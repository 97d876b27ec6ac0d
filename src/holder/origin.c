/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/origin.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 253, LABEL_MAX = 63, PORT_MAX = 65535, PORT_DIGITS = 5 };

/* Ranges into the URL. */
struct parts {
    bool is_secure;
    struct bytes host; /* with the brackets of an IPv6 address */
    struct bytes port; /* empty if there is none */
    const char *path;
};

static int fail_address(struct err *err)
{
    return FAIL(err, ERR_INPUT,
                "this is no address of a service; one is like https://login.example.jp");
}

static int split(const char *url, struct parts *ret, struct err *err)
{
    struct parts parts = {.is_secure = strncasecmp(url, "https://", 8) == 0};
    const char *start, *end, *host_end;

    if (!parts.is_secure && strncasecmp(url, "http://", 7) != 0)
        return fail_address(err);
    start = url + (parts.is_secure ? 8 : 7);
    end = start + strcspn(start, "/?#\\");
    if (memchr(start, '@', (size_t)(end - start)) != NULL)
        return FAIL(err, ERR_INPUT, "an address with a user name in it may be meant to deceive");
    host_end = start + strcspn(start, start[0] == '[' ? "]/?#\\" : ":/?#\\");
    if (start[0] == '[' && *host_end == ']')
        host_end++;
    parts.host = bytes_of(start, (size_t)(host_end - start));
    if (host_end < end) {
        if (*host_end != ':' || host_end + 1 == end)
            return fail_address(err);
        parts.port = bytes_of(host_end + 1, (size_t)(end - host_end - 1));
    }
    if (strpbrk(end, "?#\\") != NULL)
        return FAIL(err, ERR_INPUT, "an address with a query or fragment is not taken");
    parts.path = end;
    *ret = parts;
    return 0;
}

/* One label of a host name (RFC 1123, 2.1): letters, digits, hyphens inside. */
static bool is_label(struct bytes label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!isascii(label.ptr[i]) || (!isalnum(label.ptr[i]) && label.ptr[i] != '-'))
            return false;
    }
    return true;
}

static bool is_name(const char *host)
{
    const char *label = host;

    for (;;) {
        size_t len = strcspn(label, ".");

        if (!is_label(bytes_of(label, len)))
            return false;
        /* An Internationalised name looks like what its letters look like (RFC 5890, 4.4). */
        if (strncmp(label, "xn--", 4) == 0)
            return false;
        if (label[len] == '\0')
            break;
        label += len + 1;
    }
    /* A name that ends in a number is an address in some spelling (URL Standard, 3.5). */
    return strspn(label, "0123456789") != strlen(label) && strncmp(label, "0x", 2) != 0;
}

/* Whether host is a name or address in its one spelling; *ret_is_here: of this computer. */
static bool is_host(const char *host, bool *ret_is_here)
{
    char text[INET6_ADDRSTRLEN], inner[HOST_MAX + 1];
    size_t len = strlen(host);
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, host, &four) == 1) {
        *ret_is_here = ntohl(four.s_addr) >> 24 == 127;
        return inet_ntop(AF_INET, &four, text, sizeof text) != NULL && strcmp(text, host) == 0;
    }
    if (host[0] != '[') {
        *ret_is_here = strcmp(host, "localhost") == 0;
        return is_name(host);
    }
    if (len < 2 || host[len - 1] != ']')
        return false;
    memcpy(inner, host + 1, len - 2);
    inner[len - 2] = '\0';
    if (inet_pton(AF_INET6, inner, &six) != 1)
        return false;
    *ret_is_here = IN6_IS_ADDR_LOOPBACK(&six) != 0;
    return inet_ntop(AF_INET6, &six, text, sizeof text) != NULL && strcmp(text, inner) == 0;
}

/* 0 where there is none; ERR_INPUT unless it is 1 to 65535. */
static int read_port(struct bytes text, unsigned *ret, struct err *err)
{
    unsigned port = 0;

    if (text.len > PORT_DIGITS)
        return fail_address(err);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return fail_address(err);
        port = port * 10 + (unsigned)(text.ptr[i] - '0');
    }
    if ((text.len > 0 && port == 0) || port > PORT_MAX)
        return fail_address(err);
    *ret = port;
    return 0;
}

static bool is_path(const char *path)
{
    for (; *path != '\0'; path++) {
        if (!isascii(*path) || !isgraph((unsigned char)*path))
            return false;
    }
    return true;
}

int origin_parse(const char *url, struct origin *ret, const char **ret_path, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char host[HOST_MAX + 1];
    bool is_here = false;
    struct parts parts;
    unsigned port;

    TRY(split(url, &parts, err));
    if (parts.host.len == 0 || parts.host.len > HOST_MAX || !is_path(parts.path))
        return fail_address(err);
    for (size_t i = 0; i < parts.host.len; i++)
        host[i] = (char)tolower(parts.host.ptr[i]);
    host[parts.host.len] = '\0';
    if (!is_host(host, &is_here))
        return FAIL(err, ERR_INPUT,
                    "this host name is not plain letters, digits and dots, so it could be mistaken "
                    "for another");
    TRY(read_port(parts.port, &port, err));
    if (!parts.is_secure && !is_here)
        return FAIL(err, ERR_UNTRUSTED,
                    "http:// is taken only for this computer itself; anybody on the way could "
                    "answer in that service's name");
    TRY(buf_append_format(&text, err, "%s://%s", parts.is_secure ? "https" : "http", host));
    if (port != 0 && port != (parts.is_secure ? 443 : 80))
        TRY(buf_append_format(&text, err, ":%u", port));
    if (text.len > ORIGIN_MAX)
        return fail_address(err);
    *ret = (struct origin){""};
    memcpy(ret->text, text.ptr, text.len);
    *ret_path = parts.path;
    return 0;
}
