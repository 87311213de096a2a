/*
 * Who uses a type: for each that has a name, the entries of the name order that use it, in that order.
 *
 * What is used goes by its name and class (struct, typedef, ...): all definitions of a name have their users in one list,
 * filed under the first entry of that name and class. Mostly there is one definition, and the list is the answer;
 * otherwise each user has to be walked again, to see which one it means.
 *
 * Copies (see name_index.h) are users as well, as what they say the same as may lead elsewhere. It is known which entry that
 * is, so that a user is listed once that both are.
 */
#pragma once

#include "index/name_order.h"
#include "index/use_walk.h"

/* Whatever may be used, as C's name spaces have it; a declaration is of the class of what it declares. */
enum use_class {
        USE_NOTHING, /* functions and the like: no type leads to them */
        USE_STRUCT,
        USE_UNION,
        USE_ENUM,
        USE_TYPEDEF_NAME,
        USE_INT,
        USE_FLOAT,
        USE_CLASSES,
};

enum use_class use_class_of(const struct btf *btf, uint32_t id);

/* Entries that an order may have for this index. The bounds of a set allow some more names, of nothing but functions. */
#define USERS_MAX_ENTRIES (1U << (32 - USE_RELATIONS))

/* Users of all together. A kernel with 1,018 modules has 530,000; only BTF whose types all hold one unnamed struct of
 * thousands of members comes near this, 256 MiB while the index is built. */
#define USERS_MAX_PAIRS (1U << 25)

/* A copy, and the entry before it that says the same. */
struct users_repeat {
        uint32_t entry;
        uint32_t earlier;
};

struct users {
        uint32_t *starts; /* [entry] and [entry + 1]: where the list filed under an entry begins and ends */
        uint32_t *lists;  /* an entry that uses: 26, relations: 6 from the most significant bit */
        struct users_repeat *repeats; /* by entry */
        uint32_t n_repeats;
};

enum users_result {
        USERS_STOPPED = 1,
};

/* Finds the users among all entries; `n_sources` are the order's. Returns 0; -ENOMEM, also beyond the
 * bounds above; or USERS_STOPPED. */
int users_init(struct users *users, const struct name_order *order, size_t n_sources,
               const struct stop *stop);
void users_deinit(struct users *users);

static inline uint32_t users_entry(const struct users *users, uint32_t i)
{
        return users->lists[i] >> USE_RELATIONS;
}

static inline unsigned int users_relations(const struct users *users, uint32_t i)
{
        return users->lists[i] & USE_ALL_RELATIONS;
}

/* The entry nearest before a copy that says the same; UINT32_MAX if there is none, as for all that are no copies. */
uint32_t users_repeated(const struct users *users, uint32_t entry);
