// SPDX-License-Identifier: Apache-2.0
// Asking the portal for a municipality.
import type { paths } from "@api/portal";
import { connect } from "../shared/api/client";

export { ask, askAs } from "../shared/api/client";
export const { GET, POST, PUT, DELETE } = connect<paths>();
