/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenID provider and its platform as they serve browsers, cards and relying parties, in this
 * process: their routes over HTTP, their databases and audit logs on the disk, their keys at two
 * jpki-signerd. Cards are keys here, each login with a certificate that nobody has seen before.
 */
#pragma once

#include "authapp/authapp.h"
#include "platform/platform.h"
#include "platform/tenant/tenant.h"
#include "programs/jpki-bench/signerd.h"
#include "verify/index_status.h"

struct privkey;

enum { OIDC_LAB_CARDS = 1500, OIDC_LAB_NOW = 1790000000 };

#define OIDC_LAB_CLIENT   "shop"
#define OIDC_LAB_REDIRECT "https://shop.example/back"
#define OIDC_LAB_ORIGIN   "https://login.openjpki.test"

struct oidc_lab {
    char *dir, *sockets[2];
    pid_t signerds[2];
    struct clock clock;
    struct privkey *ca_key, *card_key; /* RSA-2048 */
    struct privkey *client_key;        /* of the relying party, on P-256 */
    struct jwk_thumbprint client_kid;
    struct x509_cert *ca;
    struct buf certs[OIDC_LAB_CARDS];
    struct revocation_set *set;
    struct revocation_index index;
    struct index_list list;
    struct status_source status;
    struct platform platform;
    struct http_server *platform_server;
    char url[64]; /* of the platform */
    char key[TENANT_KEY_SIZE];
    struct http_bell bell;
    struct authapp_kept kept;
    struct authapp authapp;
    struct http_server *server;
    uint16_t port;
};

MUST_CHECK int oidc_lab_up(struct oidc_lab *lab, struct err *err);
void oidc_lab_down(struct oidc_lab *lab);
