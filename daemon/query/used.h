/*
 * What is meant by a use of a name: one definition among all that have the name and are of its class.
 */
#pragma once

#include "index/same.h"
#include "index/set_index.h"
#include "query/page.h"

/* Pairs that comparing definitions may take for one question: some tens of milliseconds. Beyond it they count as different. */
#define USED_MAX_PAIRS (1U << 20)

/* A type that may be used, and what is known of others of its name. */
struct used {
        const struct source_set *set;
        struct query_type type;
        const char *name;
        enum use_class class;
        uint32_t filed; /* the entry that all of the name and class are filed under; UINT32_MAX if none is */
        bool is_only;   /* there is no other definition: the name and class decide */
        bool is_what_declarations_mean;
        struct same same;
        bool is_out_of_memory; /* and what was compared counts as different */
};

/* Needs SET_INDEX_USERS. */
void used_init(struct used *used, const struct source_set *set, struct query_type type);
/* Makes it an entry of the set's order, and keeps the memory. */
void used_become(struct used *used, uint32_t entry);
void used_deinit(struct used *used);

/* Whether an id of some BTF of the set means that type. */
bool used_is(struct used *used, const struct btf *btf, uint32_t id);

/* The relations that a type has to it, walked. */
unsigned int used_relations(struct used *used, struct query_type user);
