// SPDX-License-Identifier: Apache-2.0
// Compiled, not run: what the document of the API does not have, no page can ask for. Each line marked here
// must be an error, or the compiler says that it is none.
import { GET, POST } from "../console/api";
import * as portal from "../portal/api";

// @ts-expect-error no such route
void GET("/v1/nothing");
// @ts-expect-error this route is read, not written
void POST("/v1/tenant", {});
// @ts-expect-error its parameter is missing
void GET("/v1/verifications/{id}");
// @ts-expect-error no such parameter
void GET("/v1/verifications", { params: { query: { serial: "1" } } });
// @ts-expect-error no such role
void POST("/v1/tenant/keys", { body: { name: "x", role: "root" } });
// @ts-expect-error no such member of the answer
void GET("/v1/tenant").then(({ data }) => data?.secret);
void GET("/v1/tenant").then(({ data }) => data?.client_id);
// @ts-expect-error of the platform, not of the portal
void portal.GET("/v1/tenant");
// @ts-expect-error no such state to search for
void portal.GET("/v1/procedures", { params: { query: { event: "lottery" } } });
void portal.GET("/v1/me").then(({ data }) => data?.csrf);
