#include "btf/validate.h"

#include <assert.h>
#include <inttypes.h>

#include "btf/chain.h"
#include "btf/sizes.h"

/* The two ways in which types nest without a name in between that would stop a reader. */
enum graph {
        GRAPH_EMBEDDING,  /* what is held by value: members, array elements; through modifiers */
        GRAPH_DECLARATOR, /* what one declaration spells out: pointers, arrays, prototypes; with qualifiers */
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

/* A bitfield must be an integer or enum that can hold it; whatever is none must begin at a byte. */
static int check_bitfield(const struct btf *btf, const struct btf_type *type, uint32_t i_member,
                          struct btf_error *error)
{
        size_t at = btf_entry(type, i_member, BTF_MEMBER_LENGTH) + BTF_MEMBER_OFFSET;
        struct btf_member member = btf_member(btf, type, i_member);
        struct btf_type base;

        if (member.bitfield_size == 0 && member.bit_offset % 8 == 0)
                return 0;
        base = btf_strip(btf, member.type);
        if (base.kind == BTF_KIND_OPAQUE)
                return 0;
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
        /* Where a legacy bitfield ends, only its INT tells. */
        if (member.bit_offset + (uint64_t)member.bitfield_size > (uint64_t)type->size_or_type * 8)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at,
                                     "member %" PRIu32 " ends at bit %" PRIu64 ", beyond its type's %" PRIu64
                                     " bits",
                                     i_member, member.bit_offset + (uint64_t)member.bitfield_size,
                                     (uint64_t)type->size_or_type * 8);
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

        if (target.kind == BTF_KIND_OPAQUE)
                return 0;
        if (target.kind == BTF_KIND_FUNC)
                n_components = btf_type(btf, target.size_or_type).vlen;
        else if (btf_kind_is_composite(target.kind))
                n_components = target.vlen;
        else if (target.kind != BTF_KIND_VAR && target.kind != BTF_KIND_TYPEDEF)
                return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, btf_type_word(tag),
                                     "a decl_tag on %s %" PRIu32
                                     ", expected a struct, union, func, var or typedef",
                                     btf_kind_name(target.kind), target.id);
        if (component >= 0 && (uint32_t)component >= n_components)
                return btf_error_set(error, BTF_ERROR_BAD_VALUE, tag->tail,
                                     "component index %" PRId32 " of a %s with %" PRIu32 " components",
                                     component, btf_kind_name(target.kind), n_components);
        return 0;
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
                return i < type->vlen ? btf_entry(type, i, BTF_MEMBER_LENGTH) + BTF_MEMBER_TYPE : 0;
        /* A prototype's first child is what it returns. */
        if (type->kind == BTF_KIND_FUNC_PROTO && i > 0)
                return i <= type->vlen ? btf_entry(type, i - 1, BTF_PARAM_LENGTH) + BTF_PARAM_TYPE : 0;
        if (i > 0)
                return 0;
        return type->kind == BTF_KIND_ARRAY ? type->tail : btf_type_word(type);
}

/* The id that a child leads to, through whatever the graph sees through. */
static uint32_t resolve_child(const struct btf *btf, enum graph graph, uint32_t id)
{
        if (graph == GRAPH_EMBEDDING)
                return btf_strip_id(btf, id);
        while (btf_kind_is_qualifier(btf_kind(btf, id)))
                id = btf_target(btf, id);
        return id;
}

static uint32_t max_depth(enum graph graph)
{
        return graph == GRAPH_EMBEDDING ? BTF_MAX_EMBEDDING : BTF_MAX_DECLARATOR;
}

/* What is known of a node: of the base's everything, as they can lead to no type of a file that continues them. */
static uint8_t *depth_of(const struct btf *btf, enum graph graph, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);

        return &owner->depths[(size_t)graph * (owner->n_types - owner->start_id) + (id - owner->start_id)];
}

/* A search that ends early leaves none of its nodes as being visited, or others that lead to them would seem to loop. */
static void give_up(const struct btf *btf, enum graph graph, const struct graph_frame *stack,
                    uint32_t n_frames)
{
        for (uint32_t i = 0; i < n_frames; i++)
                *depth_of(btf, graph, stack[i].type.id) = 1;
}

static int nesting_error(const struct graph_frame *frame, enum graph graph, size_t at,
                         enum btf_error_reason reason, struct btf_error *error)
{
        const char *verb = graph == GRAPH_EMBEDDING ? "holds" : "declares";

        if (reason == BTF_ERROR_LOOP)
                return btf_error_set(error, reason, at, "%s %" PRIu32 " %s itself",
                                     btf_kind_name(frame->type.kind), frame->type.id, verb);
        return btf_error_set(error, reason, at, "%s %" PRIu32 " %s more than %u levels of types",
                             btf_kind_name(frame->type.kind), frame->type.id, verb, max_depth(graph));
}

