/* SPDX-License-Identifier: Apache-2.0 */
/* Where the two builds of jpki-platformd differ beside variant.h: powers_none.c, or powers.c. */
#pragma once

#include "platform/platform.h"

/* Webhooks of a sandbox may be lost; in the build for use they are sent. */
void platformd_attach(struct platform *platform);
