/* SPDX-License-Identifier: Apache-2.0 */
#include "card/applet.h"

#include <string.h>

const struct applet *const applets[] = {&applet_isd,  &applet_jpki,   &applet_text, &applet_visual,
                                        &applet_juki, &applet_common, NULL};

const struct node *applet_node(const struct applet *applet, uint16_t fid)
{
    for (size_t i = 0; i < applet->node_count; i++) {
        if (applet->nodes[i].fid == fid)
            return &applet->nodes[i];
    }
    return NULL;
}

const struct node *applet_file(const struct applet *applet, uint16_t fid)
{
    const struct node *node = applet_node(applet, fid);

    return node == NULL || node->kind == NODE_OBJECT ? NULL : node;
}

enum node_kind node_storage(enum node_kind kind)
{
    return kind == NODE_RECORDS || kind == NODE_OBJECT ? NODE_DATA : kind;
}

/* The row and the applet that owns it. */
static const struct node *find(enum node_kind storage, unsigned index, const struct applet **ret)
{
    for (size_t a = 0; applets[a] != NULL; a++) {
        for (size_t i = 0; i < applets[a]->node_count; i++) {
            const struct node *node = &applets[a]->nodes[i];

            if (node_storage(node->kind) == storage && node->index == index) {
                *ret = applets[a];
                return node;
            }
        }
    }
    return NULL;
}

const struct node *card_node(enum node_kind storage, unsigned index)
{
    const struct applet *owner;

    return find(storage, index, &owner);
}

const struct applet *card_node_applet(enum node_kind storage, unsigned index)
{
    const struct applet *owner = NULL;

    (void)find(storage, index, &owner);
    return owner;
}

uint32_t card_node_address(enum node_kind storage, unsigned index)
{
    const struct applet *owner;
    const struct node *node = find(storage, index, &owner);

    return node == NULL ? 0 : (uint32_t)owner->id << 16 | node->fid;
}

const struct node *card_node_at(uint32_t address)
{
    for (size_t a = 0; applets[a] != NULL; a++) {
        if (applets[a]->id == address >> 16)
            return applet_node(applets[a], (uint16_t)(address & 0xffff));
    }
    return NULL;
}

const struct node *card_data_named(const char *applet, uint16_t fid)
{
    for (size_t a = 0; applets[a] != NULL; a++) {
        const struct node *node = applet_node(applets[a], fid);

        if (strcmp(applets[a]->name, applet) == 0 && node != NULL &&
            node_storage(node->kind) == NODE_DATA)
            return node;
    }
    return NULL;
}
