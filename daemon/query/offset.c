#include "query/offset.h"

#include <inttypes.h>
#include <stdio.h>

#include "query/copies.h"
#include "query/member.h"
#include "query/near.h"
#include "query/type_name.h"

/* A path half way: an object of a type at an offset from where the current step began. */
struct place {
        const struct source *source;
        const struct path_component *component; /* the one being applied, for errors */
        size_t i_component;
        uint32_t type;
        uint64_t offset;        /* bytes from the step's start */
        uint64_t object_size;   /* bytes of memory that are known to exist from the step's start */
        uint64_t bit_offset;    /* of a bitfield, from the step's start */
        uint32_t bitfield_size; /* bits; 0 if it is none */
        bool is_last; /* the object is the last member of its struct, where an array of no elements is
                         flexible */
};

/* An object larger than any offset that may be named: nothing is known of its end. */
#define OBJECT_SIZE_UNKNOWN UINT64_MAX

static int blame(const struct place *place, struct query_error *error)
{
        error->component = place->component->text;
        error->component_length = place->component->length;
        error->position = place->component->position;
        error->i_component = place->i_component;
        error->in = (struct query_type){place->source, place->type};
        return (int)error->reason;
}

/* How much of a name an error's sentence repeats. */
static int text_length(const struct path_component *component)
{
        return component->length > 96 ? 96 : (int)component->length;
}

/* A type's name in an error's sentence; a longer one is cut. */
struct short_name {
        char text[96];
};

static struct short_name short_name(const struct place *place, uint32_t type)
{
        struct short_name name;
        struct strbuf text;

        strbuf_init(&text, name.text, sizeof(name.text));
        type_name_append(&text, place->source->btf, type);
        return name;
}

/* A newer kernel's kind, of which only the length is known. */
static void opaque_kind(const struct place *place, const struct btf_type *base, struct query_error *error)
{
        query_error_set(error, QUERY_OPAQUE_KIND,
                        "'%s' is of kind %" PRIu32 ", which this btfd does not know: a newer one is needed",
                        short_name(place, place->type).text, btf_kind_number(place->source->btf, base));
}

/* What to do instead, for a type that has no members. */
static int no_members(const struct place *place, const struct btf_type *base, struct query_error *error)
{
        const struct path_component *component = place->component;
        const struct short_name in = short_name(place, place->type);
        const char *name = in.text;
        int length = text_length(component);

        switch (base->kind) {
        case BTF_KIND_PTR:
                query_error_set(error, QUERY_WRONG_KIND, "'%s' is a pointer: follow it with '->%.*s'", name,
                                length, component->text);
                break;
        case BTF_KIND_ARRAY:
                query_error_set(error, QUERY_WRONG_KIND,
                                "'%s' is an array: choose an element with '[n]' before '.%.*s'", name, length,
                                component->text);
                break;
        case BTF_KIND_VAR:
                query_error_set(error, QUERY_WRONG_KIND, "'%s' is a variable: ask about its type, '%s'", name,
                                short_name(place, base->size_or_type).text);
                break;
        case BTF_KIND_FUNC:
                query_error_set(error, QUERY_WRONG_KIND,
                                "'%s' is a function: ask about the type of a parameter", name);
                break;
        case BTF_KIND_FWD:
                query_error_set(error, QUERY_INCOMPLETE_TYPE,
                                "%s only declares '%s': it has no members to find '%.*s' in",
                                place->source->name, name, length, component->text);
                break;
        case BTF_KIND_OPAQUE:
                opaque_kind(place, base, error);
                break;
        case BTF_KIND_VOID:
                query_error_set(error, QUERY_INCOMPLETE_TYPE,
                                "a pointer to void says nothing of what is there, so "
                                "'%.*s' cannot be found",
                                length, component->text);
                break;
        case BTF_KIND_INT:
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_FUNC_PROTO:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FLOAT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
                query_error_set(error, QUERY_WRONG_KIND, "'%s' is no struct or union: it has no '%.*s'", name,
                                length, component->text);
                break;
        }
        return blame(place, error);
}

static int advance(struct place *place, uint64_t bytes, struct query_error *error)
{
        if (__builtin_add_overflow(place->offset, bytes, &place->offset) || place->offset > VALUE_MAX_BYTES) {
                query_error_set(error, QUERY_OVERFLOW, "'%.*s' leads beyond 2^53 - 1 bytes",
                                text_length(place->component), place->component->text);
                return blame(place, error);
        }
        return 0;
}

