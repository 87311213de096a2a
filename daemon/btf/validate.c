#include "btf/validate.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

/* The two ways in which types nest without a name in between that would stop a reader. */
enum graph {
        GRAPH_EMBEDDING,  /* what is held by value: members, array elements; through modifiers */
        GRAPH_DECLARATOR, /* what one declaration spells out: pointers, arrays, prototypes; through qualifiers
                           */
};

struct graph_frame {
        struct btf_type type;
        uint32_t i_child; /* the next child to look at */
        uint8_t depth;    /* of the deepest child so far */
};

/* Marks in the depth table; a finished node has its depth, 1 and up. */
enum {
        DEPTH_UNSEEN = 0,
        DEPTH_VISITING = 255,
};

static_assert(BTF_MAX_EMBEDDING < DEPTH_VISITING && BTF_MAX_DECLARATOR < DEPTH_VISITING,
              "a depth must not look like a mark");

/* Ids stand only where they make sense as types: a pointer to a DATASEC means nothing. */
static int check_target(const struct btf *btf, size_t at, struct btf_error *error)
{
        uint32_t id = btf_load_u32(btf, at);
        enum btf_kind kind = btf_type(btf, id).kind;

        if (kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
            kind != BTF_KIND_DECL_TAG)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, at,
                             "type id %" PRIu32 " is a %s, expected a type", id, btf_kind_name(kind));
}

static int check_kind(const struct btf *btf, size_t at, enum btf_kind expected, struct btf_error *error)
{
        uint32_t id = btf_load_u32(btf, at);
        enum btf_kind kind = btf_type(btf, id).kind;

        if (kind == expected)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, at, "type id %" PRIu32 " is a %s, expected a %s",
                             id, btf_kind_name(kind), btf_kind_name(expected));
}

static int check_chain(const struct btf *btf, const struct btf_type *start, struct btf_error *error)
{
        struct btf_type type = *start;

        for (uint32_t i = 0; i < BTF_MAX_CHAIN; i++) {
                type = btf_type(btf, type.size_or_type);
                if (!btf_kind_is_modifier(type.kind))
                        return 0;
                if (type.id == start->id)
                        return btf_error_set(error, BTF_ERROR_LOOP, start->tail - 4,
                                             "%s %" PRIu32 " refers to itself through %" PRIu32 " modifiers",
                                             btf_kind_name(start->kind), start->id, i + 1);
        }
        return btf_error_set(error, BTF_ERROR_TOO_DEEP, start->tail - 4,
                             "%s %" PRIu32 " leads through more than %u modifiers",
                             btf_kind_name(start->kind), start->id, BTF_MAX_CHAIN);
}

/* A bitfield must be an integer or enum that can hold it; whatever is none must begin at a byte. */
static int check_bitfield(const struct btf *btf, const struct btf_type *type, uint32_t i_member,
                          struct btf_error *error)
{
        size_t at = type->tail + (size_t)i_member * 12 + 8;
        struct btf_member member = btf_member(btf, type, i_member);
        struct btf_type base;

        if (member.bitfield_size == 0 && member.bit_offset % 8 == 0)
                return 0;
        base = btf_strip(btf, member.type);
        if (base.kind != BTF_KIND_INT && !btf_kind_is_enum(base.kind))
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at,
                                     "member %" PRIu32 " is a %s of %" PRIu32 " bits at bit %" PRIu32
                                     ", expected an integer or whole bytes",
                                     i_member, btf_kind_name(base.kind), member.bitfield_size,
                                     member.bit_offset);
        if (member.bitfield_size == 0)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at,
                                     "member %" PRIu32 " lies at bit %" PRIu32
                                     " but is no bitfield, expected whole bytes",
                                     i_member, member.bit_offset);
        if (member.bitfield_size > (uint64_t)base.size_or_type * 8)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at,
                                     "member %" PRIu32 " is a bitfield of %" PRIu32
                                     " bits in a type of %" PRIu32 " bytes",
                                     i_member, member.bitfield_size, base.size_or_type);
        return 0;
}

