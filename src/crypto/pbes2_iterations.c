/* SPDX-License-Identifier: Apache-2.0 */
/* Alone in its file, so that the linker takes it only where the program has no number of its own.
 */
#include "crypto/pbes2.h"

const int pbes2_iterations = PBES2_ITERATIONS;