/* Depth first from `root`, with a stack that the bound sizes. */
static int check_nesting(const struct btf *btf, enum graph graph, uint32_t root, struct btf_error *error)
{
        struct graph_frame
                stack[BTF_MAX_EMBEDDING > BTF_MAX_DECLARATOR ? BTF_MAX_EMBEDDING : BTF_MAX_DECLARATOR];
        uint32_t n_frames = 1;

        stack[0] = (struct graph_frame){.type = btf_type(btf, root)};
        *depth_of(btf, graph, root) = DEPTH_VISITING;
        while (n_frames > 0) {
                struct graph_frame *frame = &stack[n_frames - 1];
                size_t at = next_child(frame);
                uint32_t child;
                uint8_t *depth;

                if (at == 0) {
                        *depth_of(btf, graph, frame->type.id) = (uint8_t)(frame->depth + 1);
                        n_frames--;
                        if (n_frames > 0 && stack[n_frames - 1].depth < frame->depth + 1)
                                stack[n_frames - 1].depth = (uint8_t)(frame->depth + 1);
                        continue;
                }
                child = resolve_child(btf, graph, btf_load_u32(btf, at));
                if (!is_node(graph, btf_kind(btf, child)))
                        continue;
                depth = depth_of(btf, graph, child);
                if (*depth == DEPTH_VISITING) {
                        give_up(btf, graph, stack, n_frames);
                        return nesting_error(frame, graph, at, BTF_ERROR_LOOP, error);
                }
                if (n_frames + (*depth == DEPTH_UNSEEN ? 1 : *depth) > max_depth(graph)) {
                        give_up(btf, graph, stack, n_frames);
                        return nesting_error(&stack[0], graph, at, BTF_ERROR_TOO_DEEP, error);
                }
                if (*depth == DEPTH_UNSEEN) {
                        *depth = DEPTH_VISITING;
                        stack[n_frames++] = (struct graph_frame){.type = btf_type(btf, child)};
                } else if (frame->depth < *depth) {
                        frame->depth = *depth;
                }
        }
        return 0;
}

static int check_graph(const struct btf *btf, enum graph graph, struct btf_report *report)
{
        int r = 0;

        for (uint32_t id = btf->start_id; id < btf->n_types && r == 0; id++) {
                if (is_node(graph, btf_kind(btf, id)) && *depth_of(btf, graph, id) == DEPTH_UNSEEN)
                        r = btf_report_add(report, check_nesting(btf, graph, id, &report->error));
        }
        return r;
}

/* Bytes of an array, elements of elements included, must fit what the kernel and libbpf compute with. */
static int check_array(struct btf_sizes *sizes, uint32_t id, struct btf_error *error)
{
        struct btf_type type = btf_type(sizes->btf, id);
        uint64_t bytes;

        if (btf_sizes_get(sizes, id, &bytes) != BTF_SIZE_OVERFLOW)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_SIZE, type.tail + BTF_ARRAY_NELEMS,
                             "array %" PRIu32 " of %" PRIu32 " elements is larger than %" PRIu32 " bytes", id,
                             btf_array(sizes->btf, &type).nelems, BTF_MAX_TYPE_BYTES);
}

static int check_arrays(const struct btf *btf, struct btf_report *report)
{
        CLEANUP(btf_sizes_deinit) struct btf_sizes sizes = {0};
        int r;

        r = btf_sizes_init(&sizes, btf);
        for (uint32_t id = btf->start_id; id < btf->n_types && r == 0; id++) {
                if (btf_kind(btf, id) == BTF_KIND_ARRAY)
                        r = btf_report_add(report, check_array(&sizes, id, &report->error));
        }
        return r;
}

/* What a type says of those that it refers to directly, modifiers seen through. */
static int check_references(const struct btf *btf, uint32_t id, struct btf_report *report)
{
        enum btf_kind kind = btf_kind(btf, id);
        struct btf_type type;
        int r = 0;

        if (!btf_kind_is_composite(kind) && kind != BTF_KIND_DECL_TAG)
                return 0;
        type = btf_type(btf, id);
        if (kind == BTF_KIND_DECL_TAG)
                return btf_report_add(report, check_decl_tag(btf, &type, &report->error));
        for (uint32_t i = 0; i < type.vlen && r == 0; i++)
                r = btf_report_add(report, check_bitfield(btf, &type, i, &report->error));
        return r;
}

int btf_validate(struct btf *btf, struct btf_report *report)
{
        int r;

        /* Chains first: everything after them sees through modifiers. */
        r = btf_check_chains(btf, report);
        if (r != 0 || report->n_errors > 0)
                return r;
        for (uint32_t id = btf->start_id; id < btf->n_types && r == 0; id++)
                r = check_references(btf, id, report);
        if (r == 0)
                r = check_graph(btf, GRAPH_EMBEDDING, report);
        if (r == 0)
                r = check_graph(btf, GRAPH_DECLARATOR, report);
        if (r != 0 || report->n_errors > 0)
                return r;
        return check_arrays(btf, report);
}