/* The bytes of one element behind an array or pointer; sizeless ones cannot be stepped over. */
static int element_size(const struct place *place, uint32_t type, uint64_t *ret, struct query_error *error)
{
        struct btf_type base = btf_strip(place->source->btf, type);

        if (btf_type_size(place->source->btf, type, ret) == 0)
                return 0;
        if (base.kind == BTF_KIND_OPAQUE)
                opaque_kind(place, &base, error);
        else
                query_error_set(error, QUERY_INCOMPLETE_TYPE,
                                "cannot step over '%s' by index: it has no size",
                                short_name(place, type).text);
        return blame(place, error);
}

/* Ends the current step with a dereference of the pointer that the place holds. */
static void follow_pointer(struct place *place, struct plan *plan, uint32_t pointee)
{
        plan->steps[plan->n_steps++] = (struct plan_step){
                .offset = place->offset,
                .dereference = true,
                .pointee = pointee,
        };
        place->type = pointee;
        place->offset = 0;
        place->is_last = false;
        if (btf_type_size(place->source->btf, pointee, &place->object_size) != 0)
                place->object_size = OBJECT_SIZE_UNKNOWN;
}

/* `n` elements on from an array's first, which must exist unless the array is flexible. */
static int enter_array(struct place *place, const struct btf_array *array, uint64_t n,
                       struct query_error *error)
{
        bool is_flexible = array->nelems == 0 && place->is_last;
        uint64_t element_bytes, bytes;
        int r;

        if (n >= array->nelems && !is_flexible) {
                query_error_set(error, QUERY_INDEX_OUT_OF_RANGE,
                                "index %" PRIu64 " of an array of %" PRIu32 " elements", n, array->nelems);
                return blame(place, error);
        }
        r = element_size(place, array->type, &element_bytes, error);
        if (r != 0)
                return r;
        if (__builtin_mul_overflow(element_bytes, n, &bytes)) {
                query_error_set(error, QUERY_OVERFLOW, "index %" PRIu64 " leads beyond 2^53 - 1 bytes", n);
                return blame(place, error);
        }
        r = advance(place, bytes, error);
        if (r != 0)
                return r;
        /* Whoever asks for an element of a flexible array knows that it is there, beyond
         * the struct's size. */
        if (is_flexible && __builtin_add_overflow(place->offset, element_bytes, &place->object_size))
                place->object_size = OBJECT_SIZE_UNKNOWN;
        place->type = array->type;
        place->is_last = false;
        return 0;
}

static int apply_index(struct place *place, struct plan *plan, struct query_error *error)
{
        const struct btf *btf = place->source->btf;
        struct btf_type base = btf_strip(btf, place->type);
        uint64_t n = place->component->index;
        uint64_t bytes;
        int r;

        if (base.kind == BTF_KIND_ARRAY) {
                struct btf_array array = btf_array(btf, &base);

                return enter_array(place, &array, n, error);
        }
        if (base.kind == BTF_KIND_OPAQUE) {
                opaque_kind(place, &base, error);
                return blame(place, error);
        }
        if (base.kind != BTF_KIND_PTR) {
                query_error_set(
                        error, QUERY_WRONG_KIND,
                        "'%s' cannot be indexed: it is no array or pointer (BTF flattens arrays of several "
                        "dimensions into one)",
                        short_name(place, place->type).text);
                return blame(place, error);
        }
        r = element_size(place, base.size_or_type, &bytes, error);
        if (r != 0)
                return r;
        if (__builtin_mul_overflow(bytes, n, &bytes)) {
                query_error_set(error, QUERY_OVERFLOW, "index %" PRIu64 " leads beyond 2^53 - 1 bytes", n);
                return blame(place, error);
        }
        follow_pointer(place, plan, base.size_or_type);
        if (__builtin_add_overflow(place->object_size, bytes, &place->object_size))
                place->object_size = OBJECT_SIZE_UNKNOWN;
        return advance(place, bytes, error);
}

static int member_not_found(const struct place *place, const struct btf_type *composite, int result,
                            struct query_error *error)
{
        const struct path_component *component = place->component;
        const char *name = btf_name(place->source->btf, composite);

        if (result == MEMBER_TOO_MANY) {
                query_error_set(error, QUERY_OVERFLOW, "more than %u members to search", MEMBER_MAX_VISITS);
                return blame(place, error);
        }
        query_error_set(error, QUERY_MEMBER_NOT_FOUND, "no member '%.*s' in %s %s", text_length(component),
                        component->text, btf_kind_name(composite->kind), name[0] ? name : "{...}");
        return blame(place, error);
}

