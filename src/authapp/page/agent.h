/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a login's page that asks jpki agent. Inside this room only. */
#pragma once

#include "authapp/page/html.h"

/* A button for this login; hidden where there are no scripts. */
MUST_CHECK int html_put_agent(struct page *page, const char *address, const char *code,
                              struct err *err);
