/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal where somebody has everything that a route's id can be of, and others who want it: for a
 * test of every route. A route whose ids it does not know makes the test fail, so that whoever adds
 * one adds an example here: an id of hers, and a body that is taken.
 */
#pragma once

#include "exchange/exchange.h"
#include "exchange/holdings.h"
#include "portal/eligibility/clinic.h"
#include "portal/kiosk/terminal.h"
#include "portal/municipality/key.h"
#include "support/portal_site.h"

/* What she wrote into her application, and what the clerk wrote to her. */
#define VICTIM_WORDS "wisteria-canary"
#define VICTIM_PLACE "13101"
#define OTHER_PLACE  "13102"

enum { VICTIM_VALUES_MAX = 48 };

struct portal_victim {
    struct portal_site site;
    struct portal_browser hanako, taro; /* she, and another citizen */
    /* Of her municipality, and of another. */
    char clerk[MUNICIPALITY_KEY_SIZE], editor[MUNICIPALITY_KEY_SIZE];
    char other_clerk[MUNICIPALITY_KEY_SIZE], other_editor[MUNICIPALITY_KEY_SIZE];
    char terminal[CLINIC_KEY_SIZE], other_terminal[CLINIC_KEY_SIZE];   /* of clinics */
    char kiosk[KIOSK_KEY_SIZE], other_kiosk[KIOSK_KEY_SIZE];           /* machines in shops */
    char sender[PORTAL_SECRET_SIZE], other_sender[PORTAL_SECRET_SIZE]; /* tokens of sites */
    char other_ticket[PORTAL_SECRET_SIZE]; /* of an application without a login */
    struct sites *sites;
    struct tables *tables;
    struct hours *hours;
    struct making *making;
    struct holdings *holdings;
    struct exchange x;
    /* Hers: where in a path, and which. */
    struct victim_value {
        const char *place; /* "/v1/sessions/:id": up to the parameter */
        char value[80];
        enum victim_kind {
            VICTIM_SECRET, /* hers, and told to nobody else */
            VICTIM_KNOWN,  /* hers, and everybody may know it */
            VICTIM_PUBLIC, /* everybody's: whoever asks with it is let in */
        } kind;
    } values[VICTIM_VALUES_MAX];
    size_t count;
};

void portal_victim_make(struct portal_victim *victim);
void portal_victim_done(struct portal_victim *victim);

/*
 * A request of a route with her ids: "GET /v1/sessions/..."; *ret_public: all ids in it are
 * everybody's to see. Fails the test for a route whose ids are not known here.
 */
void portal_victim_line(const struct portal_victim *victim, const struct route *route,
                        char ret[512], bool *ret_public);
/* A body that the route takes; NULL: it takes none, or any will do. */
struct victim_body {
    const char *route; /* "PUT /v1/applications/:id/answers" */
    const char *type, *text;
    const char *query; /* with its "?", or NULL */
};
const struct victim_body *portal_victim_body(const struct route *route);
