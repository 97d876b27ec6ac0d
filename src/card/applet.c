/* SPDX-License-Identifier: Apache-2.0 */
#include "card/applet.h"

const struct applet *const applets[] = {&applet_isd, &applet_jpki, &applet_free, NULL};

const struct node *applet_node(const struct applet *applet, uint16_t fid)
{
    for (size_t i = 0; i < applet->node_count; i++) {
        if (applet->nodes[i].fid == fid)
            return &applet->nodes[i];
    }
    return NULL;
}

const struct node *applet_node_sfi(const struct applet *applet, unsigned sfi)
{
    return sfi == 0 || sfi > 30 ? NULL : applet_node(applet, (uint16_t)sfi);
}

/* The row and the applet that owns it. */
static const struct node *find(enum node_kind kind, unsigned index, const struct applet **ret)
{
    for (size_t a = 0; applets[a] != NULL; a++) {
        for (size_t i = 0; i < applets[a]->node_count; i++) {
            const struct node *node = &applets[a]->nodes[i];

            if (node->kind == kind && node->index == index) {
                *ret = applets[a];
                return node;
            }
        }
    }
    return NULL;
}

const struct node *card_node(enum node_kind kind, unsigned index)
{
    const struct applet *owner;

    return find(kind, index, &owner);
}

uint32_t card_node_address(enum node_kind kind, unsigned index)
{
    const struct applet *owner;
    const struct node *node = find(kind, index, &owner);

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
