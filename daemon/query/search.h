/*
 * The types that a name, as it was asked, may mean: from vmlinux, from all modules, or from one source.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "index/source_set.h"
#include "query/error.h"

/* What to look for. A member that is NULL or whose has_ is false does not narrow. */
struct selector {
        const char *name;   /* may be NULL only with an id */
        const char *source; /* the source's name: only what it holds itself */
        bool all_tiers;     /* modules' definitions count as much as vmlinux's */
        bool has_kind;
        enum btf_kind kind;
        bool has_id; /* needs `source` and `instance` as well: an id means nothing alone */
        uint64_t id;
        uint64_t instance;
        bool has_size;
        uint64_t size;   /* bytes, through typedefs */
        const char *has; /* the name of a member that the type must have */
        bool is_brief;   /* an error names nothing near, which takes a hundred times as long as the rest */
};

/* The definitions that fit a question; more than QUERY_MAX_CANDIDATES are only counted. */
struct found {
        struct query_candidate candidates[QUERY_MAX_CANDIDATES];
        size_t n_candidates;  /* in the array */
        size_t n_definitions; /* in truth */
        int rank;             /* of those: see lookup.c */
};

/* A name taken apart: `struct list_head` asks for the tag list_head. */
struct asked {
        const char *name;
        size_t length; /* bytes */
        bool is_tag;
        enum btf_kind tag; /* STRUCT, UNION or ENUM */
};

struct asked asked_from(const char *name);
/* Whether the name can mean this type, which has it. */
bool asked_means(const struct asked *asked, const struct selector *selector, const struct btf_type *type);

/* Of a forward declaration. */
#define SEARCH_WORST_RANK 2

/*
 * Among what there is of a name, C prefers: the ordinary identifier to the tag when the name was bare,
 * and a definition to a forward declaration of the same tag. Lower is better; only the best rank counts.
 */
int search_rank(const struct asked *asked, struct query_type found);

/* A question, and where its answer may lie. */
struct search {
        const struct source_set *set;
        const struct source *only; /* NULL for all sources */
        const struct selector *selector;
        bool narrowed; /* by size and has */
};

/* Whether size and member are those that the selector has, if it has any. */
bool search_selects(const struct selector *selector, const struct btf *btf, const struct btf_type *type);

/* Whether a type of the asked name is what the question means. */
bool search_fits(const struct search *search, const struct asked *asked, struct query_type found);

/*
 * Called for each type that the search is about, copies (see name_index.h) included. Returns false to end the walk.
 */
typedef bool search_visitor(void *context, struct query_type type, bool is_copy);

/* Walks all that may be meant, vmlinux before the modules. Returns false if the visitor ended it. */
bool search_walk(const struct search *search, const struct asked *asked, search_visitor *visit,
                 void *context);

/* The different definitions of the best rank in all that the search is about, or with their copies. */
void search_all(const struct search *search, const struct asked *asked, bool with_copies, struct found *ret);

/*
 * The different definitions in the tier that answers (vmlinux, or if that has none the modules), and in *ret_also, where
 * that is vmlinux, those that modules have; with all_tiers they count among the first.
 */
void search_tiers(const struct search *search, const struct asked *asked, struct found *ret,
                  struct found *ret_also);
