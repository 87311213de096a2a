#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "query/planner.h"
#include "query/type_name.h"

int planner_text_length(const struct planner *planner)
{
        return planner->component->length > 96 ? 96 : (int)planner->component->length;
}

struct short_name short_name(const struct source *source, uint32_t type, uint32_t n_stars)
{
        struct short_name name;
        struct strbuf text;

        strbuf_init(&text, name.text, sizeof(name.text));
        type_name_append_pointer(&text, source->btf, type, n_stars);
        return name;
}

int planner_blame(struct planner *planner)
{
        struct query_error *error = planner->error;

        error->component = planner->component->text;
        error->component_length = planner->component->length;
        error->position = planner->component->position;
        error->i_component = planner->i_component;
        error->in = (struct query_type){planner->place.source, planner->place.type};
        error->in_stars = planner->place.n_stars;
        return (int)error->reason;
}

int planner_fail(struct planner *planner, enum query_reason reason, const char *format, ...)
{
        char message[QUERY_MESSAGE_SIZE];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        query_error_set(planner->error, reason, "%s", message);
        return planner_blame(planner);
}

int planner_overflow(struct planner *planner)
{
        return planner_fail(planner, QUERY_OVERFLOW, "'%.*s' leads beyond 2^53 - 1 bytes",
                            planner_text_length(planner), planner->component->text);
}

int planner_opaque(struct planner *planner, const struct btf_type *base)
{
        const struct place *place = &planner->place;

        return planner_fail(planner, QUERY_OPAQUE_KIND,
                            "'%s' is of kind %" PRIu32
                            ", which this btfd does not know: a newer one is needed",
                            short_name(place->source, place->type, place->n_stars).text,
                            btf_kind_number(place->source->btf, base));
}

int planner_no_members(struct planner *planner, const struct btf_type *base)
{
        const struct place *place = &planner->place;
        const struct short_name in = short_name(place->source, place->type, place->n_stars);
        const char *name = in.text;
        const char *text = planner->component->text;
        int length = planner_text_length(planner);

        switch (base->kind) {
        case BTF_KIND_PTR:
                return planner_fail(planner, QUERY_WRONG_KIND, "'%s' is a pointer: follow it with '->%.*s'",
                                    name, length, text);
        case BTF_KIND_ARRAY:
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "'%s' is an array: choose an element with '[n]' before '.%.*s'", name,
                                    length, text);
        case BTF_KIND_FWD:
                return planner_fail(planner, QUERY_INCOMPLETE_TYPE,
                                    "%s only declares '%s': it has no members to find '%.*s' in",
                                    place->source->name, name, length, text);
        case BTF_KIND_OPAQUE:
                return planner_opaque(planner, base);
        case BTF_KIND_VOID:
                return planner_fail(planner, QUERY_INCOMPLETE_TYPE,
                                    "a pointer to void says nothing of what is there, so '%.*s' cannot be "
                                    "found: cast it to a pointer to what you know",
                                    length, text);
        case BTF_KIND_INT:
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_FUNC:
        case BTF_KIND_FUNC_PROTO:
        case BTF_KIND_VAR:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FLOAT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
                break;
        }
        return planner_fail(planner, QUERY_WRONG_KIND, "'%s' is no struct or union: it has no '%.*s'", name,
                            length, text);
}
