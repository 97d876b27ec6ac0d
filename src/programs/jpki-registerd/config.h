/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-registerd's configuration; jpki-registerd(8) describes the file. */
#pragma once

#include "programs/checkpoints.h"
#include "programs/service.h"
#include "register/card.h"
#include "register/mynumber.h"

struct registerd_config {
    struct service_config service;
    char *database;
    char *authority;
    char *window;
    char *numbers;
    char *cards;
    char *municipalities; /* NULL: the list that comes with the program */
    char *operator_peers;
    struct checkpoint_config checkpoints;
    char *clerk_anchors; /* NULL: no clerk can log in */
    char *clerk_origin;
    char *counter_socket, *counter_origin, *counter_dir; /* NULL: none */
    int64_t counter_port;
    char *card_signer; /* NULL: no card data is made, and the next three do not count */
    char *text_certificate;
    char *visual_certificate;
    char *exchange_signer; /* NULL: no codes are told */
    char *exchange_key, *exchange_peers;
    char *font; /* NULL: the one of Debian's package */
    struct service_rules rules;
    struct service_peers operators, exchange;
    enum mynumber_rule rule;
    enum card_generation generation;
};

extern const struct conf_key registerd_keys[];
/* Keys that a reload takes. */
extern const char *const registerd_reloaded[];

/* Read and check the whole file. Release with registerd_config_done, also after a failure. */
MUST_CHECK int registerd_config_read(const char *path, struct registerd_config *ret,
                                     struct err *err);
void registerd_config_done(struct registerd_config *config);
