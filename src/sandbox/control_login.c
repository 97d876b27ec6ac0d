/* SPDX-License-Identifier: Apache-2.0 */
#include "base/share.h"
#include "sandbox/control_handlers.h"
#include "sandbox/page.h"
#include "sandbox/persona.h"

#include <stdio.h>
#include <string.h>

int control_check_persona(const struct layout *layout, const char *name, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(free_text) char *path = NULL;
    struct persona persona;

    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, layout, &personas, err));
    return persona_find(&personas, name, &persona, err);
}

static int read_faults(const struct json *body, uint64_t *ret, struct err *err)
{
    const struct json *list = NULL;
    enum named_fault fault;

    if (!json_has(body, "faults"))
        return 0;
    TRY(json_get_array(body, "faults", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *name = json_text(json_at(list, i));

        TRY(named_fault_find(name == NULL ? "" : name, &fault, err));
        if (named_faults[fault].way != NAMED_BY_HOLDER)
            return FAIL(err, ERR_INPUT, "%s does not happen to the holder", name);
        *ret |= UINT64_C(1) << fault;
    }
    return 0;
}

/* The row has seen to their form; nowhere but on this computer is a card used. */
int control_post_login(struct http_call *call, struct err *err)
{
    static const char near[] = "http://127.0.0.1:";
    const struct page *page = call->context;
    const struct json *body = call->request.json;
    struct phone_login login = {.faults = 0};
    const char *address = NULL;
    const char *code = NULL;
    const char *persona = NULL;

    TRY(json_get_text(body, "address", &address, err));
    TRY(json_get_text(body, "code", &code, err));
    TRY(json_get_text(body, "persona", &persona, err));
    if (strncmp(address, near, sizeof near - 1) != 0 || strlen(address) > PHONE_ADDRESS_MAX)
        return FAIL(err, ERR_INPUT, "address: a login of this sandbox begins with %s", near);
    TRY(control_check_persona(page->layout, persona, err));
    TRY(read_faults(body, &login.faults, err));
    (void)snprintf(login.address, sizeof login.address, "%s", address);
    (void)snprintf(login.code, sizeof login.code, "%s", code);
    (void)snprintf(login.persona, sizeof login.persona, "%s", persona);
    TRY(phone_ask(page->phone, &login, err));
    http_reply_empty(&call->response, 202);
    return 0;
}
