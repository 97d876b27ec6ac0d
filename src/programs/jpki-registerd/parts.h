/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of jpki-registerd make from the configuration. */
#pragma once

#include "programs/jpki-registerd/config.h"
#include "register/desk.h"

/* The configured list of municipalities, or the one that comes with the program. */
MUST_CHECK int load_municipalities(const struct registerd_config *config,
                                   struct municipalities **ret, struct err *err);
/* For clerks; *ret stays NULL without clerk_anchors. config must outlive it. */
MUST_CHECK int open_desk(const struct registerd_config *config, struct desk **ret, struct err *err);
