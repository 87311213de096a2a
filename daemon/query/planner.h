/*
 * A plan being made: plan_*.c only.
 *
 * A planner walks a path's components in order and knows at which place it is: an object of a type, so many bytes behind
 * where the current step starts. What a cast makes of it is not a type that BTF need have, so a type here is a number of
 * pointers, most often none, in front of one of BTF's.
 */
#pragma once

#include "query/plan.h"

/* What is at a place. */
enum place_form {
        PLACE_OBJECT,  /* something in memory */
        PLACE_ADDRESS, /* the address of that, of which there is no copy in memory */
        PLACE_VALUE,   /* something in registers, an argument */
};

struct place {
        const struct source *source;
        uint32_t type;
        uint32_t n_stars; /* pointers in front of `type` */
        enum place_form form;
        bool is_last; /* the object is the last member of its struct, where an array of no elements is
                         flexible */
        const struct source *holder; /* that has the type in which the offset is */
        int64_t base;                /* where the object begins: bytes from the step's start */
        uint64_t offset;             /* bytes from the object's start */
        uint64_t object_size;        /* bytes of memory that are known to exist from the object's start */
        uint64_t bit_offset;         /* of a bitfield, from the object's start */
        uint32_t bitfield_size;      /* bits; 0 if it is none */
};

/* An object larger than any offset that may be named: nothing is known of its end. */
#define OBJECT_SIZE_UNKNOWN UINT64_MAX

struct planner {
        const struct plan_scope *scope;
        const struct path *path;
        const struct path_component *component; /* the one being applied, for errors */
        size_t i_component;
        struct place place;
        struct plan *plan;
        struct query_error *error;
};

/* A type's name in an error's sentence; a longer one is cut. */
struct short_name {
        char text[96];
};

/* plan_error.c: each fills the error, blames the component being applied and returns the reason. */

/* How much of a component an error's sentence repeats. */
int planner_text_length(const struct planner *planner);
struct short_name short_name(const struct source *source, uint32_t type, uint32_t n_stars);
/* Blames the component for the error as it is. */
int planner_blame(struct planner *planner);
int planner_fail(struct planner *planner, enum query_reason reason, const char *format, ...)
        __attribute__((__format__(__printf__, 3, 4)));
int planner_overflow(struct planner *planner);
/* What to do instead, for a type that has no members; `base` without modifiers. */
int planner_no_members(struct planner *planner, const struct btf_type *base);
/* A newer kernel's kind, of which only the length is known. */
int planner_opaque(struct planner *planner, const struct btf_type *base);

/* plan_names.c */

/* The type that a component's text means. Returns 0 or a query_reason. */
int planner_lookup(struct planner *planner, struct query_type *ret);
/* The definition of what is only declared, if completing is asked for; *ret is untouched if there is none. Returns 0, or
 * QUERY_AMBIGUOUS_NAME if there are several. */
int planner_complete(struct planner *planner, struct query_type declared, struct query_type *ret);

/* plan_place.c: moves */

/* The source that holds a type itself: a module's types refer to vmlinux's as to its own. */
const struct source *source_owning(const struct source *source, uint32_t type);
/* The kind behind modifiers; of a cast's pointer a PTR. */
struct btf_type place_base(const struct place *place);
/* Begins an object of a type at the place. */
void place_enter(struct place *place, struct query_type type, uint32_t n_stars);
/* So many bytes on. Returns 0 or QUERY_OVERFLOW. */
int planner_advance(struct planner *planner, uint64_t bytes);
/* The place becomes where the object begins. Returns 0 or QUERY_OVERFLOW. */
int planner_rebase(struct planner *planner);
/* From a pointer, an address or an argument that is a pointer to what it points to. */
void planner_follow(struct planner *planner, const struct btf_type *pointer);
/* `n` elements on from an array's first, which must exist unless the array is flexible. */
int planner_enter_array(struct planner *planner, const struct btf_array *array, uint64_t n);
int planner_index(struct planner *planner);
int planner_member(struct planner *planner);
int planner_arrow(struct planner *planner);

/* plan_cast.c */
int planner_cast(struct planner *planner);
int planner_address(struct planner *planner);
int planner_container(struct planner *planner);
