/*
 * Lists in pages: at most so many entries of a name order at a time, and a cursor to ask for those behind.
 *
 * A cursor is what the last entry was, not where: its name, source and id. Whatever module has come or gone since, the next
 * page begins with what is behind that in the order as it is then. It is opaque text for clients, and carries a checksum
 * of itself and of the question that it belongs to, against mistakes; whoever takes the trouble to make one up gets a page
 * that may be had without.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/name_order.h"
#include "query/error.h"

#define PAGE_DEFAULT_LIMIT 100U

/* Entries in one page: with what there is to say of each they stay below the limit of a reply. */
#define PAGE_MAX_LIMIT 1000U

/* Bytes of a cursor before they are made text: checksum, id, source and name. */
#define PAGE_MAX_CURSOR_BYTES (8U + 4U + SOURCE_NAME_SIZE + BTF_MAX_STRING + 1U)

/* Of its text with the NUL: six bits a byte. */
#define PAGE_CURSOR_SIZE ((PAGE_MAX_CURSOR_BYTES * 8 + 5) / 6 + 1)

/* Which page is asked for. */
struct page {
        uint64_t question; /* tells questions apart: see page_hash() */
        uint64_t limit;
        bool resumes;                          /* behind the entry below; else at the beginning */
        uint8_t cursor[PAGE_MAX_CURSOR_BYTES]; /* what the next three are from */
        const char *name;
        const char *source;
        uint32_t id;
};

/* What stands at an entry. */
static inline struct query_type query_type_of(const struct name_order *order, uint32_t entry)
{
        return (struct query_type){name_order_source(order, entry), name_order_id(order, entry)};
}

/* The entries found, as positions in the order. */
struct page_list {
        uint32_t entries[PAGE_MAX_LIMIT];
        size_t n_entries;
        bool has_more;
};

/* Adds bytes to a number that stands for all before them; begin with PAGE_HASH_INIT. */
#define PAGE_HASH_INIT UINT64_C(0xcbf29ce484222325)
uint64_t page_hash(uint64_t hash, const void *bytes, size_t n_bytes);

/*
 * `limit` is from 1 to PAGE_MAX_LIMIT; `cursor` is NULL for the first page. `ret` must stay where it is, as it points into
 * itself. Returns 0, or QUERY_STALE_CURSOR with *ret_error filled.
 */
int page_begin(struct page *ret, uint64_t question, uint64_t limit, const char *cursor,
               struct query_error *ret_error);

/* The first entry that the page may have, of those from `begin` on. */
uint32_t page_first(const struct page *page, const struct name_order *order, uint32_t begin);

/* Adds an entry; false if there is no room left, which makes it the first of the next page. */
bool page_add(const struct page *page, struct page_list *list, uint32_t entry);

/* Writes the cursor of the page behind a list that has more. */
void page_write_cursor(const struct page *page, const struct name_order *order, const struct page_list *list,
                       char ret[static PAGE_CURSOR_SIZE]);
