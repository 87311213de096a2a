/*
 * type.find: everything whose name matches, of the kinds that are wanted, page by page.
 *
 * Over all sources a definition is listed once, under the first source that has it, as name_order.h says; of one source
 * everything that it holds itself is listed, whatever others say.
 */
#pragma once

#include "index/source_set.h"
#include "query/glob.h"
#include "query/page.h"

/* A set of kinds. */
#define FIND_KIND(kind) (UINT32_C(1) << (kind))
#define FIND_ALL_KINDS  UINT32_MAX

struct find_question {
        const struct glob *names;
        uint32_t kinds;
        const struct source *source; /* NULL for all */
};

struct found_page {
        const struct name_order *order; /* what the entries are of: the set's, or the one below */
        struct name_order own;
        struct page_list list;
        bool has_count; /* on the first page only, as the later ones need not look at all names */
        uint64_t count; /* of all that match */
};

/*
 * Needs SET_INDEX_ORDER. Returns 0, after which *ret is to be freed with found_page_deinit(); QUERY_DEADLINE with *ret_error
 * filled; or -ENOMEM.
 */
int find(const struct source_set *set, const struct find_question *question, const struct page *page,
         const struct stop *stop, struct found_page *ret, struct query_error *ret_error);
void found_page_deinit(struct found_page *found);
