/* SPDX-License-Identifier: Apache-2.0 */
/* What targets of the register share. */
#pragma once

#include "register/routes.h"

/*
 * A register in a new file, with a desk, one place and an authority that is not there. Made by the
 * first call and kept until the end: an input may build on what earlier ones left.
 */
struct counter *counter_site(void);
