/*
 * Methods about what lies where in a type: type.layout and type.at.
 *
 * Loops end with the writer's first error: once a reply is too large, nothing more is rendered.
 */
#include <errno.h>

#include "query/at.h"
#include "query/layout.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

/* An object in a struct: where it is, how large, and its type. A bitfield's place is where its load begins, as elsewhere. */
struct place {
        uint64_t bit_offset; /* from the start of the type that was asked about */
        uint32_t bitfield_size;
        uint32_t type;
        bool is_flexible;
};

static void write_place(struct json_writer *out, const struct btf *btf, const struct place *place,
                        uint64_t object_size)
{
        struct value value = value_of(btf, place->type);
        uint64_t offset = place->bit_offset / 8;

        if (place->bitfield_size > 0)
                offset = value_place_bitfield(&value, btf, place->bit_offset, place->bitfield_size,
                                              object_size);
        json_write_uint_member(out, "offset", offset);
        if (value.has_size)
                json_write_uint_member(out, "size", value.size);
        write_type_name(out, "type", btf, place->type);
        if (place->is_flexible)
                json_write_bool_member(out, "flexible", true);
        if (value.is_bitfield)
                write_bitfield(out, &value.bitfield);
}

/* Where a hole or padding lies. */
static void write_gap(struct json_writer *out, const struct gap_piece *gap)
{
        if (gap->is_bits) {
                json_write_uint_member(out, "bit_offset", gap->bit_offset);
                json_write_uint_member(out, "bit_size", gap->bit_size);
        } else {
                json_write_uint_member(out, "offset", gap->bit_offset / 8);
                json_write_uint_member(out, "size", gap->bit_size / 8);
        }
}

/* What every result says of the type that was asked about. */
static void write_composite(struct json_writer *out, const struct rpc_request *request,
                            const struct looked_up *looked_up, const struct btf_type *composite)
{
        const struct query_type asked = looked_up->type;
        const struct btf *btf = asked.source->btf;

        json_write_uint_member(out, "generation", request->snapshot->generation);
        json_write_string_member(out, "source", asked.source->name);
        json_write_string_member(out, "kind", btf_kind_name(composite->kind));
        if (btf_has_name(btf, composite))
                json_write_string_member(out, "name", btf_name(btf, composite));
        if (asked.id != composite->id)
                write_type_name(out, "type", btf, asked.id);
        json_write_uint_member(out, "size", composite->size_or_type);
}

/* ---------------------------------------------------------------- type.layout */

static void write_path(struct json_writer *out, const char *key, const struct layout *layout,
                       uint32_t i_member)
{
        char buffer[LAYOUT_PATH_SIZE];
        struct strbuf path;

        strbuf_init(&path, buffer, sizeof(buffer));
        layout_member_path(layout, i_member, &path);
        json_write_string_member(out, key, buffer);
}

/* Only where there is one. */
static void write_scope_path(struct json_writer *out, const char *key, const struct layout *layout,
                             uint32_t i_scope)
{
        char buffer[LAYOUT_PATH_SIZE];
        struct strbuf path;

        strbuf_init(&path, buffer, sizeof(buffer));
        layout_scope_path(layout, i_scope, &path);
        if (path.length > 0)
                json_write_string_member(out, key, buffer);
}

static void write_member(struct json_writer *out, const struct layout *layout, uint32_t i_member,
                         uint64_t cacheline)
{
        const struct layout_member *member = &layout->members[i_member];
        struct btf_type base = btf_strip(layout->btf, member->member.type);
        struct extent extent =
                extent_of(layout->btf, &member->member, layout->scopes[member->i_scope].bit_offset);
        uint64_t first = extent.begin / 8 / cacheline, last = first;
        struct place place = {
                .bit_offset = member->bit_offset,
                .bitfield_size = member->member.bitfield_size,
                .type = member->member.type,
                .is_flexible = member->is_last && base.kind == BTF_KIND_ARRAY &&
                               btf_array(layout->btf, &base).nelems == 0,
        };

        if (extent.end > extent.begin)
                last = (extent.end - 1) / 8 / cacheline;
        json_write_object_begin(out);
        write_path(out, "path", layout, i_member);
        write_place(out, layout->btf, &place, layout->scopes[0].type.size_or_type);
        if (first > 0)
                json_write_uint_member(out, "cacheline", first);
        if (last > first)
                json_write_bool_member(out, "straddles", true);
        json_write_object_end(out);
}

