/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the two builds of jpki-authappd differ beside variant.h: powers_none.c is linked into the
 * one for use, the other powers*.c into jpki-authappd-sandbox.
 */
#pragma once

#include "authapp/authapp.h"
#include "http/route.h"

/* Before it is confined. */
void authappd_attach(struct authapp *authapp);
/* Its tables of routes, ended by NULL. */
const struct route *const *authappd_routes(void);
