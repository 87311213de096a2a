/*
 * What makes a pointer out of something: a cast, `&`, container_of().
 */
#include "query/planner.h"
#include "query/type_name.h"

/* Whether the place holds what a cast can make a pointer of: a pointer, or an integer as large. */
static bool is_castable(const struct place *place, const struct btf_type *base)
{
        uint64_t bytes;

        if (base->kind == BTF_KIND_PTR)
                return true;
        return (base->kind == BTF_KIND_INT || btf_kind_is_enum(base->kind)) &&
               btf_type_size(place->source->btf, base->id, &bytes) == 0 &&
               bytes == place->source->btf->pointer_size;
}

/* An array stands for the address of its first element, which is where it lies. */
static void decay(struct place *place, const struct btf_type *base)
{
        if (place->form != PLACE_OBJECT || base->kind != BTF_KIND_ARRAY)
                return;
        place->type = btf_array(place->source->btf, base).type;
        place->form = PLACE_ADDRESS;
        place->is_last = false;
}

static int not_castable(struct planner *planner, const struct btf_type *base)
{
        const struct place *place = &planner->place;

        if (base->kind == BTF_KIND_OPAQUE)
                return planner_opaque(planner, base);
        return planner_fail(planner, QUERY_WRONG_KIND,
                            "'%s' cannot be cast to a pointer: it is none, and no integer of its size%s",
                            short_name(place->source, place->type, place->n_stars).text,
                            btf_kind_is_composite(base->kind) ? " (its address can: put '&' before it)" : "");
}

/* The type that a cast to `type` with `n_stars` points to. */
static int cast_pointee(struct planner *planner, struct query_type *type, uint32_t *n_stars)
{
        struct btf_type base;

        if (*n_stars > 0) {
                (*n_stars)--;
                return 0;
        }
        base = btf_strip(type->source->btf, type->id);
        if (base.kind != BTF_KIND_PTR)
                return planner_fail(planner, QUERY_BAD_PATH,
                                    "byte %zu of the path: a cast is to a pointer, '(%.*s *)', as nothing "
                                    "else leads anywhere",
                                    planner->component->position, planner_text_length(planner),
                                    planner->component->text);
        type->id = base.size_or_type;
        return 0;
}

int planner_cast(struct planner *planner)
{
        struct place *place = &planner->place;
        struct btf_type base = place_base(place);
        uint32_t n_stars = planner->component->count;
        struct query_type pointee;
        int r;

        r = planner_lookup(planner, &pointee);
        if (r == 0)
                r = cast_pointee(planner, &pointee, &n_stars);
        if (r != 0)
                return r;
        decay(place, &base);
        if (place->form == PLACE_ADDRESS) {
                r = planner_rebase(planner);
                if (r != 0)
                        return r;
                place_enter(place, pointee, n_stars);
                place->form = PLACE_ADDRESS;
                return 0;
        }
        if (!is_castable(place, &base))
                return not_castable(planner, &base);
        place->source = pointee.source;
        place->type = pointee.id;
        place->n_stars = n_stars + 1;
        return 0;
}

int planner_address(struct planner *planner)
{
        struct place *place = &planner->place;

        switch (place->form) {
        case PLACE_OBJECT:
                place->form = PLACE_ADDRESS;
                return 0;
        case PLACE_ADDRESS:
                return planner_fail(planner, QUERY_WRONG_KIND, "an address has no address itself");
        case PLACE_VALUE:
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "an argument has no address: it is in registers");
        }
        return 0;
}

/* One component of a container_of()'s member, which stays inside its type. */
static int apply_designator(struct planner *planner)
{
        struct place *place = &planner->place;
        struct btf_type base = place_base(place);

        if (place->bitfield_size > 0 || (planner->component->kind == PATH_INDEX && base.kind == BTF_KIND_PTR))
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "the member of a container_of() is inside its type: '%.*s' is not",
                                    planner_text_length(planner), planner->component->text);
        return planner->component->kind == PATH_INDEX ? planner_index(planner) : planner_member(planner);
}

/* Goes to the member in `container` that the next components name; the planner goes on behind them. */
static int find_contained(struct planner *planner, struct query_type container)
{
        uint32_t n = planner->component->count;
        int r = 0;

        planner->place = (struct place){.source = NULL};
        place_enter(&planner->place, container, /* n_stars= */ 0);
        for (uint32_t i = 0; i < n && r == 0; i++) {
                planner->component++;
                planner->i_component++;
                r = apply_designator(planner);
        }
        if (r == 0 && planner->place.bitfield_size > 0)
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "a bitfield has no address that a container_of() could begin with");
        return r;
}

static void append_plain_name(struct strbuf *text, const struct place *place)
{
        const struct btf *btf = place->source->btf;

        type_name_append_pointer(text, btf, place->n_stars > 0 ? place->type : btf_strip_id(btf, place->type),
                                 place->n_stars);
}

/* As the kernel's container_of() does, insists that the pointer is to what the member is; void is anything. */
static int check_contained(struct planner *planner, const struct place *pointee, const struct place *member)
{
        char text_pointee[TYPE_NAME_SIZE], text_member[TYPE_NAME_SIZE];
        struct strbuf name_pointee, name_member;

        if (place_base(pointee).kind == BTF_KIND_VOID)
                return 0;
        strbuf_init(&name_pointee, text_pointee, sizeof(text_pointee));
        strbuf_init(&name_member, text_member, sizeof(text_member));
        append_plain_name(&name_pointee, pointee);
        append_plain_name(&name_member, member);
        if (string_equal(text_pointee, text_member))
                return 0;
        return planner_fail(
                planner, QUERY_WRONG_KIND,
                "the member is '%.64s', but the pointer is to '%.64s': cast it if you know better",
                text_member, text_pointee);
}

/* From what holds a pointer to what that points to. */
static int follow_operand(struct planner *planner)
{
        struct place *place = &planner->place;
        struct btf_type base = place_base(place);

        decay(place, &base);
        if (place->form != PLACE_ADDRESS && base.kind == BTF_KIND_OPAQUE)
                return planner_opaque(planner, &base);
        if (place->form != PLACE_ADDRESS && base.kind != BTF_KIND_PTR)
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "container_of() begins with a pointer, which '%s' is not%s",
                                    short_name(place->source, place->type, place->n_stars).text,
                                    btf_kind_is_composite(base.kind) ? " (its address is: put '&' before it)"
                                                                     : "");
        planner_follow(planner, &base);
        return planner_rebase(planner);
}

int planner_container(struct planner *planner)
{
        struct query_type container;
        struct place pointee, member;
        int r;

        r = follow_operand(planner);
        if (r != 0)
                return r;
        r = planner_lookup(planner, &container);
        if (r != 0)
                return r;
        pointee = planner->place;
        r = find_contained(planner, container);
        if (r != 0)
                return r;
        member = planner->place;
        r = check_contained(planner, &pointee, &member);
        if (r != 0)
                return r;
        planner->place = (struct place){.base = pointee.base - member.base - (int64_t)member.offset};
        place_enter(&planner->place, (struct query_type){container.source, container.id}, /* n_stars= */ 0);
        planner->place.form = PLACE_ADDRESS;
        return planner_rebase(planner);
}