static int check_decl_tag(const struct btf *btf, const struct btf_type *tag, struct btf_error *error)
{
        int32_t component = (int32_t)btf_word(btf, tag);
        struct btf_type target = btf_type(btf, tag->size_or_type);
        uint32_t n_components = 0;

        if (target.kind == BTF_KIND_FUNC)
                n_components = btf_type(btf, target.size_or_type).vlen;
        else if (btf_kind_is_composite(target.kind))
                n_components = target.vlen;
        else if (target.kind != BTF_KIND_VAR && target.kind != BTF_KIND_TYPEDEF)
                return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, tag->tail - 4,
                                     "a decl_tag on %s %" PRIu32
                                     ", expected a struct, union, func, var or typedef",
                                     btf_kind_name(target.kind), target.id);
        if (component >= 0 && (uint32_t)component >= n_components)
                return btf_error_set(error, BTF_ERROR_BAD_VALUE, tag->tail,
                                     "component index %" PRId32 " of a %s with %" PRIu32 " components",
                                     component, btf_kind_name(target.kind), n_components);
        return 0;
}

/* What one record says of others. FUNCs come in a pass before decl_tags, which rely on their prototypes. */
static int check_relations(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        size_t type_at = type->tail - 4;
        int r = 0;

        switch (type->kind) {
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
                r = check_target(btf, type_at, error);
                return r != 0 ? r : check_chain(btf, type, error);
        case BTF_KIND_PTR:
        case BTF_KIND_VAR:
                return check_target(btf, type_at, error);
        case BTF_KIND_ARRAY:
                return check_target(btf, type->tail, error);
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                        r = check_target(btf, type->tail + (size_t)i * 12 + 4, error);
                return r;
        case BTF_KIND_FUNC:
                return check_kind(btf, type_at, BTF_KIND_FUNC_PROTO, error);
        case BTF_KIND_FUNC_PROTO:
                r = check_target(btf, type_at, error);
                for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                        r = check_target(btf, type->tail + (size_t)i * 8 + 4, error);
                return r;
        case BTF_KIND_DATASEC:
                for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                        r = check_kind(btf, type->tail + (size_t)i * 12, BTF_KIND_VAR, error);
                return r;
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_INT:
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
        case BTF_KIND_FWD:
        case BTF_KIND_FLOAT:
        case BTF_KIND_VOID:
                return 0;
        }
        return 0;
}

/* What can only be checked once every modifier chain is known to end and every FUNC has a prototype. */
static int check_dependent(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        int r = 0;

        if (type->kind == BTF_KIND_DECL_TAG)
                return check_decl_tag(btf, type, error);
        if (btf_kind_is_composite(type->kind)) {
                for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                        r = check_bitfield(btf, type, i, error);
        }
        return r;
}

static bool is_node(enum graph graph, enum btf_kind kind)
{
        switch (graph) {
        case GRAPH_EMBEDDING:
                return btf_kind_is_composite(kind) || kind == BTF_KIND_ARRAY;
        case GRAPH_DECLARATOR:
                return kind == BTF_KIND_PTR || kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC_PROTO;
        }
        return false;
}

/* The byte offset of the next child's id in the file; 0 when there is none left. */
static size_t next_child(struct graph_frame *frame)
{
        const struct btf_type *type = &frame->type;
        uint32_t i = frame->i_child++;

        if (btf_kind_is_composite(type->kind))
                return i < type->vlen ? type->tail + (size_t)i * 12 + 4 : 0;
        if (type->kind == BTF_KIND_FUNC_PROTO)
                return i == 0 ? type->tail - 4 : i <= type->vlen ? type->tail + (size_t)(i - 1) * 8 + 4 : 0;
        if (type->kind == BTF_KIND_ARRAY)
                return i == 0 ? type->tail : 0;
        return i == 0 ? type->tail - 4 : 0; /* PTR */
}

/* The node that a child's id leads to, through whatever the graph sees through. */
static struct btf_type resolve_child(const struct btf *btf, enum graph graph, uint32_t id)
{
        struct btf_type type;

        if (graph == GRAPH_EMBEDDING)
                return btf_strip(btf, id);
        type = btf_type(btf, id);
        while (btf_kind_is_qualifier(type.kind))
                type = btf_type(btf, type.size_or_type);
        return type;
}

