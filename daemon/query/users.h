/*
 * type.users: who embeds a type, points to it, takes or returns it, is a variable or a typedef of it.
 *
 * A struct's users are also those that go through a typedef of it; a typedef's only those that go through it. Where a name has
 * several definitions each has its own users, and a declaration counts for that definition which it can only mean: the one
 * in vmlinux, or if that has none the one in modules. Users that say the same are listed once, as in type.find.
 *
 * Transitively, those that embed what embeds the type do so as well: `struct task_struct` holds an rb_node in `se.run_node`.
 */
#pragma once

#include "query/page.h"
#include "query/used.h"

/* Places in one user that are told; more are counted. */
#define USERS_MAX_PLACES 16U

/* Bytes of all these places' paths, with a NUL each. Names in a kernel have at most 89. */
#define USERS_PATHS_SIZE 8192U

struct users_question {
        struct query_type target; /* what has a name and may be used */
        unsigned int relations;   /* set of use_relation; transitively none but USE_EMBEDS */
        bool transitive;
};

struct users_page {
        const struct name_order *order;
        struct page_list list;
        bool has_count; /* on the first page only */
        uint64_t count;
        struct used used; /* the target */
        uint32_t *leads;  /* owned; of a transitive question: what each entry embeds, see users.c */
};

/* Where a user uses the type: a member, a parameter or the result, or the user itself if it is a typedef or variable. */
struct user_place {
        enum use_relation relation;
        const char *path; /* of a member, from the user; "" if it is unnamed; NULL of other places */
        uint32_t i_param; /* of USE_TAKES */
        uint32_t type;    /* what is declared there */
};

struct user {
        struct query_type type;
        unsigned int relations;            /* those of the question that it has */
        const struct source *place_source; /* whose the places' types are: not the user's if transitive */
        struct user_place places[USERS_MAX_PLACES];
        size_t n_places; /* in the array */
        size_t n_uses;   /* in truth */
        uint32_t depth;  /* of a transitive question: how many types stand between plus 1; else 0 */
        char paths[USERS_PATHS_SIZE];
        size_t paths_length;
};

/* The relation's stable name, for instance "embeds". */
const char *use_relation_word(enum use_relation relation);
/* The reverse; 0 if there is no such relation. */
unsigned int use_relation_from_word(const char *word);

/* Whether a type can be asked about. Returns 0; or QUERY_WRONG_KIND with *ret_error filled. */
int users_check(struct query_type target, struct query_error *ret_error);

/*
 * Lists the users; needs SET_INDEX_USERS. Returns 0, after which *ret is to be freed with users_page_deinit();
 * QUERY_DEADLINE with *ret_error filled; or -ENOMEM.
 */
int users_list(const struct source_set *set, const struct users_question *question, const struct page *page,
               const struct stop *stop, struct users_page *ret, struct query_error *ret_error);
void users_page_deinit(struct users_page *found);

/* Tells where one of the listed users uses the type. Returns 0 or -ENOMEM. */
int users_describe(const struct users_question *question, struct users_page *found, uint32_t entry,
                   struct user *ret);
