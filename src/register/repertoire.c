/* SPDX-License-Identifier: Apache-2.0 */
#include "register/repertoire.h"

#include "base/utf8.h"

enum { WORD_BITS = 32 };

bool repertoire_has(uint32_t character)
{
    uint32_t word = character / WORD_BITS;

    return word < REPERTOIRE_WORDS && (repertoire_bits[word] >> (character % WORD_BITS) & 1) != 0;
}

int repertoire_check(const char *what, const char *text, struct err *err)
{
    struct bytes rest = bytes_text(text);

    for (size_t position = 1; rest.len > 0; position++) {
        uint32_t character;

        TRY(utf8_next(&rest, &character, err));
        if (!repertoire_has(character))
            return FAIL(err, ERR_INPUT,
                        "%s has at position %zu a character that certificates cannot carry; it "
                        "needs a substitute",
                        what, position);
    }
    return 0;
}

int repertoire_flags(const char *what, const char *registered, const char *text, char *flags,
                     struct err *err)
{
    struct bytes from = bytes_text(registered);
    struct bytes to = bytes_text(text);
    size_t position = 0;

    if (utf8_count(from) != utf8_count(to))
        return FAIL(err, ERR_INPUT, "%s has not as many characters as it is registered with", what);
    while (to.len > 0) {
        uint32_t original;
        uint32_t character;
        bool is_same;

        TRY(utf8_next(&from, &original, err));
        TRY(utf8_next(&to, &character, err));
        is_same = original == character;
        if (!is_same && repertoire_has(original))
            return FAIL(err, ERR_INPUT,
                        "%s replaces at position %zu a character that certificates can carry", what,
                        position + 1);
        flags[position++] = is_same ? '0' : '1';
    }
    flags[position] = '\0';
    return 0;
}