static int apply_member(struct place *place, struct query_error *error)
{
        const struct btf *btf = place->source->btf;
        const struct path_component *component = place->component;
        struct btf_type base = btf_strip(btf, place->type);
        struct member_place found;
        int r;

        if (!btf_kind_is_composite(base.kind))
                return no_members(place, &base, error);
        r = member_find(btf, &base, component->text, component->length, &found);
        if (r != 0)
                return member_not_found(place, &base, r, error);

        r = advance(place, found.bit_offset / 8, error);
        if (r != 0)
                return r;
        if (found.member.bitfield_size > 0) {
                /* The load that covers it is chosen at the end, against the whole object. */
                place->bit_offset = (place->offset - found.bit_offset / 8) * 8 + found.bit_offset;
                place->bitfield_size = found.member.bitfield_size;
        }
        place->type = found.member.type;
        place->is_last = found.is_last;
        return 0;
}

static int apply_arrow(struct place *place, struct plan *plan, struct query_error *error)
{
        const struct btf *btf = place->source->btf;
        struct btf_type base = btf_strip(btf, place->type);

        if (base.kind == BTF_KIND_PTR) {
                follow_pointer(place, plan, base.size_or_type);
        } else if (base.kind == BTF_KIND_ARRAY) {
                /* As in C, an array stands for a pointer to its first element, which is where it lies. */
                struct btf_array array = btf_array(btf, &base);
                int r = enter_array(place, &array, /* n= */ 0, error);

                if (r != 0)
                        return r;
        } else if (base.kind != BTF_KIND_OPAQUE) {
                query_error_set(error, QUERY_WRONG_KIND, "'%s' is no pointer%s%.*s%s",
                                short_name(place, place->type).text,
                                btf_kind_is_composite(base.kind) ? ": use '." : ", so that '->",
                                text_length(place->component), place->component->text,
                                btf_kind_is_composite(base.kind) ? "'" : "' leads nowhere");
                return blame(place, error);
        }
        return apply_member(place, error);
}

static int apply(struct place *place, struct plan *plan, struct query_error *error)
{
        if (place->bitfield_size > 0) {
                query_error_set(error, QUERY_WRONG_KIND, "a bitfield holds no '%.*s'",
                                text_length(place->component), place->component->text);
                return blame(place, error);
        }
        switch (place->component->kind) {
        case PATH_MEMBER:
                return apply_member(place, error);
        case PATH_ARROW:
                return apply_arrow(place, plan, error);
        case PATH_INDEX:
                return apply_index(place, plan, error);
        }
        return 0;
}

int plan_resolve(struct query_type root, const struct path *path, struct plan *ret,
                 struct query_error *ret_error)
{
        const struct btf *btf = root.source->btf;
        struct plan plan = {.root = root};
        struct place place = {.source = root.source, .type = root.id};
        int r;

        if (btf_type_size(btf, root.id, &place.object_size) != 0)
                place.object_size = OBJECT_SIZE_UNKNOWN;
        for (size_t i = 0; i < path->n_components; i++) {
                place.component = &path->components[i];
                place.i_component = i;
                r = apply(&place, &plan, ret_error);
                if (r != 0)
                        return r;
        }
        plan.value = value_of(btf, place.type);
        if (place.bitfield_size > 0)
                place.offset = value_place_bitfield(&plan.value, btf, place.bit_offset, place.bitfield_size,
                                                    place.object_size);
        plan.is_flexible = plan.value.base.kind == BTF_KIND_ARRAY && plan.value.nelems == 0 && place.is_last;
        plan.steps[plan.n_steps++] = (struct plan_step){.offset = place.offset};
        *ret = plan;
        return 0;
}

static bool same_type_names(const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b, uint32_t id_b)
{
        char text_a[TYPE_NAME_SIZE], text_b[TYPE_NAME_SIZE];
        struct strbuf name_a, name_b;

        if (id_a == id_b && btf_owner(btf_a, id_a) == btf_owner(btf_b, id_b))
                return true;
        strbuf_init(&name_a, text_a, sizeof(text_a));
        strbuf_init(&name_b, text_b, sizeof(text_b));
        type_name_append(&name_a, btf_a, id_a);
        type_name_append(&name_b, btf_b, id_b);
        return string_equal(text_a, text_b);
}

