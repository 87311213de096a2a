/*
 * One walk over all that is in the type, with a stack of the structs that are open. Those that are not to be shown are
 * entered as well: what their members ask for is what they ask for.
 *
 * A struct's direct members leave an extent each, from which its holes are found when all of them are known; the extents of a
 * struct in it are gone by then, so that one array serves as a stack for all.
 */
#include "query/layout.h"

#include <errno.h>

#include "btf/align.h"
#include "query/composite.h"
#include "query/member.h"

/* A direct member of an open scope. */
struct child {
        struct extent extent;
        uint32_t align;     /* bytes */
        uint32_t unit_bits; /* of a bitfield's declared type; 0 of anything else */
        uint32_t
                last_member; /* the last one declared in it, which is itself unless it is anonymous; or LAYOUT_NONE */
        uint32_t i_child; /* in the order of declaration */
};

/* A struct or union that has been entered. */
struct frame {
        struct btf_type type;
        uint64_t bit_offset; /* from the start of the outermost */
        uint32_t i_member;   /* the next */
        uint32_t i_scope;    /* LAYOUT_NONE if it is not shown */
        uint32_t expand;     /* further levels to show */
        uint32_t align;      /* bytes; so far */
        bool is_packed;      /* so far */
        size_t path_length;  /* bytes, with the dot behind it */
        uint32_t first_child;
        uint32_t last_member; /* so far; LAYOUT_NONE if there is none */
};

struct array {
        void *data;
        uint32_t n, size; /* elements */
};

struct walk {
        struct layout *layout;
        struct frame frames[BTF_MAX_EMBEDDING];
        uint32_t n_frames;
        uint32_t n_visits;
        struct array scopes, members, holes, children;
};

/* Room for one more element; NULL without memory. */
static void *array_add(struct array *array, size_t element_size)
{
        if (array->n == array->size) {
                uint32_t size = array->size > 0 ? 2 * array->size : 64;
                void *data = reallocarray(array->data, size, element_size);

                if (!data)
                        return NULL;
                array->data = data;
                array->size = size;
        }
        return (char *)array->data + array->n++ * element_size;
}

static struct frame *top(struct walk *walk)
{
        return &walk->frames[walk->n_frames - 1];
}

static struct layout_scope *scope_of(const struct walk *walk, uint32_t i_scope)
{
        return (struct layout_scope *)walk->scopes.data + i_scope;
}

/* The one that has been looked at last, of the innermost frame that is shown. */
static struct child *last_child(const struct walk *walk)
{
        return (struct child *)walk->children.data + walk->children.n - 1;
}

/* Opens a struct or union; `name` is NULL if it is not shown. Its depth is bounded by validation. */
static int enter(struct walk *walk, const struct btf_type *type, uint32_t declared, const char *name,
                 uint64_t bit_offset, uint32_t expand)
{
        struct frame frame = {
                .type = *type,
                .bit_offset = bit_offset,
                .i_scope = LAYOUT_NONE,
                .expand = expand,
                .align = 1,
                .path_length = walk->n_frames > 0 ? top(walk)->path_length : 0,
                .first_child = walk->children.n,
                .last_member = LAYOUT_NONE,
        };

        if (name) {
                struct layout_scope *scope = array_add(&walk->scopes, sizeof(*scope));

                if (!scope)
                        return -ENOMEM;
                frame.i_scope = walk->scopes.n - 1;
                frame.path_length += name[0] != '\0' ? strlen(name) + 1 : 0;
                *scope = (struct layout_scope){
                        .i_parent = walk->n_frames > 0 ? top(walk)->i_scope : LAYOUT_NONE,
                        .name = name,
                        .declared = declared,
                        .type = *type,
                        .bit_offset = bit_offset,
                        .first = walk->members.n,
                };
        }
        walk->frames[walk->n_frames++] = frame;
        return 0;
}

/* Counts what a member of the innermost frame asks for, as far as its place shows that it has got it. */
static uint32_t count_align(struct frame *frame, const struct btf_member *member, uint32_t align)
{
        uint32_t bytes = member->bit_offset / 8;

        if (member->bitfield_size == 0 && bytes % align != 0) {
                align = bytes & (0U - bytes);
                frame->is_packed = true;
        }
        if (frame->align < align)
                frame->align = align;
        return align;
}

static int add_member(struct walk *walk, const struct btf_member *member, uint64_t bit_offset,
                      struct query_error *error)
{
        struct frame *frame = top(walk);
        struct layout_member *added;

        if (frame->path_length + strlen(member->name) >= LAYOUT_PATH_SIZE)
                return query_error_set(error, QUERY_OVERFLOW, "a path of more than %u bytes is in it",
                                       LAYOUT_PATH_SIZE - 1);
        added = array_add(&walk->members, sizeof(*added));
        if (!added)
                return -ENOMEM;
        *added = (struct layout_member){
                .member = *member,
                .bit_offset = bit_offset,
                .i_scope = frame->i_scope,
                .is_last = member_is_last(&frame->type, frame->i_member - 1),
        };
        frame->last_member = walk->members.n - 1;
        return 0;
}

