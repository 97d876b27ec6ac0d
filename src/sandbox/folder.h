/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/err.h"

/* The folder that the running program lies in, where the others lie as well; free_text. */
MUST_CHECK int own_folder(char **ret, struct err *err);
