/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authappd/powers.h"

#include "authapp/routes.h"

void authappd_attach(struct authapp *authapp)
{
    authapp->powers = NULL;
}

const struct route *const *authappd_routes(void)
{
    return authapp_routes;
}
