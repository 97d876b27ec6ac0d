/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a signing, for the browser of whoever logged in for it. Inside this room only. */
#pragma once

#include "authapp/client/client.h"
#include "authapp/signing/store.h"
#include "http/route.h"

/* What is signed, for whom, and where the card answers; login names the page. */
MUST_CHECK int signing_show(struct http_call *call, const struct client *client,
                            const struct signing *signing, const char *login, struct err *err);
