#include <inttypes.h>

#include "query/member.h"
#include "query/planner.h"

struct btf_type place_base(const struct place *place)
{
        if (place->n_stars > 0)
                return (struct btf_type){.kind = BTF_KIND_PTR, .size_or_type = place->type};
        return btf_strip(place->source->btf, place->type);
}

const struct source *source_owning(const struct source *source, uint32_t type)
{
        return source->base && type < source->btf->start_id ? source->base : source;
}

void place_enter(struct place *place, struct query_type type, uint32_t n_stars)
{
        type.source = source_owning(type.source, type.id);
        place->source = type.source;
        place->type = type.id;
        place->n_stars = n_stars;
        place->form = PLACE_OBJECT;
        place->is_last = false;
        place->holder = type.source;
        place->offset = 0;
        place->object_size = type.source->btf->pointer_size;
        if (n_stars == 0 && btf_type_size(type.source->btf, type.id, &place->object_size) != 0)
                place->object_size = OBJECT_SIZE_UNKNOWN;
}

int planner_advance(struct planner *planner, uint64_t bytes)
{
        struct place *place = &planner->place;

        if (__builtin_add_overflow(place->offset, bytes, &place->offset) || place->offset > VALUE_MAX_BYTES ||
            place->base + (int64_t)place->offset > (int64_t)VALUE_MAX_BYTES)
                return planner_overflow(planner);
        return 0;
}

int planner_rebase(struct planner *planner)
{
        struct place *place = &planner->place;

        place->base += (int64_t)place->offset;
        place->offset = 0;
        if (place->base > (int64_t)VALUE_MAX_BYTES || place->base < -(int64_t)VALUE_MAX_BYTES)
                return planner_overflow(planner);
        return 0;
}

/* Ends the current step with a load of the pointer that the place holds. */
static void end_step(struct planner *planner, uint32_t pointee)
{
        struct place *place = &planner->place;

        planner->plan->steps[planner->plan->n_steps++] = (struct plan_step){
                .source = place->holder,
                .offset = place->base + (int64_t)place->offset,
                .dereference = true,
                .pointee = pointee,
        };
        place->base = 0;
}

void planner_follow(struct planner *planner, const struct btf_type *pointer)
{
        struct place *place = &planner->place;
        uint32_t n_stars = place->n_stars;

        if (place->form == PLACE_ADDRESS) {
                place->form = PLACE_OBJECT;
                return;
        }
        if (place->form == PLACE_OBJECT)
                end_step(planner, n_stars > 0 ? 0 : pointer->size_or_type);
        place_enter(place, (struct query_type){place->source, pointer->size_or_type},
                    n_stars > 0 ? n_stars - 1 : 0);
}

/*
 * The bytes of one of what lies one after the other, whose definition takes its place if it is only declared. Without a size
 * nothing can be stepped over.
 */
static int element_size(struct planner *planner, struct query_type *element, uint32_t n_stars, uint64_t *ret)
{
        struct btf_type base;
        int r;

        if (n_stars > 0) {
                *ret = element->source->btf->pointer_size;
                return 0;
        }
        if (btf_type_size(element->source->btf, element->id, ret) == 0)
                return 0;
        base = btf_strip(element->source->btf, element->id);
        if (base.kind == BTF_KIND_OPAQUE)
                return planner_opaque(planner, &base);
        r = planner_complete(planner, (struct query_type){element->source, base.id}, element);
        if (r != 0)
                return r;
        if (btf_type_size(element->source->btf, element->id, ret) == 0)
                return 0;
        return planner_fail(planner, QUERY_INCOMPLETE_TYPE, "cannot step over '%s' by index: it has no size",
                            short_name(element->source, element->id, 0).text);
}

static int index_overflow(struct planner *planner)
{
        return planner_fail(planner, QUERY_OVERFLOW, "index %" PRIu64 " leads beyond 2^53 - 1 bytes",
                            planner->component->index);
}

int planner_enter_array(struct planner *planner, const struct btf_array *array, uint64_t n)
{
        struct place *place = &planner->place;
        struct query_type element = {place->source, array->type};
        bool is_flexible = array->nelems == 0 && place->is_last;
        uint64_t element_bytes, bytes;
        int r;

        if (n >= array->nelems && !is_flexible)
                return planner_fail(planner, QUERY_INDEX_OUT_OF_RANGE,
                                    "index %" PRIu64 " of an array of %" PRIu32 " elements", n,
                                    array->nelems);
        r = element_size(planner, &element, /* n_stars= */ 0, &element_bytes);
        if (r != 0)
                return r;
        if (__builtin_mul_overflow(element_bytes, n, &bytes))
                return index_overflow(planner);
        r = planner_advance(planner, bytes);
        if (r != 0)
                return r;
        /* Whoever asks for an element of a flexible array knows that it is there, beyond
         * the struct's size. */
        if (is_flexible && __builtin_add_overflow(place->offset, element_bytes, &place->object_size))
                place->object_size = OBJECT_SIZE_UNKNOWN;
        place->source = element.source;
        place->type = element.id;
        place->is_last = false;
        return 0;
}

