/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over a directory of seeds, as a test in every build: without libFuzzer,
 * with gcc, under sanitizers and valgrind.
 *
 * Each seed is one TAP test. Where calls can be made to fail (fuzz/faults.c), it runs with the 1st,
 * 2nd, ... of them failing until it no longer comes to that. Else it runs as it is, then cut off
 * and with single bits turned over at places spread over its length: the cheapest mutations catch
 * most of what a parser forgets, and they are the same in every run. Inputs are heap blocks of
 * their exact length, so that the address sanitizer sees the first byte read past the end.
 */
#include "base/file.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum { SEED_SIZE_MAX = 1 << 20, SEEDS_MAX = 4096, VARIANTS_MAX = 48, FAULTS_MAX = 100000 };

#ifdef FUZZ_FAULTS
#define RUN_TARGET fuzz_target
#else
#define RUN_TARGET LLVMFuzzerTestOneInput
#endif

static void run_exact(struct bytes input)
{
    uint8_t *copy = malloc(input.len == 0 ? 1 : input.len);

    if (copy == NULL)
        abort();
    if (input.len > 0)
        memcpy(copy, input.ptr, input.len);
    (void)RUN_TARGET(copy, input.len);
    free(copy);
}

#ifdef FUZZ_FAULTS
static void run_variants(struct buf *seed)
{
    unsigned nth = 0;

    do {
        fuzz_plan_fault(++nth);
        run_exact(buf_bytes(seed));
        FUZZ_CHECK(nth < FAULTS_MAX);
    } while (fuzz_fault_met());
}
#else
static void run_variants(struct buf *seed)
{
    size_t step = seed->len / VARIANTS_MAX + 1;

    for (size_t at = 0; at < seed->len; at += step) {
        uint8_t bit = (uint8_t)(1u << (at % 8));

        run_exact((struct bytes){seed->ptr, at});
        seed->ptr[at] ^= bit;
        run_exact(buf_bytes(seed));
        seed->ptr[at] ^= bit;
    }
}
#endif

static int replay(const char *dir, const char *name, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf seed = BUF_INIT;

    TRY(path_format(&path, err, "%s/%s", dir, name));
    TRY(file_read(path, SEED_SIZE_MAX, &seed, err));
    run_exact(buf_bytes(&seed));
    run_variants(&seed);
    return 0;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char *argv[])
{
    struct dirent **seeds;
    struct err err;
    int count;
    int failed = 0;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s SEED-DIRECTORY\n", argv[0]);
        return 2;
    }
    count = scandir(argv[1], &seeds, is_seed, alphasort);
    if (count <= 0 || count > SEEDS_MAX) {
        (void)printf("Bail out! between 1 and %d seeds are needed in %s\n", SEEDS_MAX, argv[1]);
        return 1;
    }
    (void)printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        int rc = replay(argv[1], seeds[i]->d_name, &err);

        (void)printf("%s %d - %s\n", rc < 0 ? "not ok" : "ok", i + 1, seeds[i]->d_name);
        if (rc < 0) {
            (void)printf("# %s\n", err.text);
            failed = 1;
        }
        (void)fflush(stdout);
        free(seeds[i]);
    }
    free(seeds);
    return failed;
}
