/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/records.h"

#include "base/file.h"
#include "base/share.h"
#include "sandbox/clock_file.h"
#include "sandbox/insured.h"

#include <stdio.h>

enum { PREFECTURE_DIGITS = 2, BODY_SIZE = 17 };

static int put_bodies(const struct persona *persona, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    char municipality[BODY_SIZE];
    char prefecture[BODY_SIZE];

    (void)snprintf(municipality, sizeof municipality, "M%s", persona->municipality);
    (void)snprintf(prefecture, sizeof prefecture, "P%.*s", PREFECTURE_DIGITS,
                   persona->municipality);
    TRY(json_add_text(list, "PORTAL", err));
    TRY(json_add_text(list, municipality, err));
    TRY(json_add_text(list, prefecture, err));
    TRY(json_add_text(list, "HEALTHINS01", err));
    TRY(json_add_text(list, "LABOUR01", err));
    TRY(json_add_text(list, "PENSION01", err));
    return json_put(body, "bodies", json_steal(&list), err);
}

static int ask_codes(const struct layout *layout, const struct clerk *clerk,
                     const struct persona *persona, const char *serial, struct fetch_response *ret,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *socket = NULL;
    CLEANUP(free_text) char *resident = NULL;
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "register/counter.sock", &socket, err));
    TRY(clerk_find_resident(clerk, serial, &resident, err));
    TRY(path_format(&path, err, "%s/exchange-codes", resident));
    TRY(put_bodies(persona, body, err));
    return clerk_ask(socket, path, body, ret, err);
}

/* An address up to the end of its municipality: a city's or ward's name, a town's or a village's.
 */
static size_t place_length(const char *address)
{
    static const char *const endings[] = {"市", "区", "町", "村"};
    const char *first = NULL;

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *found = strstr(address, endings[i]);

        if (found != NULL && (first == NULL || found < first))
            first = found;
    }
    return first == NULL ? strlen(address) : (size_t)(first - address) + strlen("市");
}

static int put_copy(struct json *object, const char *key, const struct json *value, struct err *err)
{
    struct json *copy = NULL;

    if (value == NULL)
        return 0;
    TRY(json_duplicate(value, &copy, err));
    return json_put(object, key, copy, err);
}

/* The persona's municipality has asked somebody, in its own work. */
static int ask_one(const char *socket, const struct persona *persona, const struct json *codes,
                   const struct json *inquiry, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    char asker[BODY_SIZE];

    (void)snprintf(asker, sizeof asker, "M%s", persona->municipality);
    TRY(json_duplicate(inquiry, &body, err));
    TRY(json_put_text(body, "asker", asker, err));
    TRY(put_copy(body, "codes", codes, err));
    return clerk_ask(socket, "/v1/provider/questions", body, NULL, err);
}

static int ask_all(const char *socket, const struct persona *persona, const struct json *codes,
                   struct err *err)
{
    for (size_t i = 0; persona->inquiries != NULL && i < json_count(persona->inquiries); i++)
        TRY(ask_one(socket, persona, codes, json_at(persona->inquiries, i), err));
    return 0;
}

static int find_code(const struct json *codes, const char *body, const char **ret, struct err *err)
{
    for (size_t i = 0; i < json_count(codes); i++) {
        const char *text;

        TRY(json_get_text(json_at(codes, i), "body", &text, err));
        if (strcmp(text, body) == 0)
            return json_get_text(json_at(codes, i), "code", ret, err);
    }
    return FAIL(err, ERR_REMOTE, "the register tells no code of %s", body);
}

/* What some personas are insured with, instead of what chance has made. */
static int file_insurance(const struct layout *layout, const struct persona *persona,
                          const char *socket, const struct json *codes, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const char *code;
    int64_t offset;
    int rc;

    if (persona->name == NULL) /* somebody of whom a file says what there is to say */
        return 0;
    TRY(find_code(codes, "HEALTHINS01", &code, err));
    TRY(clock_file_read(layout, &offset, err));
    rc = insured_records(persona->name, code, clock_now(&clock_system) + offset, &body, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return clerk_ask(socket, "/v1/provider/records", body, NULL, err);
}

static int put_one(struct json *body, const char *member, const struct persona *who,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "name", who->full_name, err));
    TRY(json_put_text(one, "birth_date", who->birth_date, err));
    return json_put(body, member, json_steal(&one), err);
}

/* Of a child and its parent the second one to get a card has the municipality record it; before
 * that it knows one of them alone. */
static int record_parent(const struct layout *layout, const struct persona *persona,
                         const char *socket, struct err *err)
{
    const char *other = persona->parent != NULL ? persona->parent : persona->child;
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *path = NULL;
    struct persona found;
    int rc;

    if (other == NULL)
        return 0;
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, layout, &personas, err));
    TRY(persona_find(&personas, other, &found, err));
    TRY(put_one(body, "child", persona->parent != NULL ? persona : &found, err));
    TRY(put_one(body, "parent", persona->parent != NULL ? &found : persona, err));
    TRY(json_put_text(body, "municipality", persona->municipality, err));
    rc = clerk_ask(socket, "/v1/provider/parents", body, NULL, err);
    return rc == -ERR_ABSENT ? 0 : rc;
}

int records_fill(const struct layout *layout, const struct clerk *clerk,
                 const struct persona *persona, const char *serial, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response codes = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *socket = NULL;
    const struct json *list = NULL;

    TRY(ask_codes(layout, clerk, persona, serial, &codes, err));
    TRY(json_get_array(codes.json, "codes", &list, err));
    TRY(put_copy(body, "codes", list, err));
    TRY(put_copy(body, "holds", persona->holds, err));
    TRY(json_put_text(body, "seed", persona->name, err));
    TRY(json_put_text(body, "name", persona->full_name, err));
    TRY(json_put_bool(body, "is_protected", persona->is_protected, err));
    TRY(json_put_bool(body, "is_linked", persona->parent != NULL || persona->child != NULL, err));
    TRY(json_put_text(body, "birth_date", persona->birth_date, err));
    TRY(json_put_text(body, "sex", strcmp(persona->sex, "male") == 0 ? "male" : "female", err));
    TRY(json_put_bytes(body, "place", bytes_of(persona->address, place_length(persona->address)),
                       err));
    TRY(layout_path(layout, "portal/portal.sock", &socket, err));
    TRY(clerk_ask(socket, "/v1/provider/people", body, NULL, err));
    TRY(ask_all(socket, persona, list, err));
    TRY(file_insurance(layout, persona, socket, list, err));
    return record_parent(layout, persona, socket, err);
}
