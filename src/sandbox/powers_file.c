/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/powers_file.h"

#include "base/file.h"
#include "sandbox/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_variables(const struct layout *layout, const char *path, struct err *err)
{
    CLEANUP(free_text) char *control = NULL;

    TRY(layout_path(layout, "page/page.sock", &control, err));
    if (setenv(SANDBOX_POWERS_VARIABLE, path, 1) < 0 ||
        setenv(SANDBOX_CONTROL_VARIABLE, control, 1) < 0)
        return FAIL_ERRNO(err, "setenv");
    return 0;
}

/* The file stays the same one where it was there: a page that was started by hand may map it. */
static int write_page(int fd, const char *path, struct err *err)
{
    const struct powers_page page = powers_page_init();

    if (ftruncate(fd, (off_t)sizeof page) < 0)
        return FAIL_ERRNO(err, "%s", path);
    TRY(file_write_all(fd, bytes_of(&page, sizeof page), err));
    if (identities_are_separate() && fchown(fd, (uid_t)-1, identity_group()) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return fchmod(fd, 0660) < 0 ? FAIL_ERRNO(err, "%s", path) : 0;
}

int powers_file_provide(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "powers", &path, err));
    CLEANUP(fd_done)
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0660);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    TRY(write_page(fd, path, err));
    return set_variables(layout, path, err);
}

int powers_file_map(const struct layout *layout, struct powers_page **ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "powers", &path, err));
    CLEANUP(fd_done) int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "the sandbox in %s was not started yet", layout->dir);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    return err_prefix(err, powers_page_map(fd, ret, err), "%s", path);
}

void powers_page_done(struct powers_page **page)
{
    if (*page != NULL)
        (void)munmap(*page, sizeof **page);
    *page = NULL;
}

int powers_arm(struct powers_page *page, enum named_fault fault, int64_t times, struct err *err)
{
    if (named_faults[fault].way == NAMED_BY_ACT)
        return FAIL(err, ERR_INPUT, "%s is done to a person's card, at once",
                    named_faults[fault].name);
    if (times < 0 || times > POWERS_TIMES_MAX)
        return FAIL(err, ERR_INPUT, "times is 0 to %d", POWERS_TIMES_MAX);
    powers_set(page, fault, times == 0 ? POWERS_UNTIL_CLEARED : (int32_t)times);
    return 0;
}

void powers_clear(struct powers_page *page)
{
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        powers_set(page, (enum named_fault)i, 0);
    powers_set_name(page, "");
    powers_set_loose(page, false);
}

static int put_left(struct json *object, const char *key, int32_t left, struct err *err)
{
    return json_put_int(object, key, left == POWERS_UNTIL_CLEARED ? 0 : left, err);
}

int powers_fault_json(const struct powers_page *page, enum named_fault fault, struct json **ret,
                      struct err *err)
{
    const struct named_fault_row *row = &named_faults[fault];
    const struct powers_slot slot = powers_get(page, fault);
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "name", row->name, err));
    TRY(json_put_text(object, "place", row->place, err));
    TRY(json_put_text(object, "way", named_fault_way(row->way), err));
    TRY(json_put_text(object, "text", row->text, err));
    TRY(slot.left == 0 ? json_put_null(object, "left", err)
                       : put_left(object, "left", slot.left, err));
    TRY(json_put_int(object, "met", slot.times, err));
    *ret = json_steal(&object);
    return 0;
}

int powers_faults_json(const struct powers_page *page, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; i < NAMED_FAULTS_; i++) {
        struct json *row = NULL;

        TRY(powers_fault_json(page, (enum named_fault)i, &row, err));
        TRY(json_add(list, row, err));
    }
    *ret = json_steal(&list);
    return 0;
}

static int fault_set_json(const struct powers_page *page, enum named_fault fault, struct json *list,
                          struct err *err)
{
    CLEANUP(json_freep) struct json *row = json_object_new();
    int32_t left = powers_get(page, fault).left;

    if (left == 0)
        return 0;
    TRY(json_put_text(row, "name", named_faults[fault].name, err));
    TRY(put_left(row, "times", left, err));
    return json_add(list, json_steal(&row), err);
}

int powers_json(const struct powers_page *page, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *faults = json_array_new();
    char name[SANDBOX_PERSONA_NAME_MAX + 1];

    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        TRY(fault_set_json(page, (enum named_fault)i, faults, err));
    powers_get_name(page, name);
    TRY(json_put(object, "faults", json_steal(&faults), err));
    TRY(json_put_optional(object, "persona", name[0] == '\0' ? NULL : name, err));
    TRY(json_put_text(object, "registration", powers_is_loose(page) ? "loose" : "strict", err));
    *ret = json_steal(&object);
    return 0;
}

/* All of it, before any of it is set. */
static int read_faults(const struct json *object, int32_t left[NAMED_FAULTS_], struct err *err)
{
    struct powers_page tried = powers_page_init();
    const struct json *list = NULL;

    if (!json_has(object, "faults"))
        return 0;
    TRY(json_get_array(object, "faults", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        enum named_fault fault;
        const char *name = NULL;
        int64_t times = 0;

        TRY(json_get_text(json_at(list, i), "name", &name, err));
        TRY(named_fault_find(name, &fault, err));
        if (json_has(json_at(list, i), "times"))
            TRY(json_get_int(json_at(list, i), "times", &times, err));
        TRY(powers_arm(&tried, fault, times, err));
        left[fault] = powers_get(&tried, fault).left;
    }
    return 0;
}

int powers_replace(struct powers_page *page, const struct json *object, struct err *err)
{
    int32_t left[NAMED_FAULTS_] = {0};
    const char *persona = "";
    const char *registration = "strict";

    TRY(read_faults(object, left, err));
    if (json_has(object, "persona") && !json_is_null_member(object, "persona"))
        TRY(json_get_text(object, "persona", &persona, err));
    if (json_has(object, "registration"))
        TRY(json_get_text(object, "registration", &registration, err));
    if (strlen(persona) > SANDBOX_PERSONA_NAME_MAX)
        return FAIL(err, ERR_INPUT, "persona has more than %d characters",
                    SANDBOX_PERSONA_NAME_MAX);
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        powers_set(page, (enum named_fault)i, left[i]);
    powers_set_name(page, persona);
    powers_set_loose(page, strcmp(registration, "loose") == 0);
    return 0;
}
