/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a portal does beside answering requests: mails, drafts that are let go of, sites that are
 * told who is out, questions of the exchange, checkpoints. All of it is of the first configuration
 * for as long as the process runs.
 */
#pragma once

#include "base/secret.h"
#include "portal/application/drafts.h"
#include "portal/mail/office.h"
#include "portal/site/worker.h"
#include "programs/jpki-portald/network.h"

/* Stays where it is once it is open. Zeros: nothing. */
struct beside {
    const struct portal *portal;
    struct network *network;
    struct secret smtp_password; /* a text with its NUL */
    struct mail_office office;
    struct mail_worker mailer;
    struct drafts_keeper drafts;
    struct site_worker teller;
};

/* Nothing runs yet. The portal with its store and keeper, and the network, outlive it. */
MUST_CHECK int beside_open(const struct portald_config *config, const struct portal *portal,
                           struct network *network, struct beside *ret, struct err *err);
void beside_done(struct beside *beside);

/* Start all of it; whatever has failed, it is stopped the same way. */
MUST_CHECK int beside_start(struct beside *beside, struct err *err);
void beside_stop(struct beside *beside);
