/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata of relying parties. What is taken has a name, a sector and addresses of its own, and is
 * taken again as it is kept.
 */
#include "authapp/client/client.h"

#include "fetch/uri.h"
#include "fuzz.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(client_done) struct client again = {.metadata = NULL};
    CLEANUP(buf_done) struct buf kept = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *address;
    struct uri uri;

    if (client_parse(bytes_of(data, size), &client, NULL) == 0) {
        FUZZ_CHECK(client.id[0] != '\0' && client.name[0] != '\0' && client.sector[0] != '\0');
        FUZZ_CHECK(uri_parse(client.origin, &uri, NULL) == 0 && uri.rest.len == 0);
        FUZZ_CHECK(client.profile != CLIENT_AUTHAPP || client.auth == CLIENT_PRIVATE_KEY_JWT);
        FUZZ_CHECK(!client_has_uri(&client, "redirect_uris", client.origin));
        FUZZ_CHECK(json_write(client.metadata, &kept, NULL) == 0);
        FUZZ_CHECK(kept.len > AUTHAPP_METADATA_MAX ||
                   client_parse(buf_bytes(&kept), &again, NULL) == 0);
    } else {
        FUZZ_CHECK(client.metadata == NULL);
    }
    /* The same bytes as an address. */
    if (buf_append(&text, bytes_of(data, size), NULL) == 0 &&
        buf_text(&text, &address, NULL) == 0 && uri_parse(address, &uri, NULL) == 0) {
        FUZZ_CHECK(uri.host.len > 0 && (uri.is_https || uri.is_loopback));
        FUZZ_CHECK(memchr(data, '#', size) == NULL && memchr(data, '@', uri.host.len) == NULL);
        FUZZ_CHECK(uri_matches(address, address));
    }
    return 0;
}
