/* SPDX-License-Identifier: Apache-2.0 */
/* What other programs need to reach a sandbox that runs, as environment variables. */
#pragma once

#include "sandbox/layout.h"

#include <stdbool.h>

enum { ENVIRONMENT_MAX = 24 };

struct variable {
    const char *name;
    char *value;
    bool is_in_front; /* of what the variable has already, with a colon between: PATH */
};

struct environment {
    struct variable list[ENVIRONMENT_MAX];
    size_t count;
};

/*
 * *ret starts empty; release with environment_done, also after a failure. ERR_ABSENT if no sandbox
 * runs in the directory.
 */
MUST_CHECK int environment_of(const struct layout *layout, struct environment *ret,
                              struct err *err);
void environment_done(struct environment *environment);

/* Into this process's own environment: all of it, one variable, one in front of what is there. */
MUST_CHECK int environment_use(const struct environment *environment, struct err *err);
MUST_CHECK int environment_set(const char *name, const char *value, struct err *err);
MUST_CHECK int environment_set_in_front(const char *name, const char *value, struct err *err);
