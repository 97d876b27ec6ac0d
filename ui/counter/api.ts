// SPDX-License-Identifier: Apache-2.0
// Asking the register at the counter's door.
import type { paths } from "@api/counter";
import { connect } from "../shared/api/client";

export { ask, askAs, Failure, showToken, whenEnded } from "../shared/api/client";
export const { GET, POST, DELETE } = connect<paths>();