/* Whether two plans tell a tracer to do the same and promise the same. */
static bool same_plans(const struct plan *a, const struct plan *b)
{
        if (a->n_steps != b->n_steps || a->is_flexible != b->is_flexible ||
            !value_agrees(&a->value, &b->value))
                return false;
        for (size_t i = 0; i < a->n_steps; i++) {
                if (a->steps[i].offset != b->steps[i].offset ||
                    a->steps[i].dereference != b->steps[i].dereference)
                        return false;
        }
        return same_type_names(a->root.source->btf, a->value.type, b->root.source->btf, b->value.type);
}

/* Tells in which definitions there is the path; returns whether in any. */
static bool try_candidates(struct query_candidate *candidates, size_t n_candidates, const struct path *path)
{
        bool any = false;

        for (size_t i = 0; i < n_candidates; i++) {
                struct query_error ignored;
                struct plan plan;

                candidates[i].resolves = plan_resolve(candidates[i].type, path, &plan, &ignored) == 0;
                any = any || candidates[i].resolves;
        }
        return any;
}

static void try_listed(struct query_error *error, const struct path *path)
{
        size_t length = strlen(error->message);

        if (error->n_candidates > 0 && !try_candidates(error->candidates, error->n_candidates, path))
                snprintf(error->message + length, sizeof(error->message) - length,
                         "; none listed has that path");
}

/* What a path leads to in a definition, and so far in its copies. */
struct resolving {
        const struct path *path;
        int result;
        struct plan *plan;
        struct query_error *error;
};

/* Where a path ends at what is only declared there, a copy in which it is defined says more, not otherwise. */
static bool leads_there_too(void *context, struct query_type copy)
{
        struct resolving *resolving = context;
        struct query_error error;
        struct plan plan;
        int r = plan_resolve(copy, resolving->path, &plan, &error);

        if (r == QUERY_INCOMPLETE_TYPE)
                return true;
        if (resolving->result == QUERY_INCOMPLETE_TYPE) {
                resolving->result = r;
                if (r == 0)
                        *resolving->plan = plan;
                else
                        *resolving->error = error;
                return true;
        }
        return resolving->result == 0 ? r == 0 && same_plans(resolving->plan, &plan) : r != 0;
}

/*
 * Resolves the path in a type by name. Definitions that say the same may still differ in what they point to: behind a
 * pointer a name is enough. So a path that follows one must lead to the same in all of them. (Two drivers' `struct
 * pinctrl` may be alike, and each point to its own `struct pad`.) Nor does a pointer at the path's end tell how far its
 * index steps.
 */
static int resolve(const struct source_set *set, const struct selector *selector,
                   const struct looked_up *looked_up, const struct path *path, struct plan *ret,
                   struct query_error *error)
{
        struct resolving resolving = {.path = path, .plan = ret, .error = error};

        resolving.result = plan_resolve(looked_up->type, path, ret, error);
        if (resolving.result == 0 && ret->n_steps == 1 && ret->value.base.kind != BTF_KIND_PTR)
                return 0;
        if (!copies_visit(set, selector, looked_up, leads_there_too, &resolving))
                return copies_differ(set, selector, looked_up, error);
        return resolving.result;
}

static void add_near(struct query_error *error)
{
        const struct btf *btf = error->in.source->btf;
        struct btf_type type = btf_strip(btf, error->in.id);

        near_members(error, btf, &type, error->component, error->component_length);
}

static int bad_path(const char *path_text, const struct path *path, const struct path_error *path_error,
                    struct query_error *error)
{
        query_error_set(error, QUERY_BAD_PATH, "byte %zu of the path: expected %s", path_error->position,
                        path_error->expected);
        error->component = path_text + path_error->position;
        error->component_length = strlen(error->component);
        error->position = path_error->position;
        error->i_component = path->n_components;
        return QUERY_BAD_PATH;
}

int field_offset(const struct source_set *set, const struct selector *selector, const char *path_text,
                 struct plan *ret, struct found *ret_also, struct query_error *ret_error)
{
        struct looked_up looked_up;
        struct path path;
        struct path_error path_error;
        struct plan plan;
        int r;

        if (path_parse(path_text, &path, &path_error) != 0)
                return bad_path(path_text, &path, &path_error, ret_error);
        r = lookup(set, selector, &looked_up, ret_error);
        if (r == 0)
                r = resolve(set, selector, &looked_up, &path, &plan, ret_error);
        if (r == QUERY_MEMBER_NOT_FOUND)
                add_near(ret_error);
        if (r != 0) {
                try_listed(ret_error, &path);
                return r;
        }
        try_candidates(looked_up.also.candidates, looked_up.also.n_candidates, &path);
        *ret = plan;
        *ret_also = looked_up.also;
        return 0;
}
