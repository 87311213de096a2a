#include "query/diff.h"

#include <errno.h>

#include "index/same.h"
#include "query/type_name.h"

/* Entries between two questions whether to go on. */
#define STOP_INTERVAL 256U

struct comparison {
        struct diff *diff;
        const struct btf *btf_a, *btf_b;
        struct same same;
        struct entries_pairs pairs;
        const struct stop *stop;
        struct query_error *error;
};

void diff_deinit(struct diff *diff)
{
        entries_deinit(&diff->a.entries);
        entries_deinit(&diff->b.entries);
        free(diff->changes);
        diff->changes = NULL;
}

static void comparison_deinit(struct comparison *comparison)
{
        same_deinit(&comparison->same);
        entries_pairs_deinit(&comparison->pairs);
}

/* Returns a same_result; -ENOMEM; or QUERY_OVERFLOW where more would have to be compared than there is time for. */
static int compare_definitions(struct comparison *c, uint32_t id_a, uint32_t id_b, bool *ret_same)
{
        int r = same_types(&c->same, c->btf_a, id_a, c->btf_b, id_b);

        if (r < 0)
                return r;
        if (r == SAME_NO && (c->same.n_pairs == SAME_MAX_PAIRS || c->same.n_total == SAME_MAX_TOTAL_PAIRS))
                return query_error_set(c->error, QUERY_OVERFLOW, "more than %u pairs of types to compare",
                                       c->same.n_total == SAME_MAX_TOTAL_PAIRS ? DIFF_MAX_PAIRS
                                                                               : SAME_MAX_PAIRS);
        *ret_same = r == SAME_YES;
        return 0;
}

/* Of an array what it is an array of, so that one which has only become longer is not of another type. */
static uint32_t element_of(const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);

        while (btf_kind_is_qualifier(type.kind) || type.kind == BTF_KIND_ARRAY) {
                if (type.kind == BTF_KIND_ARRAY)
                        id = btf_array(btf, &type).type;
                type = btf_type(btf, type.kind == BTF_KIND_ARRAY ? id : type.size_or_type);
        }
        return id;
}

/* Whether both names stand for the same kind of value; an enum of 64 bits is an enum. */
static bool same_meaning(const struct value *a, const struct value *b)
{
        return (a->base.kind == b->base.kind ||
                (btf_kind_is_enum(a->base.kind) && btf_kind_is_enum(b->base.kind))) &&
               a->encoding == b->encoding;
}

/* Adds to *what how two types are different, where `bits_a` and `bits_b` are those of a bitfield, or 0. */
static int compare_types(struct comparison *c, const struct entry *a, const struct entry *b,
                         unsigned int *what)
{
        struct value value_a = value_of(c->btf_a, a->type), value_b = value_of(c->btf_b, b->type);
        uint64_t bits_a = a->bitfield_size ? a->bitfield_size : value_a.size * 8;
        uint64_t bits_b = b->bitfield_size ? b->bitfield_size : value_b.size * 8;
        bool is_same = true;
        int r = 0;

        if (value_a.has_size != value_b.has_size || bits_a != bits_b)
                *what |= DIFF_RESIZED;
        if (!same_meaning(&value_a, &value_b) || !type_name_equal(c->btf_a, element_of(c->btf_a, a->type),
                                                                  c->btf_b, element_of(c->btf_b, b->type)))
                *what |= DIFF_RETYPED;
        /* What is taken apart tells by itself. */
        if (!(*what & (DIFF_RESIZED | DIFF_RETYPED)) && !(a->is_parent && b->is_parent))
                r = compare_definitions(c, a->type, b->type, &is_same);
        if (!is_same)
                *what |= DIFF_REDEFINED;
        return r;
}

static int compare_entries(struct comparison *c, const struct entry *a, const struct entry *b,
                           unsigned int *ret_what)
{
        *ret_what = 0;
        switch (c->diff->a.entries.of) {
        case ENTRIES_OF_NOTHING:
                return 0;
        case ENTRIES_OF_VALUES:
                *ret_what |= a->place != b->place ? DIFF_REVALUED : 0;
                return 0;
        case ENTRIES_OF_PARAMS:
                *ret_what |= string_equal(a->name, b->name) ? 0 : DIFF_RENAMED;
                break;
        case ENTRIES_OF_MEMBERS:
        case ENTRIES_OF_VARIABLES:
                break;
        }
        *ret_what |= a->place != b->place ? DIFF_MOVED : 0;
        return compare_types(c, a, b, ret_what);
}

