/*
 * The kernel resolves types in the order of their ids. From each it goes depth first to what the type stands for until
 * it has a size, and marks what it has been through, so that each type is visited once. What stops it depends on where
 * it began: a struct may hold a pointer to itself, so that a pointer ends the search for what a struct holds, while a
 * pointer is searched through pointers and modifiers only. Types of a base have been resolved before.
 *
 * btf_new() bounds embedding and declarators apart, and lets typedefs end a declarator. The kernel has one bound for
 * all of what lies on its stack, so both `typedef ring_t *ring_t` and 17 structs in one another, each behind a typedef,
 * load but are too much for it.
 */
#include "btf/kernel_resolve.h"

#include <errno.h>
#include <inttypes.h>

#include "util/memory.h"

/* The kernel's MAX_RESOLVE_DEPTH. */
#define MAX_DEPTH 32U

/* What the search began at, which says what ends it. */
enum mode {
        MODE_ANY,
        MODE_PTR,
        MODE_EMBEDDING,
};

enum {
        STATE_UNSEEN = 0,
        STATE_VISITING,
        STATE_RESOLVED,
};

struct frame {
        struct btf_type type;
        uint32_t i_child; /* the next one to look at */
};

struct resolver {
        const struct btf *btf;
        struct btf_report *report;
        uint8_t *states; /* [id - start_id] */
        enum mode mode;
        struct frame stack[MAX_DEPTH];
        uint32_t n_frames;
};

static bool is_embedding(enum btf_kind kind)
{
        return btf_kind_is_composite(kind) || kind == BTF_KIND_ARRAY;
}

/* Whether the kernel has to search for what a type stands for; a prototype's types it looks at one by one. */
static bool needs_search(enum btf_kind kind)
{
        return btf_kind_is_modifier(kind) || is_embedding(kind) || kind == BTF_KIND_PTR ||
               kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC || kind == BTF_KIND_DECL_TAG;
}

static bool ends_search(enum mode mode, enum btf_kind kind)
{
        switch (mode) {
        case MODE_ANY:
                return !needs_search(kind);
        case MODE_PTR:
                return !btf_kind_is_modifier(kind) && kind != BTF_KIND_PTR;
        case MODE_EMBEDDING:
                return !btf_kind_is_modifier(kind) && !is_embedding(kind);
        }
        return true;
}

/* The byte offset of the next child's id in the file; 0 when there is none left. */
static size_t next_child(struct frame *frame)
{
        const struct btf_type *type = &frame->type;
        uint32_t i = frame->i_child++;

        if (btf_kind_is_composite(type->kind))
                return i < type->vlen ? btf_entry(type, i, BTF_MEMBER_LENGTH) + BTF_MEMBER_TYPE : 0;
        if (type->kind == BTF_KIND_DATASEC)
                return i < type->vlen ? btf_entry(type, i, BTF_SECINFO_LENGTH) : 0;
        /* The index comes first. */
        if (type->kind == BTF_KIND_ARRAY)
                return i > 1 ? 0 : type->tail + (i == 0 ? BTF_ARRAY_INDEX_TYPE : 0);
        /* Behind modifiers there may be a pointer that ended the search for those. */
        if (type->kind == BTF_KIND_PTR || type->kind == BTF_KIND_VAR)
                return i > 1 ? 0 : btf_type_word(type);
        return i > 0 ? 0 : btf_type_word(type);
}

/* The child that a word of a frame's record leads to. */
static uint32_t child_at(const struct btf *btf, const struct frame *frame, size_t at)
{
        uint32_t id = btf_load_u32(btf, at);

        if ((frame->type.kind == BTF_KIND_PTR || frame->type.kind == BTF_KIND_VAR) && frame->i_child == 2)
                return btf_strip(btf, id).id;
        return id;
}

static void push(struct resolver *resolver, uint32_t id)
{
        struct btf_type type = btf_type(resolver->btf, id);

        resolver->states[id - resolver->btf->start_id] = STATE_VISITING;
        resolver->stack[resolver->n_frames++] = (struct frame){.type = type};
        if (resolver->mode == MODE_ANY && type.kind == BTF_KIND_PTR)
                resolver->mode = MODE_PTR;
        if (resolver->mode == MODE_ANY && is_embedding(type.kind))
                resolver->mode = MODE_EMBEDDING;
}

static void pop(struct resolver *resolver)
{
        uint32_t id = resolver->stack[--resolver->n_frames].type.id;

        resolver->states[id - resolver->btf->start_id] = STATE_RESOLVED;
}

/* The kernel gives up here. To find what else there is, all that led here counts as resolved. */
static void give_up(struct resolver *resolver, size_t at, enum btf_error_reason reason)
{
        const struct btf_type *root = &resolver->stack[0].type;

        if (reason == BTF_ERROR_LOOP)
                btf_report_warning(resolver->report, reason, at,
                                   "%s %" PRIu32 " leads back to where it came through",
                                   btf_kind_name(root->kind), root->id);
        else
                btf_report_warning(resolver->report, reason, at,
                                   "%s %" PRIu32 " leads through more than %u types",
                                   btf_kind_name(root->kind), root->id, MAX_DEPTH);
        while (resolver->n_frames > 0)
                pop(resolver);
}

static void resolve(struct resolver *resolver, uint32_t root)
{
        const struct btf *btf = resolver->btf;

        resolver->mode = MODE_ANY;
        push(resolver, root);
        while (resolver->n_frames > 0) {
                struct frame *frame = &resolver->stack[resolver->n_frames - 1];
                size_t at = next_child(frame);
                uint32_t child;

                /* Each variable of a section is a beginning of its own. */
                if (frame->type.kind == BTF_KIND_DATASEC)
                        resolver->mode = MODE_ANY;
                if (at == 0) {
                        pop(resolver);
                        continue;
                }
                child = child_at(btf, frame, at);
                if (child < btf->start_id || ends_search(resolver->mode, btf_kind(btf, child)) ||
                    resolver->states[child - btf->start_id] == STATE_RESOLVED)
                        continue;
                if (resolver->n_frames == MAX_DEPTH)
                        give_up(resolver, at, BTF_ERROR_TOO_DEEP);
                else if (resolver->states[child - btf->start_id] == STATE_VISITING)
                        give_up(resolver, at, BTF_ERROR_LOOP);
                else
                        push(resolver, child);
        }
}

static void resolve_if_needed(struct resolver *resolver, uint32_t id)
{
        const struct btf *btf = resolver->btf;

        if (id >= btf->start_id && needs_search(btf_kind(btf, id)) &&
            resolver->states[id - btf->start_id] == STATE_UNSEEN)
                resolve(resolver, id);
}

int btf_kernel_check_resolving(struct btf_kernel *kernel)
{
        const struct btf *btf = kernel->btf;
        struct resolver resolver = {.btf = btf, .report = kernel->report};

        resolver.states =
                memory_new_zeroed((size_t)btf->n_types - btf->start_id + 1, sizeof(*resolver.states));
        if (!resolver.states)
                return -ENOMEM;
        for (uint32_t id = btf->start_id; id < btf->n_types; id++) {
                struct btf_type type;

                resolve_if_needed(&resolver, id);
                if (btf_kind(btf, id) != BTF_KIND_FUNC_PROTO)
                        continue;
                type = btf_type(btf, id);
                resolve_if_needed(&resolver, type.size_or_type);
                for (uint32_t i = 0; i < type.vlen; i++)
                        resolve_if_needed(&resolver, btf_param(btf, &type, i).type);
        }
        free(resolver.states);
        return 0;
}
