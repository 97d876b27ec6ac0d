// SPDX-License-Identifier: Apache-2.0
// Asking the portal.
import type { paths } from "@api/portal";
import { connect } from "../shared/api/client";

export { ask, askAs, Failure, showToken, whenEnded } from "../shared/api/client";
export const { GET, POST, PUT, DELETE } = connect<paths>();