static int add_child(struct walk *walk, const struct btf_member *member, const struct btf_type *base)
{
        struct frame *frame = top(walk);
        struct child *child = array_add(&walk->children, sizeof(*child));

        if (!child)
                return -ENOMEM;
        *child = (struct child){
                .extent = extent_of(walk->layout->btf, member, frame->bit_offset),
                .align = 1,
                .unit_bits = member->bitfield_size > 0 ? base->size_or_type * 8 : 0,
                .last_member = member->name[0] != '\0' ? frame->last_member : LAYOUT_NONE,
                .i_child = walk->children.n - 1 - frame->first_child,
        };
        return 0;
}

/* The type behind qualifiers, typedefs and arrays. */
static struct btf_type element_of(const struct btf *btf, uint32_t id, bool *ret_is_array)
{
        struct btf_type base = btf_strip(btf, id);

        *ret_is_array = base.kind == BTF_KIND_ARRAY;
        while (base.kind == BTF_KIND_ARRAY)
                base = btf_strip(btf, btf_array(btf, &base).type);
        return base;
}

static int visit(struct walk *walk, const struct btf_member *member, struct query_error *error)
{
        struct frame *frame = top(walk);
        uint64_t bit_offset = frame->bit_offset + member->bit_offset;
        bool is_array, is_composite, is_shown = frame->i_scope != LAYOUT_NONE;
        struct btf_type base = element_of(walk->layout->btf, member->type, &is_array);
        bool is_named = member->name[0] != '\0';
        uint32_t expand = frame->expand, align;
        int r = 0;

        is_composite = btf_kind_is_composite(base.kind);
        if (!is_named && (is_array || !is_composite))
                return 0;
        if (is_shown && is_named)
                r = add_member(walk, member, bit_offset, error);
        if (is_shown && r == 0)
                r = add_child(walk, member, &base);
        if (r != 0)
                return r;
        if (is_composite) {
                is_shown = is_shown && !is_array && (!is_named || expand > 0);
                return enter(walk, &base, member->type, is_shown ? member->name : NULL, bit_offset,
                             is_named && expand > 0 ? expand - 1 : expand);
        }
        align = count_align(frame, member, btf_scalar_align(walk->layout->btf, &base));
        if (is_shown)
                last_child(walk)->align = align;
        return 0;
}

static int compare_children(const void *a, const void *b)
{
        const struct child *one = a, *other = b;

        if (one->extent.begin != other->extent.begin)
                return one->extent.begin < other->extent.begin ? -1 : 1;
        return one->i_child < other->i_child ? -1 : 1;
}

static uint64_t round_up(uint64_t value, uint64_t unit)
{
        return (value + unit - 1) / unit * unit;
}

/* Where a member would begin if it came directly behind bit `end`, in bits from the start of its struct. */
static uint64_t natural_begin(const struct child *child, uint64_t end)
{
        uint64_t n_bits = child->extent.end - child->extent.begin;

        if (child->unit_bits == 0)
                return round_up(end, (uint64_t)child->align * 8);
        /* A bitfield lies in one unit of its type, with others before it. */
        if (end / child->unit_bits == (end + n_bits - 1) / child->unit_bits)
                return end;
        return round_up(end, child->unit_bits);
}

static int add_holes(struct walk *walk, const struct frame *frame, uint64_t begin, uint64_t unit_end,
                     uint32_t after, const struct child *next)
{
        struct gap_piece pieces[GAP_MAX_PIECES];
        size_t n_pieces = gap_pieces(begin, next->extent.begin, unit_end, next->extent.unit_begin, pieces);
        uint64_t natural = frame->bit_offset + natural_begin(next, begin - frame->bit_offset);

        for (size_t i = 0; i < n_pieces; i++) {
                struct layout_hole *hole = array_add(&walk->holes, sizeof(*hole));

                if (!hole)
                        return -ENOMEM;
                *hole = (struct layout_hole){
                        .piece = pieces[i],
                        .i_scope = frame->i_scope,
                        .after = after,
                        .is_forced = next->extent.begin > natural,
                };
        }
        return 0;
}

static void set_padding(struct layout_scope *scope, uint64_t begin, uint64_t unit_end)
{
        uint64_t end = scope->bit_offset + (uint64_t)scope->type.size_or_type * 8;
        struct gap_piece pieces[GAP_MAX_PIECES];
        size_t n_pieces = begin < end ? gap_pieces(begin, end, unit_end, end, pieces) : 0;

        for (size_t i = 0; i < n_pieces; i++) {
                if (pieces[i].is_bits)
                        scope->bit_padding = pieces[i].bit_size;
                else
                        scope->padding = pieces[i].bit_size / 8;
        }
        scope->is_forced =
                end > scope->bit_offset + round_up(begin - scope->bit_offset, (uint64_t)scope->align * 8);
}

