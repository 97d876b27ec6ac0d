/* SPDX-License-Identifier: Apache-2.0 */
/* What a browser is called where its owner lists his sessions: no more than he needs to know it. */
#pragma once

#include "portal/limits.h"

/* "Firefox, Linux", out of a field User-Agent, which may be NULL; "" for one that is not known. */
void browser_name(const char *user_agent, char ret[PORTAL_BROWSER_SIZE]);
