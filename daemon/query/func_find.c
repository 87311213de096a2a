#include "query/func_find.h"

/* Names that are gone through between two looks at the clock. */
#define STOP_INTERVAL 256U

/* Names that are asked for ahead. */
#define PREFETCH_DISTANCE 8U

/* What the names of a category begin with; "" of functions. */
static const char *category_prefix(enum prototype_category category)
{
        switch (category) {
        case PROTOTYPE_FUNCTION:
                return "";
        case PROTOTYPE_LSM:
                return PROTOTYPE_LSM_PREFIX;
        case PROTOTYPE_TRACEPOINT:
                return PROTOTYPE_TRACEPOINT_PREFIX;
        }
        return "";
}

bool func_find_param(const struct func_question *question, const struct btf *btf, uint32_t i_param,
                     uint32_t type)
{
        return i_param < FUNC_FIND_MAX_PARAMS && (!question->has_position || i_param == question->position) &&
               (!question->has_within || i_param < question->within) &&
               type_match_test(question->param, btf, type);
}

static bool takes(const struct func_question *question, const struct btf *btf, const struct btf_type *proto,
                  uint32_t skipped)
{
        for (uint32_t i = skipped; i < proto->vlen && i - skipped < FUNC_FIND_MAX_PARAMS; i++) {
                struct btf_param param = btf_param(btf, proto, i);

                /* `...` is no void. */
                if (param.type == 0 && i + 1 == proto->vlen)
                        return false;
                if (func_find_param(question, btf, i - skipped, param.type))
                        return true;
        }
        return false;
}

static bool fits_signature(const struct func_question *question, struct query_type type)
{
        const struct btf *btf = type.source->btf;
        struct btf_type proto;
        uint32_t skipped;

        return prototype_signature(type, &proto, &skipped) &&
               (!question->param || takes(question, btf, &proto, skipped)) &&
               (!question->returns || type_match_test(question->returns, btf, proto.size_or_type));
}

/* The cheap tests come first. */
static bool fits(const struct func_question *question, const struct name_order *order, uint32_t i)
{
        struct query_type type = query_type_of(order, i);
        enum btf_kind wanted = question->category == PROTOTYPE_TRACEPOINT ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC;

        if ((question->source && type.source != question->source) || name_order_is_copy(order, i) ||
            btf_kind(type.source->btf, type.id) != wanted)
                return false;
        if (question->names &&
            !glob_match(question->names,
                        name_order_name(order, i) + strlen(category_prefix(question->category))))
                return false;
        if (question->tag && !tags_have(&type.source->tags, type.source->btf, type.id, question->tag))
                return false;
        return fits_signature(question, type) &&
               (question->category != PROTOTYPE_LSM || prototype_hook(type) != NULL);
}

/* What all names begin with that are asked for. */
struct range {
        char prefix[sizeof(PROTOTYPE_TRACEPOINT_PREFIX) + GLOB_MAX_TOKENS];
        size_t length;
};

static void range_of(const struct func_question *question, struct range *ret)
{
        const char *prefix = category_prefix(question->category);

        ret->length = strlen(prefix);
        memcpy(ret->prefix, prefix, ret->length);
        if (!question->names)
                return;
        memcpy(ret->prefix + ret->length, question->names->prefix, question->names->prefix_length);
        ret->length += question->names->prefix_length;
}

int func_find(const struct func_question *question, const struct name_order *order, const struct page *page,
              const struct stop *stop, struct page_list *ret, struct query_error *ret_error)
{
        struct range range;
        uint32_t begin, end;

        range_of(question, &range);
        begin = page_first(page, order, name_order_begin(order, range.prefix, range.length));
        end = name_order_end(order, range.prefix, range.length);
        ret->n_entries = 0;
        ret->has_more = false;
        for (uint32_t i = begin; i < end; i++) {
                if (i % STOP_INTERVAL == 0 && stop_requested(stop))
                        return query_error_set(ret_error, QUERY_DEADLINE, "searching took too long");
                name_order_prefetch(order, i + PREFETCH_DISTANCE);
                if (fits(question, order, i) && !page_add(page, ret, i))
                        break;
        }
        return 0;
}
