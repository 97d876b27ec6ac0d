/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/sources.h"

#include "base/bytes.h"
#include "platform/limits.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IPV4_BITS = 32, IPV6_BITS = 128, PREFIX_DIGITS = 3, DECIMAL = 10 };

/* An address, and how many bits of it count. */
struct block {
    int family;
    unsigned bits;
    uint8_t octets[IPV6_BITS / 8];
};

static bool read_address(const char *text, struct block *ret)
{
    struct in6_addr mapped;
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

    *ret = (struct block){.family = AF_INET, .bits = IPV4_BITS};
    if (inet_pton(AF_INET, text, ret->octets) == 1)
        return true;
    if (inet_pton(AF_INET6, text, &mapped) != 1)
        return false;
    /* The same host in another spelling (RFC 4291, 2.5.5.2). */
    if (bytes_equal(bytes_of((const uint8_t *)&mapped, sizeof prefix), BYTES_ARRAY(prefix))) {
        memcpy(ret->octets, (const uint8_t *)&mapped + sizeof prefix, IPV4_BITS / 8);
        return true;
    }
    ret->family = AF_INET6;
    ret->bits = IPV6_BITS;
    memcpy(ret->octets, &mapped, sizeof mapped);
    return true;
}

/* "ADDRESS" or "ADDRESS/BITS". */
static bool read_block(const char *text, size_t len, struct block *ret)
{
    char copy[INET6_ADDRSTRLEN + 1 + PREFIX_DIGITS + 1];
    char *slash;
    unsigned most;

    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    slash = strchr(copy, '/');
    if (slash != NULL)
        *slash++ = '\0';
    if (!read_address(copy, ret))
        return false;
    most = ret->bits;
    if (slash == NULL)
        return true;
    if (*slash == '\0' || strspn(slash, "0123456789") != strlen(slash) ||
        strlen(slash) > PREFIX_DIGITS)
        return false;
    ret->bits = (unsigned)strtoul(slash, NULL, DECIMAL);
    return ret->bits <= most;
}

static bool is_in(const struct block *block, const struct block *address)
{
    unsigned whole = block->bits / 8;
    unsigned rest = block->bits % 8;

    return block->family == address->family &&
           bytes_equal(bytes_of(block->octets, whole), bytes_of(address->octets, whole)) &&
           (rest == 0 ||
            (uint8_t)(block->octets[whole] ^ address->octets[whole]) >> (8 - rest) == 0);
}

int sources_check(const char *list, struct err *err)
{
    if (strlen(list) > TENANT_SOURCES_MAX)
        return FAIL(err, ERR_INPUT, "a list of sources has at most %d bytes", TENANT_SOURCES_MAX);
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, " ");
        struct block block;

        if (!read_block(at, len, &block))
            return FAIL(err, ERR_INPUT,
                        "sources are addresses or ADDRESS/BITS with blanks between");
        at += len + (at[len] == ' ');
    }
    return 0;
}

bool sources_have(const char *list, const char *address)
{
    struct block asked;

    if (*list == '\0')
        return true;
    if (!read_address(address, &asked))
        return false;
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, " ");
        struct block block;

        if (read_block(at, len, &block) && is_in(&block, &asked))
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}
