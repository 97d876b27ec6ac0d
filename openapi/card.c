/* SPDX-License-Identifier: Apache-2.0 */
#include "write.h"

#include "card/control.h"

const struct api openapi_card = {&control_about, control_routes};
