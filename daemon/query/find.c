#include "query/find.h"

#include "index/set_index.h"

/* Names that are asked for before they are looked at: a fetch from memory takes as long as some ten matches. */
#define AHEAD 16U

/* Names between two looks at whether to go on. */
#define STOP_INTERVAL 4096U

static bool is_wanted(const struct name_order *order, uint32_t i, const struct find_question *question)
{
        const struct source *source = name_order_source(order, i);

        if (question->source ? source != question->source : name_order_is_copy(order, i))
                return false;
        return question->kinds == FIND_ALL_KINDS ||
               question->kinds & FIND_KIND(btf_kind(source->btf, name_order_id(order, i)));
}

/* Lists the entries from `begin` to `end` that match; on the first page it counts those that do not fit as well. */
static int scan(const struct find_question *question, const struct page *page, uint32_t begin, uint32_t end,
                const struct stop *stop, struct found_page *found)
{
        for (uint32_t i = begin; i < end; i++) {
                if (i % STOP_INTERVAL == 0 && stop_requested(stop))
                        return QUERY_DEADLINE;
                name_order_prefetch(found->order, i + AHEAD);
                if ((!question->names->is_literal &&
                     !glob_match(question->names, name_order_name(found->order, i))) ||
                    !is_wanted(found->order, i, question))
                        continue;
                found->count++;
                if (!found->list.has_more && !page_add(page, &found->list, i) && page->resumes)
                        break;
        }
        return 0;
}

/* vmlinux is all in the set's order; of a module only what nobody before it says. */
static int choose_order(const struct source_set *set, const struct find_question *question,
                        const struct stop *stop, struct found_page *found)
{
        size_t i = 0;

        if (!question->source || !question->source->base) {
                found->order = source_set_order(set);
                return 0;
        }
        while (set->sources[i] != question->source)
                i++;
        found->order = &found->own;
        return name_order_init_source(&found->own, &set->sources[i], stop);
}

int find(const struct source_set *set, const struct find_question *question, const struct page *page,
         const struct stop *stop, struct found_page *ret, struct query_error *ret_error)
{
        const struct glob *names = question->names;
        uint32_t begin, end;
        int r;

        ret->own = (struct name_order){0};
        ret->list.n_entries = 0;
        ret->list.has_more = false;
        ret->has_count = !page->resumes;
        ret->count = 0;
        r = choose_order(set, question, stop, ret);
        if (r == 0) {
                /* With the NUL at its end, a prefix is a whole name. */
                begin = name_order_begin(ret->order, names->prefix, names->prefix_length + names->is_literal);
                end = name_order_end(ret->order, names->prefix, names->prefix_length + names->is_literal);
                r = scan(question, page, page_first(page, ret->order, begin), end, stop, ret);
        }
        if (r == 0)
                return 0;
        found_page_deinit(ret);
        return r < 0 ? r : query_error_set(ret_error, QUERY_DEADLINE, "searching took too long");
}

void found_page_deinit(struct found_page *found)
{
        name_order_deinit(&found->own);
}
