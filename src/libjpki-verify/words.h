/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of jpki/verify.h for what verify/ found. Those inside may change, those outside not.
 */
#pragma once

#include "verify/verdict.h"

#include <jpki/verify.h>

enum jpki_verdict verdict_outside(enum verdict verdict);
enum jpki_reason reason_outside(enum reason reason);
