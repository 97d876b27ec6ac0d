// SPDX-License-Identifier: Apache-2.0
// Asking the platform.
import type { paths } from "@api/platform";
import { connect } from "../shared/api/client";

export { ask, askAs, Failure, showToken, whenEnded } from "../shared/api/client";
export const { GET, POST, PUT, PATCH, DELETE } = connect<paths>();