static void add_change(struct diff *diff, unsigned int what, uint32_t i_a, uint32_t i_b)
{
        if (what == 0)
                return;
        if (diff->n_changes < DIFF_MAX_CHANGES)
                diff->changes[diff->n_changes++] = (struct diff_change){what, i_a, i_b};
        diff->n_total++;
}

/* Adds what only a has, from *i_a on to before `end`. */
static void add_removed(struct comparison *c, uint32_t *i_a, uint32_t end)
{
        for (; *i_a < end; (*i_a)++) {
                if (c->pairs.of_a[*i_a] == ENTRY_NONE)
                        add_change(c->diff, DIFF_REMOVED, *i_a, ENTRY_NONE);
        }
}

/* Where the entries end, from `i_a` on, that only a has. */
static uint32_t end_of_removed(const struct comparison *c, uint32_t i_a)
{
        while (i_a < c->diff->a.entries.n && c->pairs.of_a[i_a] == ENTRY_NONE)
                i_a++;
        return i_a;
}

/* In the order of b; what is removed comes after what preceded it in a, before what has come in its place. */
static int compare_lists(struct comparison *c)
{
        struct diff *diff = c->diff;
        uint32_t i_a = 0;

        for (uint32_t i = 0; i < diff->b.entries.n; i++) {
                uint32_t of_b = c->pairs.of_b[i];
                unsigned int what = DIFF_ADDED;
                int r = 0;

                if (i % STOP_INTERVAL == 0 && stop_requested(c->stop))
                        return query_error_set(c->error, QUERY_DEADLINE, "no time to compare all members");
                add_removed(c, &i_a, of_b == ENTRY_NONE ? end_of_removed(c, i_a) : of_b);
                if (of_b != ENTRY_NONE)
                        r = compare_entries(c, &diff->a.entries.list[of_b], &diff->b.entries.list[i], &what);
                if (r != 0)
                        return r;
                add_change(diff, what, of_b, i);
                if (i_a == of_b)
                        i_a++;
        }
        add_removed(c, &i_a, diff->a.entries.n);
        return 0;
}

static int compare_contents(struct comparison *c)
{
        struct diff *diff = c->diff;
        int r;

        if (diff->a.entries.of == ENTRIES_OF_NOTHING || diff->a.entries.of != diff->b.entries.of)
                return 0;
        diff->changes = malloc(DIFF_MAX_CHANGES * sizeof(*diff->changes));
        if (!diff->changes)
                return -ENOMEM;
        r = entries_pair(&c->pairs, &diff->a.entries, &diff->b.entries, &diff->a.asked.source->names.seed);
        return r == 0 ? compare_lists(c) : r;
}

/* Compares two types that the asked ones are made of. */
static int compare_references(struct comparison *c, uint32_t id_a, uint32_t id_b, unsigned int *ret_what)
{
        *ret_what = 0;
        return compare_types(c, &(struct entry){.type = id_a}, &(struct entry){.type = id_b}, ret_what);
}

static int compare_returns(struct comparison *c, uint32_t proto_a, uint32_t proto_b)
{
        unsigned int what;
        int r = compare_references(c, btf_target(c->btf_a, proto_a), btf_target(c->btf_b, proto_b), &what);

        if (what != 0)
                c->diff->whole |= DIFF_RETURNS;
        return r;
}

static int compare_targets(struct comparison *c, uint32_t id_a, uint32_t id_b)
{
        unsigned int what;
        int r = compare_references(c, id_a, id_b, &what);

        if (what & DIFF_RETYPED)
                c->diff->whole |= DIFF_TYPE;
        else if (what != 0)
                c->diff->whole |= DIFF_DEFINITION;
        return r;
}

static unsigned int whole_if(bool condition, enum diff_whole whole)
{
        return condition ? whole : 0;
}

