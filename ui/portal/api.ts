// SPDX-License-Identifier: Apache-2.0
// Asking the portal.
import type { paths } from "@api/portal";
import { connect } from "../shared/api/client";
import { actingField, mandateFor } from "./acting";

export { ask, askAs, Failure, hearNow, showToken, whenEnded } from "../shared/api/client";
const client = connect<paths>();
client.use({
  onRequest({ request }) {
    const mandate = mandateFor(new URL(request.url).pathname);
    if (mandate !== null) request.headers.set(actingField, mandate);
    return request;
  },
});
export const { GET, POST, PUT, DELETE } = client;
