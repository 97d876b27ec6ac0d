/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A network: its first bytes, and how many bits of them count. */
struct network {
    uint8_t start[12];
    unsigned bits;
};

static const struct network reserved_v4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* shared by carriers */
    {{127}, 8},           /* this computer */
    {{169, 254}, 16},     /* link */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocols */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* relays of 6to4 */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* later use, broadcast */
};

/* Within 2000::/3, which is all that is given out. */
static const struct network reserved_v6[] = {
    {{0x20, 0x01}, 23},             /* protocols: Teredo, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: an IPv4 address inside */
    {{0x3f, 0xff}, 20},             /* documentation */
};

static bool is_in(const uint8_t *address, const struct network *network)
{
    unsigned whole = network->bits / 8;
    unsigned rest = network->bits % 8;

    for (unsigned i = 0; i < whole; i++)
        if (address[i] != network->start[i])
            return false;
    return rest == 0 || (address[whole] ^ network->start[whole]) >> (8 - rest) == 0;
}

static bool is_public_v4(const uint8_t address[4])
{
    for (size_t i = 0; i < sizeof reserved_v4 / sizeof reserved_v4[0]; i++)
        if (is_in(address, &reserved_v4[i]))
            return false;
    return true;
}

static bool is_public_v6(const uint8_t address[16])
{
    static const struct network given_out = {{0x20}, 3};
    static const struct network mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

    if (is_in(address, &mapped))
        return is_public_v4(address + 12);
    if (!is_in(address, &given_out))
        return false;
    for (size_t i = 0; i < sizeof reserved_v6 / sizeof reserved_v6[0]; i++)
        if (is_in(address, &reserved_v6[i]))
            return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof v4);
        return is_public_v4((const uint8_t *)&v4.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof v6);
        return is_public_v6(v6.sin6_addr.s6_addr);
    }
    return false;
}
