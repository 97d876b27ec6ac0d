/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform that is registered at an authority and asks it over a socket, with requests that the
 * role of its key has approved. Both stand at the same moment. Everything fails the running test.
 */
#pragma once

#include "support/authority_site.h"
#include "support/httpclient.h"
#include "support/platform_site.h"

struct door_site {
    struct authority_site authority;
    struct platform_site platform;
    struct httpserver *door; /* the authority's interface for verifiers */
    struct privkey *token;
};

/* Keys, once a program; one site at a time. */
void door_site_make(struct door_site *site);
void door_site_done(struct door_site *site);
/* Databases and a connection for one test. */
void door_site_open(struct door_site *site);
void door_site_close(struct door_site *site);
/* For cmocka: one for each test of a program, with a client of signerd. */
extern struct door_site door_sites;
extern struct signer *door_signer;
int door_sites_make(void **state);
int door_sites_done(void **state);
int door_sites_open(void **state);
int door_sites_close(void **state);
#define WITH_DOOR_SITES(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, door_sites_open, door_sites_close)

/* Both clocks go on. */
void door_site_later(struct door_site *site, int64_t seconds);