/* Finds holes and padding of a scope that is complete. BTF may have its members in any order, and overlapping. */
static int find_gaps(struct walk *walk, const struct frame *frame)
{
        uint32_t n_children = walk->children.n - frame->first_child, after = LAYOUT_NONE;
        /* An empty struct may be the first thing seen, before there is an array. */
        struct child *children =
                n_children > 0 ? (struct child *)walk->children.data + frame->first_child : NULL;
        uint64_t end = frame->bit_offset, unit_end = end;
        int r = 0;

        for (uint32_t i = 1; i < n_children; i++) {
                if (children[i].extent.begin < children[i - 1].extent.begin) {
                        qsort(children, n_children, sizeof(*children), compare_children);
                        break;
                }
        }
        for (uint32_t i = 0; r == 0 && i < n_children; i++) {
                const struct child *child = &children[i];

                if (child->extent.begin > end && frame->type.kind == BTF_KIND_STRUCT)
                        r = add_holes(walk, frame, end, unit_end, after, child);
                if (child->extent.end < end)
                        continue;
                end = child->extent.end;
                unit_end = child->extent.unit_end;
                after = child->last_member;
        }
        set_padding(scope_of(walk, frame->i_scope), end, unit_end);
        return r;
}

/* Ends the innermost frame, and tells the one around it. */
static int leave(struct walk *walk)
{
        struct frame frame = *top(walk);
        uint32_t bytes = frame.type.size_or_type;
        int r = 0;

        if (bytes % frame.align != 0) {
                frame.align = bytes & (0U - bytes);
                frame.is_packed = true;
        }
        if (frame.i_scope != LAYOUT_NONE) {
                struct layout_scope *scope = scope_of(walk, frame.i_scope);

                scope->n_members = walk->members.n - scope->first;
                scope->align = frame.align;
                scope->is_packed = frame.is_packed;
                r = find_gaps(walk, &frame);
                walk->children.n = frame.first_child;
        }
        walk->n_frames--;
        if (walk->n_frames > 0) {
                struct frame *outer = top(walk);
                struct btf_member member = btf_member(walk->layout->btf, &outer->type, outer->i_member - 1);
                uint32_t align = count_align(outer, &member, frame.align);

                if (outer->i_scope != LAYOUT_NONE) {
                        struct child *child = last_child(walk);

                        child->align = align;
                        if (member.name[0] == '\0' && frame.last_member != LAYOUT_NONE)
                                child->last_member = outer->last_member = frame.last_member;
                }
        }
        return r;
}

static int walk_all(struct walk *walk, struct query_error *error)
{
        int r = 0;

        while (r == 0 && walk->n_frames > 0) {
                struct frame *frame = top(walk);
                struct btf_member member;

                if (frame->i_member == frame->type.vlen) {
                        r = leave(walk);
                        continue;
                }
                if (walk->n_visits++ == MEMBER_MAX_VISITS)
                        return query_error_set(error, QUERY_OVERFLOW, "more than %u members are in it",
                                               MEMBER_MAX_VISITS);
                member = btf_member(walk->layout->btf, &frame->type, frame->i_member++);
                r = composite_check_member(walk->layout->btf, &member, error);
                if (r == 0)
                        r = visit(walk, &member, error);
        }
        return r;
}

int layout_new(struct layout **ret, struct query_type type, uint32_t expand, struct query_error *ret_error)
{
        CLEANUP(layout_cleanup) struct layout *layout = calloc(1, sizeof(*layout));
        struct walk walk = {.layout = layout};
        struct btf_type composite;
        int r;

        if (!layout)
                return -ENOMEM;
        layout->btf = type.source->btf;
        r = composite_of(type, &composite, ret_error);
        if (r == 0)
                r = enter(&walk, &composite, type.id, "", 0, expand);
        if (r == 0)
                r = walk_all(&walk, ret_error);
        free(walk.children.data);
        layout->scopes = walk.scopes.data;
        layout->n_scopes = walk.scopes.n;
        layout->members = walk.members.data;
        layout->n_members = walk.members.n;
        layout->holes = walk.holes.data;
        layout->n_holes = walk.holes.n;
        if (r == 0)
                *ret = STEAL(layout);
        return r;
}

struct layout *layout_free(struct layout *layout)
{
        if (!layout)
                return NULL;
        free(layout->scopes);
        free(layout->members);
        free(layout->holes);
        free(layout);
        return NULL;
}

void layout_scope_path(const struct layout *layout, uint32_t i_scope, struct strbuf *path)
{
        const char *names[BTF_MAX_EMBEDDING];
        size_t n_names = 0;

        for (; i_scope != LAYOUT_NONE; i_scope = layout->scopes[i_scope].i_parent) {
                if (layout->scopes[i_scope].name[0] != '\0')
                        names[n_names++] = layout->scopes[i_scope].name;
        }
        while (n_names-- > 0) {
                if (path->length > 0)
                        strbuf_append(path, ".");
                strbuf_append(path, names[n_names]);
        }
}

void layout_member_path(const struct layout *layout, uint32_t i_member, struct strbuf *path)
{
        const struct layout_member *member = &layout->members[i_member];

        layout_scope_path(layout, member->i_scope, path);
        if (path->length > 0)
                strbuf_append(path, ".");
        strbuf_append(path, member->member.name);
}
