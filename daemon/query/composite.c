#include "query/composite.h"

#include <inttypes.h>

#include "query/type_name.h"

/* What to ask about instead of a type that has no members. */
static const char *advice(enum btf_kind kind)
{
        switch (kind) {
        case BTF_KIND_PTR:
                return "a pointer: ask about what it points to";
        case BTF_KIND_ARRAY:
                return "an array: ask about the type of its elements";
        case BTF_KIND_FUNC:
        case BTF_KIND_FUNC_PROTO:
                return "a function: ask about the type of a parameter";
        case BTF_KIND_VAR:
                return "a variable: ask about its type";
        case BTF_KIND_DATASEC:
                return "a section: type.get lists what is in it";
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                return "an enum: it has values but no members";
        case BTF_KIND_DECL_TAG:
                return "a tag: ask about the type that it is on";
        case BTF_KIND_INT:
        case BTF_KIND_FLOAT:
                return "a number: it has no members";
        case BTF_KIND_VOID:
        case BTF_KIND_OPAQUE:
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_FWD:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
                break;
        }
        return "no struct or union";
}

int composite_of(struct query_type type, struct btf_type *ret, struct query_error *ret_error)
{
        const struct btf *btf = type.source->btf;
        struct btf_type base = btf_strip(btf, type.id);
        char name[96];
        struct strbuf text;

        if (btf_kind_is_composite(base.kind)) {
                *ret = base;
                return 0;
        }
        strbuf_init(&text, name, sizeof(name)); /* a longer one is cut */
        if (base.kind == BTF_KIND_VAR || base.kind == BTF_KIND_FUNC || base.kind == BTF_KIND_DATASEC)
                strbuf_append(&text, btf_name(btf, &base));
        else
                type_name_append(&text, btf, type.id);
        if (base.kind == BTF_KIND_FWD)
                return query_error_set(ret_error, QUERY_INCOMPLETE_TYPE,
                                       "%s only declares '%s': nothing is known of its members",
                                       type.source->name, name);
        if (base.kind == BTF_KIND_OPAQUE)
                return query_error_set(ret_error, QUERY_OPAQUE_KIND,
                                       "'%s' is of kind %" PRIu32
                                       ", which this btfd does not know: a newer one is needed",
                                       name, btf_kind_number(btf, &base));
        return query_error_set(ret_error, QUERY_WRONG_KIND, "'%s' is %s", name, advice(base.kind));
}

int composite_check_member(const struct btf *btf, const struct btf_member *member,
                           struct query_error *ret_error)
{
        struct btf_type base;
        uint64_t bytes;

        if (btf_type_size(btf, member->type, &bytes) == 0)
                return 0;
        base = btf_strip(btf, member->type);
        while (base.kind == BTF_KIND_ARRAY)
                base = btf_strip(btf, btf_array(btf, &base).type);
        if (base.kind != BTF_KIND_OPAQUE)
                return query_error_set(
                        ret_error, QUERY_INCOMPLETE_TYPE,
                        "the member '%.96s' is of a type that is only declared: it has no size",
                        member->name);
        return query_error_set(ret_error, QUERY_OPAQUE_KIND,
                               "the member '%.96s' is of kind %" PRIu32
                               ", which this btfd does not know: a newer one is needed",
                               member->name, btf_kind_number(btf, &base));
}
