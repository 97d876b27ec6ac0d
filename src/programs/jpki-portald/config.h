/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-portald's configuration; jpki-portald(8) describes the file. */
#pragma once

#include "portal/portal.h"
#include "programs/checkpoints.h"
#include "programs/service.h"

struct portald_config {
    struct service_config service; /* peers is not a key: people prove themselves */
    int64_t port;
    char *origin;
    char *database;
    char *signer;
    char *issuer;
    char *authapp; /* NULL: it is asked at the issuer's address */
    char *client_id;
    char *client_key;
    char *registry;     /* NULL: nobody is known by a code */
    char *platform;     /* NULL: signed applications are not taken */
    char *platform_key; /* path of a file */
    char *seal_signer;  /* NULL: the one in signer */
    char *seal_key;     /* NULL: nothing is signed through the authentication app */
    char *auth_cas;     /* paths, one a line; NULL: clinics are shown no cards */
    char *pages_dir;    /* NULL: no pages */
    char *office_dir;   /* NULL: no pages for municipalities */
    char *font;
    char *kiosk_table; /* NULL: the one that comes with the program */
    char *operator_peers;
    char *provider_database; /* NULL: no exchange */
    char *exchange_tables;   /* NULL: those that come with the program */
    int64_t exchange_capacity, exchange_rate, exchange_answer_s, exchange_keep_s;
    char *smtp_host; /* NULL: no mails */
    int64_t smtp_port;
    char *smtp_from;
    char *smtp_user;        /* NULL: without a login */
    char *smtp_password;    /* path of a file */
    char *smtp_ca;          /* NULL: the system's */
    char *operators_socket; /* NULL: none */
    int64_t operators_port;
    char *operators_origin;
    char *operators_proxies;
    char *sites;        /* NULL: no single sign-on to outside sites */
    char *sites_signer; /* NULL: signer */
    char *sites_key;
    struct checkpoint_config checkpoints;
    struct service_rules rules;
    struct service_peers operators, proxies;
};

extern const struct conf_key portald_keys[];
/* Keys that SIGHUP reads again; ended by NULL. */
extern const char *const portald_reloaded[];

/* Read and check the whole file. Release with portald_config_done, also after a failure. */
MUST_CHECK int portald_config_read(const char *path, struct portald_config *ret, struct err *err);
void portald_config_done(struct portald_config *config);