/* The n-th object behind a pointer. */
static int index_pointer(struct planner *planner, const struct btf_type *pointer)
{
        struct place *place = &planner->place;
        struct query_type element = {place->source, pointer->size_or_type};
        uint32_t n_stars = place->n_stars > 0 ? place->n_stars - 1 : 0;
        uint64_t bytes;
        int r;

        r = element_size(planner, &element, n_stars, &bytes);
        if (r != 0)
                return r;
        if (__builtin_mul_overflow(bytes, planner->component->index, &bytes))
                return index_overflow(planner);
        planner_follow(planner, pointer);
        if (element.source != place->source || element.id != place->type)
                place_enter(place, element, n_stars);
        if (__builtin_add_overflow(place->object_size, bytes, &place->object_size))
                place->object_size = OBJECT_SIZE_UNKNOWN;
        return planner_advance(planner, bytes);
}

/* The n-th object behind the one whose address it is. */
static int index_address(struct planner *planner)
{
        struct place *place = &planner->place;
        struct query_type element = {place->source, place->type};
        uint32_t n_stars = place->n_stars;
        uint64_t bytes;
        int r;

        /* `(&a)[0]` is `a`. */
        place->form = PLACE_OBJECT;
        if (planner->component->index == 0)
                return 0;
        r = element_size(planner, &element, n_stars, &bytes);
        if (r != 0)
                return r;
        if (__builtin_mul_overflow(bytes, planner->component->index, &bytes))
                return index_overflow(planner);
        r = planner_rebase(planner);
        if (r != 0)
                return r;
        place_enter(place, element, n_stars);
        if (__builtin_add_overflow(place->object_size, bytes, &place->object_size))
                place->object_size = OBJECT_SIZE_UNKNOWN;
        return planner_advance(planner, bytes);
}

int planner_index(struct planner *planner)
{
        const struct place *place = &planner->place;
        struct btf_type base;

        if (place->form == PLACE_ADDRESS)
                return index_address(planner);
        base = place_base(place);
        if (base.kind == BTF_KIND_ARRAY) {
                struct btf_array array = btf_array(place->source->btf, &base);

                return planner_enter_array(planner, &array, planner->component->index);
        }
        if (base.kind == BTF_KIND_OPAQUE)
                return planner_opaque(planner, &base);
        if (base.kind != BTF_KIND_PTR)
                return planner_fail(
                        planner, QUERY_WRONG_KIND,
                        "'%s' cannot be indexed: it is no array or pointer (BTF flattens arrays of several "
                        "dimensions into one)",
                        short_name(place->source, place->type, place->n_stars).text);
        return index_pointer(planner, &base);
}

static int member_not_found(struct planner *planner, const struct btf_type *composite, int result)
{
        const char *name = btf_name(planner->place.source->btf, composite);

        if (result == MEMBER_TOO_MANY)
                return planner_fail(planner, QUERY_OVERFLOW, "more than %u members to search",
                                    MEMBER_MAX_VISITS);
        return planner_fail(planner, QUERY_MEMBER_NOT_FOUND, "no member '%.*s' in %s %s",
                            planner_text_length(planner), planner->component->text,
                            btf_kind_name(composite->kind), name[0] ? name : "{...}");
}

/* Goes on in the definition of what is only declared at the place, if there is one. */
static int complete_place(struct planner *planner, struct btf_type *base)
{
        struct place *place = &planner->place;
        struct query_type definition = {.source = NULL};
        int r;

        r = planner_complete(planner, (struct query_type){place->source, base->id}, &definition);
        if (r != 0 || !definition.source)
                return r;
        r = planner_rebase(planner);
        if (r != 0)
                return r;
        place_enter(place, definition, /* n_stars= */ 0);
        *base = place_base(place);
        return 0;
}

int planner_member(struct planner *planner)
{
        struct place *place = &planner->place;
        const struct path_component *component = planner->component;
        struct btf_type base = place_base(place);
        struct member_place found;
        int r;

        if (place->form == PLACE_ADDRESS)
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "an address is a pointer: follow it with '->%.*s'",
                                    planner_text_length(planner), component->text);
        /* What is handed over itself is defined, or else nobody knows where its members are. */
        if (base.kind == BTF_KIND_FWD && place->form == PLACE_OBJECT) {
                r = complete_place(planner, &base);
                if (r != 0)
                        return r;
        }
        if (!btf_kind_is_composite(base.kind))
                return planner_no_members(planner, &base);
        r = member_find(place->source->btf, &base, component->text, component->length, &found);
        if (r != 0)
                return member_not_found(planner, &base, r);

        r = planner_advance(planner, found.bit_offset / 8);
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

int planner_arrow(struct planner *planner)
{
        struct place *place = &planner->place;
        struct btf_type base = place_base(place);
        int r;

        if (place->form == PLACE_ADDRESS || base.kind == BTF_KIND_PTR) {
                planner_follow(planner, &base);
        } else if (base.kind == BTF_KIND_ARRAY) {
                /* As in C, an array stands for a pointer to its first element, which is where it lies. */
                struct btf_array array = btf_array(place->source->btf, &base);

                r = planner_enter_array(planner, &array, /* n= */ 0);
                if (r != 0)
                        return r;
        } else if (base.kind != BTF_KIND_OPAQUE) {
                return planner_fail(planner, QUERY_WRONG_KIND, "'%s' is no pointer%s%.*s%s",
                                    short_name(place->source, place->type, place->n_stars).text,
                                    btf_kind_is_composite(base.kind) ? ": use '." : ", so that '->",
                                    planner_text_length(planner), planner->component->text,
                                    btf_kind_is_composite(base.kind) ? "'" : "' leads nowhere");
        }
        return planner_member(planner);
}
