/*
 * What a type holds, as one flat list: a struct's members, an enum's values, a function's parameters, a section's variables.
 *
 * Unnamed structs and unions are transparent, as in member.h. What is in a named member whose own type has no name
 * (`union { ... } u;`) can be asked for in no other way, so it is in the list as well, behind the member: `u`, `u.x`, `u.y`,
 * and of an array's elements the first one's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "btf/btf.h"
#include "util/hash.h"
#include "util/strbuf.h"

/* In one list. The largest type of the kernels seen has 2,402 (an enum). */
#define ENTRIES_MAX 65536U

#define ENTRY_NONE UINT32_MAX

enum entries_of {
        ENTRIES_OF_NOTHING, /* the kind has none */
        ENTRIES_OF_MEMBERS,
        ENTRIES_OF_VALUES,
        ENTRIES_OF_PARAMS,
        ENTRIES_OF_VARIABLES,
};

struct entry {
        const char *
                name; /* "" of a parameter, or in BTF that no compiler wrote; "..." of the last one of a variadic function */
        uint64_t place; /* bits from the start; of a parameter its position; of an enumerator its value */
        uint32_t type;  /* 0 of an enumerator */
        uint32_t bitfield_size; /* bits; 0 if it is none */
        uint32_t parent;        /* the entry that it is in; ENTRY_NONE of the type itself */
        uint32_t n_indexes;     /* of a parent: how many `[0]` stand between its name and what it holds */
        bool is_parent;         /* what it holds comes next */
};

struct entries {
        const struct btf *btf; /* borrowed */
        enum entries_of of;
        struct entry *list;
        uint32_t n;
        uint32_t size; /* allocated */
};

enum entries_result {
        ENTRIES_TOO_MANY = 1, /* ENTRIES_MAX */
};

/* Lists what a type without modifiers holds; a FUNC's are its prototype's. Returns 0, -ENOMEM or an entries_result. */
int entries_init(struct entries *ret, const struct btf *btf, const struct btf_type *type);
void entries_deinit(struct entries *entries);

/* Appends where an entry is, as C writes it behind an object: `se.load`, `u.regs[0].x`. */
void entries_path(const struct entries *entries, uint32_t i_entry, struct strbuf *text);

/* Which entry of one list is which of another: [i] of `of_a` is a's i-th in b, or ENTRY_NONE; and the reverse. */
struct entries_pairs {
        uint32_t *of_a;
        uint32_t *of_b;
};

/*
 * Pairs the entries of the same path; of several, the first with the first, and so on. What no name pairs, by position:
 * where neither has a name, or where both are parameters of a type that C writes in the same way. Returns 0 or -ENOMEM.
 */
int entries_pair(struct entries_pairs *ret, const struct entries *a, const struct entries *b,
                 const struct hash_seed *seed);
void entries_pairs_deinit(struct entries_pairs *pairs);