static int nesting_error(const struct graph_frame *frame, enum graph graph, size_t at,
                         enum btf_error_reason reason, struct btf_error *error)
{
        const char *verb = graph == GRAPH_EMBEDDING ? "holds" : "declares";

        if (reason == BTF_ERROR_LOOP)
                return btf_error_set(error, reason, at, "%s %" PRIu32 " %s itself",
                                     btf_kind_name(frame->type.kind), frame->type.id, verb);
        return btf_error_set(error, reason, at, "%s %" PRIu32 " %s more than %u levels of types",
                             btf_kind_name(frame->type.kind), frame->type.id, verb,
                             graph == GRAPH_EMBEDDING ? BTF_MAX_EMBEDDING : BTF_MAX_DECLARATOR);
}

/* Depth first from `root`, with a stack that the bound sizes; `depth` remembers what is known of every node.
 */
static int check_nesting(const struct btf *btf, enum graph graph, const struct btf_type *root, uint8_t *depth,
                         struct btf_error *error)
{
        struct graph_frame
                stack[BTF_MAX_EMBEDDING > BTF_MAX_DECLARATOR ? BTF_MAX_EMBEDDING : BTF_MAX_DECLARATOR];
        uint32_t max = graph == GRAPH_EMBEDDING ? BTF_MAX_EMBEDDING : BTF_MAX_DECLARATOR;
        uint32_t n_frames = 1;

        stack[0] = (struct graph_frame){.type = *root};
        depth[root->id] = DEPTH_VISITING;
        while (n_frames > 0) {
                struct graph_frame *frame = &stack[n_frames - 1];
                size_t at = next_child(frame);
                struct btf_type child;

                if (at == 0) {
                        depth[frame->type.id] = (uint8_t)(frame->depth + 1);
                        n_frames--;
                        if (n_frames > 0 && stack[n_frames - 1].depth < frame->depth + 1)
                                stack[n_frames - 1].depth = (uint8_t)(frame->depth + 1);
                        continue;
                }
                child = resolve_child(btf, graph, btf_load_u32(btf, at));
                if (!is_node(graph, child.kind))
                        continue;
                if (depth[child.id] == DEPTH_VISITING)
                        return nesting_error(frame, graph, at, BTF_ERROR_LOOP, error);
                if (n_frames + (depth[child.id] == DEPTH_UNSEEN ? 1 : depth[child.id]) > max)
                        return nesting_error(&stack[0], graph, at, BTF_ERROR_TOO_DEEP, error);
                if (depth[child.id] == DEPTH_UNSEEN) {
                        depth[child.id] = DEPTH_VISITING;
                        stack[n_frames++] = (struct graph_frame){.type = child};
                } else if (frame->depth < depth[child.id]) {
                        frame->depth = depth[child.id];
                }
        }
        return 0;
}

static int check_graph(const struct btf *btf, enum graph graph, struct btf_error *error)
{
        CLEANUP(free_cleanup) uint8_t *depth = NULL;
        int r = 0;

        depth = calloc(btf->n_types, sizeof(*depth));
        if (!depth)
                return -ENOMEM;
        for (uint32_t id = 1; id < btf->n_types && r == 0; id++) {
                struct btf_type type = btf_type(btf, id);

                if (is_node(graph, type.kind) && depth[id] == DEPTH_UNSEEN)
                        r = check_nesting(btf, graph, &type, depth, error);
        }
        return r;
}

int btf_validate(const struct btf *btf, struct btf_error *ret_error)
{
        int r = 0;

        for (uint32_t id = 1; id < btf->n_types && r == 0; id++) {
                struct btf_type type = btf_type(btf, id);

                r = check_relations(btf, &type, ret_error);
        }
        for (uint32_t id = 1; id < btf->n_types && r == 0; id++) {
                struct btf_type type = btf_type(btf, id);

                r = check_dependent(btf, &type, ret_error);
        }
        if (r == 0)
                r = check_graph(btf, GRAPH_EMBEDDING, ret_error);
        if (r == 0)
                r = check_graph(btf, GRAPH_DECLARATOR, ret_error);
        return r;
}