/* What two types of one kind say of themselves beside what they hold. */
static int compare_bases(struct comparison *c, const struct btf_type *a, const struct btf_type *b)
{
        switch (a->kind) {
        case BTF_KIND_INT:
                c->diff->whole |=
                        whole_if((btf_word(c->btf_a, a) ^ btf_word(c->btf_b, b)) & 0xffffffU, DIFF_BITS);
                return 0;
        case BTF_KIND_FUNC:
                c->diff->whole |= whole_if(a->vlen != b->vlen, DIFF_LINKAGE);
                return compare_returns(c, a->size_or_type, b->size_or_type);
        case BTF_KIND_FUNC_PROTO:
                return compare_returns(c, a->id, b->id);
        case BTF_KIND_VAR:
                c->diff->whole |= whole_if(btf_word(c->btf_a, a) != btf_word(c->btf_b, b), DIFF_LINKAGE);
                return compare_targets(c, a->size_or_type, b->size_or_type);
        case BTF_KIND_PTR:
        case BTF_KIND_ARRAY:
                return compare_targets(c, a->id, b->id);
        case BTF_KIND_DECL_TAG:
                c->diff->whole |= whole_if(btf_word(c->btf_a, a) != btf_word(c->btf_b, b), DIFF_DEFINITION);
                return compare_targets(c, a->size_or_type, b->size_or_type);
        case BTF_KIND_FWD:
                c->diff->whole |= whole_if(a->kind_flag != b->kind_flag, DIFF_KIND);
                return 0;
        case BTF_KIND_OPAQUE:
                return query_error_set(c->error, QUERY_OPAQUE_KIND,
                                       "a type of a kind that this btfd does not know cannot be compared");
        case BTF_KIND_VOID:
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FLOAT:
        case BTF_KIND_TYPE_TAG:
                return 0;
        }
        return 0;
}

static int compare_whole(struct comparison *c)
{
        struct diff *diff = c->diff;
        const struct btf_type asked_a = btf_type(c->btf_a, diff->a.asked.id);
        const struct btf_type asked_b = btf_type(c->btf_b, diff->b.asked.id);
        struct value a = value_of(c->btf_a, asked_a.id), b = value_of(c->btf_b, asked_b.id);

        diff->whole |= whole_if(diff->a.base.kind != diff->b.base.kind, DIFF_KIND) |
                       whole_if(a.has_size != b.has_size || a.size != b.size, DIFF_SIZE) |
                       whole_if(a.encoding != b.encoding, DIFF_ENCODING);
        if (asked_a.kind == BTF_KIND_TYPEDEF && asked_b.kind == BTF_KIND_TYPEDEF)
                diff->whole |= whole_if(
                        !type_name_equal(c->btf_a, asked_a.size_or_type, c->btf_b, asked_b.size_or_type),
                        DIFF_TYPE);
        if (diff->a.base.kind != diff->b.base.kind)
                return 0;
        return compare_bases(c, &diff->a.base, &diff->b.base);
}

static int side_init(struct diff_side *side, struct query_type asked, struct query_error *error)
{
        int r;

        side->asked = asked;
        side->base = btf_strip(asked.source->btf, asked.id);
        r = entries_init(&side->entries, asked.source->btf, &side->base);
        if (r > 0)
                return query_error_set(error, QUERY_OVERFLOW, "more than %u members to compare", ENTRIES_MAX);
        return r;
}

int diff_types(struct diff *ret, struct query_type a, struct query_type b, const struct stop *stop,
               struct query_error *ret_error)
{
        CLEANUP(diff_deinit) struct diff diff = {0};
        CLEANUP(comparison_deinit)
        struct comparison comparison = {
                .diff = &diff,
                .btf_a = a.source->btf,
                .btf_b = b.source->btf,
                .same.n_total = SAME_MAX_TOTAL_PAIRS - DIFF_MAX_PAIRS,
                .stop = stop,
                .error = ret_error,
        };
        int r;

        r = side_init(&diff.a, a, ret_error);
        if (r == 0)
                r = side_init(&diff.b, b, ret_error);
        if (r == 0)
                r = compare_whole(&comparison);
        if (r == 0)
                r = compare_contents(&comparison);
        if (r != 0)
                return r;
        *ret = diff;
        diff = (struct diff){0};
        return 0;
}
