/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-platformd/powers.h"

void platformd_attach(struct platform *platform)
{
    platform->deliver = NULL;
    platform->judged = NULL;
}
