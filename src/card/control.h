/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: what a counter's terminal and tests ask of the card, as HTTP and JSON.
 *
 *   GET  /v1/card             what is on it, without secrets
 *   POST /v1/keys             {"key"}: make a key pair, gives {"spki"}
 *   GET  /v1/keys/KEY         gives {"spki"} of a key pair that was made
 *   POST /v1/requests         {"key"}: gives {"request"}, a PKCS#10
 *   POST /v1/personalisation  {"kind", "certificates", "pins", "token", "files"}: once
 *   POST /v1/recertification  {"sign", "auth", "sign_ca", "auth_ca"}: certificates for new keys
 *                             replace the old ones
 *   POST /v1/rewriting        {"files", "pins"}: what is no longer true is written anew
 *   POST /v1/issuer-keys      {"version", "enc", "mac", "dek"}: for the free area, SCP03
 *   POST /v1/pin-reset        {"pin", "value"}: a new value for a forgotten PIN, and all its tries
 *   POST /v1/insertion        {"inserted"}: pull the card out, put it in
 *   POST /v1/tamper           {"destroy": true}: try to get at its inside: it is dead for ever
 *   POST /v1/trouble          {"remove_after", "latency_ms", ...}: for tests, see card/slot.h
 *
 * No request gives a key or a PIN.
 */
#pragma once

#include "card/slot.h"
#include "http/server.h"

#include <sys/types.h>

/* Routes whose context is a struct slot. */
extern const struct route control_routes[];
extern const struct http_about control_about;

/*
 * Serve on a socket that listens already, which is taken also on failure. Only the card's own user,
 * root and one peer are answered; 0, which is root, for none. Stopped by http_server_stop before
 * the slot is released.
 */
MUST_CHECK int control_start(struct slot *slot, int listen_fd, uid_t peer,
                             void (*observe)(void *context, const struct http_event *event),
                             struct http_server **ret, struct err *err);
