/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interfaces of the gateway, a row each (S309 to S318): what the status page lists, what an
 * operator applies for, and what people are asked to consent to. A row stands in a file of its own,
 * beside its routes if it has some that no other interface has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { GATEWAY_APIS_MAX = 8 };

/* Records of a name that are older than so many days are not handed over. */
struct gateway_reach {
    const char *info;
    int64_t days;
};

struct gateway_api {
    const char *name;  /* "self-information": also its scope in OAuth */
    const char *since; /* "2019-11", of the real one */
    struct {
        const char *ja, *en;
    } names;
    bool is_by_consent;    /* somebody lets a service have it; else it is for whoever has its key */
    bool is_of_exchange;   /* it is open when the exchange is */
    bool is_always_period; /* no consent is for one request */
    int64_t period_days;   /* for which a consent may last; 0: it is for one request */
    const char *const *topics; /* of notices, to read or to send, ended by NULL; NULL: none */
    const char *const *infos;  /* the names there are, ended by NULL; NULL: all */
    const struct gateway_reach *reach; /* ended by a NULL name; NULL: all that is held */
};

/* The one that somebody's proxy consents to for whom he acts (portal.md 2.8). */
#define GATEWAY_PROXY_API "medical-insurance"

/* Ended by NULL. */
extern const struct gateway_api *const gateway_apis[];
/* NULL: there is none of that name. */
const struct gateway_api *gateway_api_find(const char *name);
bool gateway_api_has(const struct gateway_api *api, const char *info);
/* Since when records of a name are handed over; 0: all. */
int64_t gateway_api_reach(const struct gateway_api *api, const char *info);
