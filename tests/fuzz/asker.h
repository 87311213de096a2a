/*
 * What the files of ask.h share.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "fuzz/fuzz.h"
#include "index/source_set.h"
#include "query/search.h"
#include "rpc/rpc.h"

struct asker {
        const struct source_set *set;
        struct source_set *vmlinux; /* owned: the same without modules; NULL if there is no vmlinux */
        struct rpc rpc;
        struct json_writer reply;
        FILE *transcript;
        uint64_t random;          /* the same in every run, so that answers can be compared */
        unsigned int n_near_left; /* questions for names that are not there; each takes thousands of probes */
};

/* A number below `bound`, which is not 0. */
uint32_t asker_random(struct asker *asker, uint32_t bound);

/* What `source` itself says about each of its types, and what its index says of their names. */
void ask_types(const struct source *source);

/* What lies where in some of `source`'s structs and unions. */
void ask_layouts(struct asker *asker, const struct source *source);

/* Whether the modules' index holds all that modules say and vmlinux does not, each once. */
void ask_module_index(const struct source_set *set);

/* The types that a question is about, found by looking at every one: those of the best rank in the tier that answers. */
struct meant {
        struct query_type *types; /* owned */
        size_t n_types;
        int rank;
};

/* `selector` has no id and no size or member. */
struct meant meant_find(const struct source_set *set, const struct selector *selector);
void meant_deinit(struct meant *meant);

/* Looks the name up in every way. */
void ask_name(struct asker *asker, const char *name);

/* Paths from a type, chosen at random, by its id and by its name. */
void ask_paths(struct asker *asker, struct query_type root);

/* Enumerators, variables, and types compared with one another. */
void ask_values(struct asker *asker);

/* Lists by patterns, chosen at random. */
void ask_lists(struct asker *asker);

/* Some functions' prototypes, and searches that must find them. */
void ask_functions(struct asker *asker);

/*
 * Calls a method, of which it takes the parameters; NULL, and nothing is asked, where a name could not be put into JSON.
 * Returns the reply, owned. It has been checked and is part of the transcript.
 */
json_t *ask_rpc(struct asker *asker, const char *method, json_t *params);
