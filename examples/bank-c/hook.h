/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks of the platform (Standard Webhooks): one address of ours, signed with its secret. */
#pragma once

#include "kit.h"

/* Have the platform call here; what an earlier run had asked for is over. 0 if that fails. */
int hook_start(const char *platform, const char *tenant, const char *here);
/* The event that the platform tells with a visit, which is answered; NULL: it was not the platform.
 */
const json_t *hook_event(struct visit *visit);
