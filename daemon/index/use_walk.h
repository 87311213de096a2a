/*
 * What a type, function or variable uses: every named type that its members, parameters or itself lead to, down to the
 * first struct, union, enum or base type. Typedefs on the way count as well.
 *
 *   struct outer {
 *           struct list_head list;            embeds struct list_head
 *           spinlock_t locks[2];              embeds spinlock_t, and what that names: struct spinlock
 *           struct { struct page *page; } u;  points to struct page, at u.page
 *           int (*done)(struct outer *);      a prototype: what it takes is its own matter
 *   };
 *
 * Unnamed structs and unions have no users but who holds them, and are walked through, unless a typedef names them: then
 * that is what is used, and it is a user itself. One that is behind a pointer ends the walk.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

/* How something uses a type; sets of these. */
enum use_relation {
        USE_EMBEDS = 1,    /* a member is of it, or an array of it */
        USE_POINTS = 2,    /* a member is a pointer to it, at any number of stars and arrays */
        USE_TAKES = 4,     /* a function's parameter is one of these */
        USE_RETURNS = 8,   /* what a function returns is */
        USE_VARIABLE = 16, /* a variable is, or has a member that is and no named type of its own */
        USE_TYPEDEF = 32,  /* a typedef is */
};

#define USE_RELATIONS     6U /* bits */
#define USE_ALL_RELATIONS ((1U << USE_RELATIONS) - 1)

/* Members that one walk may pass; the reason is that of MEMBER_MAX_VISITS in query/member.h. */
#define USE_MAX_VISITS 65536U

/* Typedefs, qualifiers, pointers and arrays from a member to the end. Only a typedef that leads to itself through a pointer
 * has so many: BTF_MAX_CHAIN of them between two pointers would be 1,056, but the most seen in a kernel is 8. */
#define USE_MAX_STEPS 256U

/* A struct or union that is being walked, the user's own or an unnamed one in it. */
struct use_level {
        struct btf_type type;
        uint32_t i_member; /* the next one */
        bool is_array;     /* it is an array of these */
};

/* One named type that is used. */
struct use {
        uint32_t id; /* in the user's BTF */
        enum use_relation relation;
        bool is_array;    /* of embedding: it is an element of an array */
        uint32_t i_param; /* of USE_TAKES */
};

/* Where a walk is. */
struct use_walk {
        const struct btf *btf;
        struct use_level levels[BTF_MAX_EMBEDDING];
        uint32_t n_levels; /* 0 if no members lead to what is used */
        uint32_t n_visits;
};

/* Called for each use, in the order of declaration; a type may be met several times. Returns false to end the walk. */
typedef bool use_visitor(void *context, const struct use_walk *walk, const struct use *use);

/* Visits all that a type of `btf` uses. Returns false if the visitor ended it. */
bool use_walk(const struct btf *btf, uint32_t id, use_visitor *visit, void *context);

/* The type of the member that the walk is at; there must be one. */
struct btf_member use_walk_member(const struct use_walk *walk);
