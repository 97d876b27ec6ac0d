/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/generations.h"

#include "base/bytes.h"
#include "base/file.h"
#include "sandbox/setup_parts.h"

#include <stdio.h>
#include <string.h>

int generations_read(const char *text, unsigned *ret, struct err *err)
{
    if (strlen(text) != 1 || text[0] < '1' || text[0] > '0' + SANDBOX_GENERATIONS_MAX)
        return FAIL(err, ERR_USAGE, "--generations is a number from 1 to %d",
                    SANDBOX_GENERATIONS_MAX);
    *ret = (unsigned)(text[0] - '0');
    return 0;
}

void generations_name(const char *first, unsigned generation, char ret[GENERATION_NAME_ROOM])
{
    if (generation == 1)
        (void)snprintf(ret, GENERATION_NAME_ROOM, "%s", first);
    else
        (void)snprintf(ret, GENERATION_NAME_ROOM, "%s-g%u", first, generation);
}

static bool is_there(const char *dir, unsigned generation)
{
    CLEANUP(free_text) char *path = NULL;

    return path_format(&path, NULL, "%s/anchors/sign-g%u.pem", dir, generation) == 0 &&
           setup_exists(path);
}

unsigned generations_of_sandbox(const char *dir, unsigned wanted)
{
    unsigned count = wanted == 0 ? 1 : wanted;

    while (count < SANDBOX_GENERATIONS_MAX && is_there(dir, count + 1))
        count++;
    return count;
}
