/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/powers_map.h"

#include "base/bytes.h"
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char magic[POWERS_MAGIC_SIZE] = {'J', 'P', 'K', 'I', 'P', 'O', 'W', 'R'};

static_assert((int)NAMED_FAULTS_ <= (int)POWERS_SLOTS, "each fault has a slot");
static_assert(sizeof(((struct powers_page *)NULL)->name) > SANDBOX_PERSONA_NAME_MAX,
              "each name fits, with its end");
static_assert(sizeof(struct powers_page) == 16 + 16 + 8 + 8 * POWERS_NAME_WORDS + 8 * POWERS_SLOTS,
              "the file has no holes");

struct powers_page powers_page_init(void)
{
    struct powers_page page = {.version = POWERS_VERSION};

    memcpy(page.magic, magic, sizeof magic);
    return page;
}

static int check(const struct powers_page *page, struct err *err)
{
    if (!bytes_equal(bytes_of(page->magic, sizeof page->magic), bytes_of(magic, sizeof magic)) ||
        page->version != POWERS_VERSION)
        return FAIL(err, ERR_INPUT, "it is not what a sandbox of this version has set");
    return 0;
}

int powers_page_map(int fd, struct powers_page **ret, struct err *err)
{
    struct powers_page *page;
    struct stat st;
    int rc;

    if (fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "fstat");
    if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof *page)
        return FAIL(err, ERR_INPUT, "it is not what a sandbox has set");
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return FAIL_ERRNO(err, "mmap");
    rc = check(page, err);
    if (rc < 0) {
        (void)munmap(page, sizeof *page);
        return rc;
    }
    *ret = page;
    return 0;
}

bool powers_take(struct powers_page *page, enum named_fault fault)
{
    struct powers_slot *slot = &page->slots[fault];
    int32_t left = __atomic_load_n(&slot->left, __ATOMIC_ACQUIRE);

    while (left > 0 && !__atomic_compare_exchange_n(&slot->left, &left, left - 1, false,
                                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        continue;
    if (left == 0)
        return false;
    (void)__atomic_add_fetch(&slot->times, 1, __ATOMIC_ACQ_REL);
    return true;
}

void powers_set(struct powers_page *page, enum named_fault fault, int32_t left)
{
    __atomic_store_n(&page->slots[fault].times, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&page->slots[fault].left, left, __ATOMIC_RELEASE);
}

struct powers_slot powers_get(const struct powers_page *page, enum named_fault fault)
{
    return (struct powers_slot){__atomic_load_n(&page->slots[fault].left, __ATOMIC_ACQUIRE),
                                __atomic_load_n(&page->slots[fault].times, __ATOMIC_ACQUIRE)};
}

void powers_set_name(struct powers_page *page, const char *name)
{
    uint64_t words[POWERS_NAME_WORDS] = {0};

    memcpy(words, name, strnlen(name, SANDBOX_PERSONA_NAME_MAX));
    (void)__atomic_add_fetch(&page->name_turn, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < POWERS_NAME_WORDS; i++)
        __atomic_store_n(&page->name[i], words[i], __ATOMIC_SEQ_CST);
    (void)__atomic_add_fetch(&page->name_turn, 1, __ATOMIC_SEQ_CST);
}

void powers_get_name(const struct powers_page *page, char ret[SANDBOX_PERSONA_NAME_MAX + 1])
{
    uint64_t words[POWERS_NAME_WORDS];
    uint64_t before;

    do {
        before = __atomic_load_n(&page->name_turn, __ATOMIC_SEQ_CST);
        for (size_t i = 0; i < POWERS_NAME_WORDS; i++)
            words[i] = __atomic_load_n(&page->name[i], __ATOMIC_SEQ_CST);
    } while (before % 2 != 0 || before != __atomic_load_n(&page->name_turn, __ATOMIC_SEQ_CST));
    memcpy(ret, words, SANDBOX_PERSONA_NAME_MAX);
    ret[SANDBOX_PERSONA_NAME_MAX] = '\0';
}

bool powers_is_loose(const struct powers_page *page)
{
    return __atomic_load_n(&page->is_loose, __ATOMIC_ACQUIRE) != 0;
}

void powers_set_loose(struct powers_page *page, bool is_loose)
{
    __atomic_store_n(&page->is_loose, is_loose ? 1U : 0U, __ATOMIC_RELEASE);
}

uint32_t powers_ask_turn(struct powers_page *page)
{
    return __atomic_add_fetch(&page->turns_asked, 1, __ATOMIC_ACQ_REL);
}

uint32_t powers_turn_due(const struct powers_page *page)
{
    uint32_t asked = __atomic_load_n(&page->turns_asked, __ATOMIC_ACQUIRE);

    return asked == __atomic_load_n(&page->turns_done, __ATOMIC_ACQUIRE) ? 0 : asked;
}

void powers_turn_seen(struct powers_page *page, uint32_t number, bool is_done)
{
    if (!is_done)
        __atomic_store_n(&page->turns_failed, number, __ATOMIC_RELEASE);
    __atomic_store_n(&page->turns_done, number, __ATOMIC_RELEASE);
}

bool powers_turn_is_over(const struct powers_page *page, uint32_t number, bool *ret_is_done)
{
    if (__atomic_load_n(&page->turns_done, __ATOMIC_ACQUIRE) < number)
        return false;
    *ret_is_done = __atomic_load_n(&page->turns_failed, __ATOMIC_ACQUIRE) < number;
    return true;
}

int powers_open(struct powers_page **ret, struct err *err)
{
    const char *path = secure_getenv(SANDBOX_POWERS_VARIABLE);

    if (path == NULL) {
        *ret = NULL;
        return 0;
    }
    CLEANUP(fd_done) int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    return err_prefix(err, powers_page_map(fd, ret, err), "%s", path);
}
