/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses belong to the Internet at large. Inside this room only. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/*
 * False for this computer, private and local networks, and everything else that is set aside for a
 * purpose (RFC 6890 and the registries of IANA), also as IPv4 written in IPv6; and for what is no
 * address of the Internet.
 */
bool address_is_public(const struct sockaddr *address);
