/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/address.h"

#include "fetch/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
    struct sockaddr_storage storage = {0};

    if (strchr(text, ':') != NULL) {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

        assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        memcpy(&storage, &v6, sizeof v6);
    } else {
        struct sockaddr_in v4 = {.sin_family = AF_INET};

        assert_int_equal(inet_pton(AF_INET, text, &v4.sin_addr), 1);
        memcpy(&storage, &v4, sizeof v4);
    }
    return address_is_public((const struct sockaddr *)&storage);
}

/* The first and the last of each network, and their neighbours. */
static void addresses_that_are_set_aside_are_not_public(void **state)
{
    static const char *const inside[] = {
        "0.0.0.0",       "0.255.255.255",   "10.0.0.0",         "10.255.255.255",
        "100.64.0.0",    "100.127.255.255", "127.0.0.1",        "127.255.255.255",
        "169.254.0.0",   "169.254.169.254", "172.16.0.0",       "172.31.255.255",
        "192.0.0.1",     "192.0.2.1",       "192.88.99.1",      "192.168.0.0",
        "192.168.255.1", "198.18.0.0",      "198.19.255.255",   "198.51.100.1",
        "203.0.113.1",   "224.0.0.1",       "255.255.255.255",  "::",
        "::1",           "fe80::1",         "fc00::1",          "fdff::1",
        "ff02::1",       "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
        "2001::1",       "2001:db8::1",     "2002:7f00:1::",    "3fff::1",
        "::127.0.0.1",   "fec0::1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
        assert_false(is_public(inside[i]));
}

static void their_neighbours_are(void **state)
{
    static const char *const outside[] = {
        "1.0.0.0",     "9.255.255.255",   "11.0.0.0",    "100.63.255.255", "100.128.0.0",
        "128.0.0.0",   "169.253.0.1",     "169.255.0.1", "172.15.255.255", "172.32.0.0",
        "192.167.0.1", "192.169.0.0",     "198.17.0.1",  "198.20.0.0",     "223.255.255.255",
        "8.8.8.8",     "2001:4860::8888", "2400::1",     "::ffff:8.8.8.8",
    };

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        assert_true(is_public(outside[i]));
}

static void what_is_no_address_of_the_internet_is_not_public(void **state)
{
    const struct sockaddr_un local = {.sun_family = AF_UNIX};

    (void)state;
    assert_false(address_is_public((const struct sockaddr *)&local));
}

/* Names are looked at behind their resolution. */
static void a_stranger_leads_nowhere_into_this_computer(void **state)
{
    static const char *const urls[] = {"http://127.0.0.1:1/", "http://localhost:1/",
                                       "http://[::1]:1/", "http://0x7f.1:1/"};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
        const struct fetch_request request = {.url = urls[i], .is_public = true};

        assert_int_equal(fetch(&request, &response, &err), -ERR_REMOTE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_set_aside_are_not_public),
        cmocka_unit_test(their_neighbours_are),
        cmocka_unit_test(what_is_no_address_of_the_internet_is_not_public),
        cmocka_unit_test(a_stranger_leads_nowhere_into_this_computer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
