/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts of key ceremonies: what is accepted can be held. */
#include "ceremony/script.h"

#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(script_freep) struct script *script = NULL;
    size_t install;

    if (script_parse(bytes_of(data, size), "script", &script, NULL) < 0)
        return 0;
    FUZZ_CHECK(script->count >= 1 && script->count <= CEREMONY_STEPS_MAX);
    FUZZ_CHECK(script->needed >= 2 && script->needed <= script->shares);
    FUZZ_CHECK(script_find(script, 0, STEP_CLOSE) == script->count - 1);
    install = script_find(script, 0, STEP_INSTALL);
    FUZZ_CHECK(script_find(script, install, STEP_KEY) == script->count);
    FUZZ_CHECK(script_find(script, 0, STEP_CERTIFICATE) > install || install == script->count);
    return 0;
}
