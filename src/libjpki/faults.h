/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of jpki/jpki.h for what client/ found. Those inside may change, those outside not. */
#pragma once

#include "client/authenticity.h"

#include <jpki/jpki.h>

enum jpki_fault fault_outside(enum data_fault fault);
