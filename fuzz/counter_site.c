/* SPDX-License-Identifier: Apache-2.0 */
#include "counter_site.h"

#include "fuzz.h"
#include "register/desk.h"

#include <stdio.h>
#include <unistd.h>

static const char places[] =
    "# one place\n13101\t6\t東京都\tTokyo-to\t千代田区\tちよだく\tChiyoda-ku\n";

static struct counter counter;
static struct register_store *store;
static struct clock moment;
static struct desk *desk;
static char directory[] = "/tmp/jpki-fuzz-XXXXXX";

static const char *file(const char *name)
{
    static char path[64];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void clean(void)
{
    desk_freep(&desk);
    register_store_closep(&store);
    (void)unlink(file("r.db"));
    (void)unlink(file("r.db.lock"));
    (void)rmdir(directory);
}

static void prepare(void)
{
    struct municipalities *list = NULL;
    struct anchors *anchors = NULL;

    FUZZ_CHECK(mkdtemp(directory) != NULL && atexit(clean) == 0);
    moment = clock_fixed(1795424894);
    FUZZ_CHECK(register_store_open(file("r.db"), &store, NULL) == 0);
    FUZZ_CHECK(municipalities_parse(bytes_text(places), &list, NULL) == 0);
    FUZZ_CHECK(anchors_new(&anchors, NULL) == 0);
    FUZZ_CHECK(desk_new(anchors, "https://register.example", &desk, NULL) == 0);
    counter = (struct counter){.store = store,
                               .municipalities = list,
                               .clock = &moment,
                               .authority = "/nonexistent/authority.sock",
                               .desk = desk,
                               .window = "003A",
                               .rule = MYNUMBER_TEST};
}

struct counter *counter_site(void)
{
    if (store == NULL)
        prepare();
    return &counter;
}