static void write_holes(struct json_writer *out, const struct layout *layout)
{
        json_write_key(out, "holes");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < layout->n_holes && out->error == 0; i++) {
                const struct layout_hole *hole = &layout->holes[i];

                json_write_object_begin(out);
                write_gap(out, &hole->piece);
                if (hole->after != LAYOUT_NONE)
                        write_path(out, "after", layout, hole->after);
                if (hole->i_scope > 0)
                        json_write_uint_member(out, "nested", hole->i_scope - 1);
                write_scope_path(out, "in", layout, hole->i_scope);
                if (hole->is_forced)
                        json_write_bool_member(out, "forced", true);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

/* What a scope has beside its padding, where it has it. */
static void write_rest(struct json_writer *out, const struct layout_scope *scope)
{
        if (scope->bit_padding > 0)
                json_write_uint_member(out, "bit_padding", scope->bit_padding);
        if (scope->is_forced)
                json_write_bool_member(out, "padding_forced", true);
        if (scope->is_packed)
                json_write_bool_member(out, "packed", true);
}

static void write_nested(struct json_writer *out, const struct layout *layout)
{
        json_write_key(out, "nested");
        json_write_array_begin(out);
        for (uint32_t i = 1; i < layout->n_scopes && out->error == 0; i++) {
                const struct layout_scope *scope = &layout->scopes[i];

                json_write_object_begin(out);
                json_write_string_member(out, "kind", btf_kind_name(scope->type.kind));
                if (scope->name[0] != '\0')
                        write_scope_path(out, "path", layout, i);
                write_type_name(out, "type", layout->btf, scope->declared);
                if (scope->i_parent > 0)
                        json_write_uint_member(out, "nested", scope->i_parent - 1);
                json_write_uint_member(out, "offset", scope->bit_offset / 8);
                json_write_uint_member(out, "size", scope->type.size_or_type);
                json_write_uint_member(out, "natural_align", scope->align);
                json_write_uint_member(out, "first", scope->first);
                json_write_uint_member(out, "members", scope->n_members);
                json_write_uint_member(out, "padding", scope->padding);
                write_rest(out, scope);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

static void write_layout(struct rpc_request *request, const struct looked_up *looked_up,
                         const struct layout *layout)
{
        const struct layout_scope *whole = &layout->scopes[0];
        uint64_t cacheline = request->params.cacheline ? request->params.cacheline : LAYOUT_CACHELINE;
        struct json_writer *out = request->reply->out;

        reply_result_begin(request->reply);
        json_write_object_begin(out);
        write_composite(out, request, looked_up, &whole->type);
        json_write_uint_member(out, "natural_align", whole->align);
        json_write_key(out, "members");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < layout->n_members && out->error == 0; i++)
                write_member(out, layout, i, cacheline);
        json_write_array_end(out);
        write_holes(out, layout);
        json_write_uint_member(out, "padding", whole->padding);
        json_write_uint_member(out, "cacheline", cacheline);
        json_write_uint_member(out, "cachelines", (whole->type.size_or_type + cacheline - 1) / cacheline);
        write_rest(out, whole);
        if (layout->n_scopes > 1)
                write_nested(out, layout);
        write_also(out, &looked_up->also, /* has_path= */ false);
        json_write_object_end(out);
        reply_result_end(request->reply);
}

void method_type_layout(struct rpc_request *request)
{
        CLEANUP(layout_cleanup) struct layout *layout = NULL;
        struct query_error error;
        struct looked_up looked_up;
        int r;

        r = lookup(request->set, &request->params.selector, &looked_up, &error);
        if (r == 0)
                r = layout_new(&layout, looked_up.type, (uint32_t)request->params.expand, &error);
        if (r == -ENOMEM)
                request->reply->out->error = -ENOMEM;
        else if (r != 0)
                write_query_error(request->reply, &error, /* has_path= */ false);
        else
                write_layout(request, &looked_up, layout);
}

/* ---------------------------------------------------------------- type.at */

struct alternatives {
        struct json_writer *out;
        const struct btf *btf;
        struct at_question question;
        uint64_t size; /* bytes of the type */
};

static void write_levels(const struct alternatives *alternatives, const struct at_alternative *alternative)
{
        struct json_writer *out = alternatives->out;
        uint64_t object_size = alternatives->size;

        json_write_key(out, "levels");
        json_write_array_begin(out);
        for (size_t i = 0; i < alternative->n_levels && out->error == 0; i++) {
                const struct at_level *level = &alternative->levels[i];
                struct place place = {
                        .bit_offset = level->bit_offset,
                        .bitfield_size = level->bitfield_size,
                        .type = level->type,
                        .is_flexible = level->is_flexible,
                };

                /* Whoever asks for an element of a flexible array knows that it is there. */
                if (i > 0 && alternative->levels[i - 1].is_flexible &&
                    btf_type_size(alternatives->btf, level->type, &object_size) == 0)
                        object_size += level->bit_offset / 8;
                json_write_object_begin(out);
                json_write_key(out, "path");
                json_write_string_n(out, alternative->path, level->path_length);
                write_place(out, alternatives->btf, &place, object_size);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

/* The path of a member beside a gap. */
static void write_beside(struct json_writer *out, const char *key, const char *path, const char *name)
{
        char buffer[AT_PATH_SIZE + BTF_MAX_STRING + sizeof(".")];
        struct strbuf text;

        if (!name)
                return;
        strbuf_init(&text, buffer, sizeof(buffer));
        strbuf_append(&text, path);
        if (path[0] != '\0')
                strbuf_append(&text, ".");
        strbuf_append(&text, name);
        json_write_string_member(out, key, buffer);
}

static bool write_alternative(void *context, const struct at_alternative *alternative)
{
        const struct alternatives *alternatives = context;
        const struct at_question *question = &alternatives->question;
        struct json_writer *out = alternatives->out;

        json_write_object_begin(out);
        if (alternative->kind == AT_MEMBER) {
                const struct at_level *last = &alternative->levels[alternative->n_levels - 1];

                json_write_string_member(out, "path", alternative->path);
                if (question->n_bits == 1)
                        json_write_uint_member(out, "remaining_bits",
                                               question->bit_offset - last->bit_offset);
                else if (last->bitfield_size == 0)
                        json_write_uint_member(out, "remaining",
                                               (question->bit_offset - last->bit_offset) / 8);
        } else {
                json_write_key(out, alternative->kind == AT_HOLE ? "hole" : "padding");
                json_write_object_begin(out);
                write_gap(out, &alternative->gap);
                write_beside(out, "after", alternative->path, alternative->after);
                write_beside(out, "before", alternative->path, alternative->before);
                json_write_object_end(out);
        }
        write_levels(alternatives, alternative);
        json_write_object_end(out);
        return out->error == 0;
}

/* Exactly one of two must be given. */
static bool decode_question(struct rpc_request *request, struct at_question *ret)
{
        const struct rpc_params *params = &request->params;
        bool has_offset = params->given & RPC_SET(OFFSET), has_bit = params->given & RPC_SET(BIT_OFFSET);

        if (!has_offset && !has_bit)
                return rpc_params_refuse(request->reply, "missing parameter", "offset", NULL,
                                         "bytes from the start of the type, or bit_offset instead");
        if (has_offset && has_bit)
                return rpc_params_refuse(request->reply, "parameter", "bit_offset", NULL,
                                         "it without an offset");
        *ret = has_bit ? (struct at_question){params->bit_offset, 1}
                       : (struct at_question){params->offset * 8, 8};
        return true;
}

void method_type_at(struct rpc_request *request)
{
        struct alternatives alternatives = {.out = request->reply->out};
        struct json_writer *out = request->reply->out;
        struct query_error error;
        struct looked_up looked_up;
        struct btf_type composite;

        if (!decode_question(request, &alternatives.question))
                return;
        if (lookup(request->set, &request->params.selector, &looked_up, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        alternatives.btf = looked_up.type.source->btf;
        composite = btf_strip(alternatives.btf, looked_up.type.id);
        alternatives.size = composite.size_or_type;
        reply_result_begin(request->reply);
        json_write_object_begin(out);
        write_composite(out, request, &looked_up, &composite);
        if (alternatives.question.n_bits == 1)
                json_write_uint_member(out, "bit_offset", request->params.bit_offset);
        else
                json_write_uint_member(out, "offset", request->params.offset);
        json_write_key(out, "alternatives");
        json_write_array_begin(out);
        if (at_visit(looked_up.type, alternatives.question, write_alternative, &alternatives, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        json_write_array_end(out);
        write_also(out, &looked_up.also, /* has_path= */ false);
        json_write_object_end(out);
        reply_result_end(request->reply);
}
