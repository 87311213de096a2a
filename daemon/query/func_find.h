/*
 * func.find: functions, LSM hooks or tracepoints by what they are called, take, return and are tagged with.
 *
 * One walk through the set's names in their order finds a page. Every module's functions are there, also those that
 * another has as well: a tracer attaches to one module's. Tracepoints are types, of which a definition that says the same is
 * listed once.
 */
#pragma once

#include "index/name_order.h"
#include "query/glob.h"
#include "query/page.h"
#include "query/prototype.h"
#include "query/type_match.h"

/* Parameters of one function that are looked at; the most seen in a kernel is 63. BTF made to do so lets a million functions
 * share a prototype of a million parameters. */
#define FUNC_FIND_MAX_PARAMS 1024U

/* What is asked; all that is given must hold. Everything is borrowed. */
struct func_question {
        enum prototype_category category; /* LSM hooks are functions as well */
        const struct glob *names;    /* NULL for any; of hooks and tracepoints what is behind the prefix */
        const struct source *source; /* only what this one holds itself; NULL for all */
        const char *tag;             /* the value of a decl tag on the function; NULL for none */

        struct type_match *param; /* NULL for any, else the type of a parameter: */
        bool has_position;        /* of the one at `position`, from 0, */
        uint64_t position;
        bool has_within; /* or of one of the `within` first ones, or of any */
        uint64_t within;
        struct type_match *returns; /* NULL for any */
};

/* Finds a page in the order of the set's names. Returns 0, or QUERY_DEADLINE with *ret_error filled. */
int func_find(const struct func_question *question, const struct name_order *order, const struct page *page,
              const struct stop *stop, struct page_list *ret, struct query_error *ret_error);

/* Whether a parameter of what was found is one that was asked for; `type` is its type in `btf`. */
bool func_find_param(const struct func_question *question, const struct btf *btf, uint32_t i_param,
                     uint32_t type);
