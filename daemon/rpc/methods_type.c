/*
 * Methods about types: type.get.
 *
 * Loops over what a type holds end with the writer's first error: once a reply is too large, nothing more is rendered.
 */
#include "query/copies.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

static void write_name(struct json_writer *out, const char *name)
{
        if (name[0] != '\0')
                json_write_string_member(out, "name", name);
}

/* A reference to another type: its C name, and its id for a further question. */
static void write_reference(struct json_writer *out, const struct btf *btf, uint32_t id)
{
        write_type_name(out, "type", btf, id);
        json_write_uint_member(out, "type_id", id);
}

static void write_member(struct json_writer *out, const struct btf *btf, const struct btf_type *type,
                         uint32_t i)
{
        struct btf_member member = btf_member(btf, type, i);
        uint64_t offset = member.bit_offset / 8;
        struct value value = value_of(btf, member.type);
        bool is_flexible;

        if (member.bitfield_size > 0)
                offset = value_place_bitfield(&value, btf, member.bit_offset, member.bitfield_size,
                                              type->size_or_type);
        is_flexible = value.base.kind == BTF_KIND_ARRAY && value.nelems == 0 && i + 1 == type->vlen;
        json_write_object_begin(out);
        write_name(out, member.name);
        json_write_uint_member(out, "offset", offset);
        write_value(out, btf, &value, is_flexible);
        json_write_uint_member(out, "type_id", member.type);
        json_write_object_end(out);
}

static void write_members(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        json_write_key(out, "members");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < type->vlen && out->error == 0; i++)
                write_member(out, btf, type, i);
        json_write_array_end(out);
}

static void write_prototype(struct json_writer *out, const struct btf *btf, const struct btf_type *proto)
{
        write_type_name(out, "returns", btf, proto->size_or_type);
        json_write_key(out, "params");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < proto->vlen && out->error == 0; i++) {
                struct btf_param param = btf_param(btf, proto, i);
                bool is_variadic = i + 1 == proto->vlen && param.type == 0;

                json_write_object_begin(out);
                write_name(out, param.name);
                if (is_variadic)
                        json_write_string_member(out, "type", "...");
                else
                        write_type_name(out, "type", btf, param.type);
                json_write_uint_member(out, "type_id", param.type);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

static void write_variables(struct json_writer *out, const struct btf *btf, const struct btf_type *section)
{
        json_write_key(out, "variables");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < section->vlen && out->error == 0; i++) {
                struct btf_secinfo info = btf_secinfo(btf, section, i);
                struct btf_type variable = btf_type(btf, info.type);

                json_write_object_begin(out);
                json_write_string_member(out, "name", btf_name(btf, &variable));
                write_type_name(out, "type", btf, variable.size_or_type);
                json_write_uint_member(out, "type_id", variable.size_or_type);
                json_write_uint_member(out, "id", variable.id);
                json_write_uint_member(out, "offset", info.offset);
                json_write_uint_member(out, "size", info.size);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

static void write_array(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        struct btf_array array = btf_array(btf, type);

        write_type_name(out, "type", btf, type->id);
        json_write_uint_member(out, "type_id", array.type);
        json_write_uint_member(out, "nelems", array.nelems);
}

static void write_function(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        struct btf_type proto = btf_type(btf, type->size_or_type);

        write_reference(out, btf, proto.id);
        write_linkage_name(out, type->vlen);
        write_prototype(out, btf, &proto);
}

static void write_decl_tag(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        write_reference(out, btf, type->size_or_type);
        json_write_key(out, "component_idx");
        json_write_int(out, (int32_t)btf_word(btf, type));
}

static void write_contents(struct json_writer *out, const struct btf *btf, const struct btf_type *type);

static void write_modifier(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        struct btf_type target = btf_strip(btf, type->id);

        write_reference(out, btf, type->size_or_type);
        /* An unnamed struct can be asked for by this name only, so its members are what is wanted. */
        if (!btf_has_name(btf, &target) &&
            (btf_kind_is_composite(target.kind) || btf_kind_is_enum(target.kind)))
                write_contents(out, btf, &target);
}

/* What hangs below the type itself. */
static void write_contents(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        switch (type->kind) {
        case BTF_KIND_INT:
                json_write_uint_member(out, "bits", BTF_INT_BITS(btf_word(btf, type)));
                break;
        case BTF_KIND_PTR:
                write_type_name(out, "type", btf, type->id);
                json_write_uint_member(out, "type_id", type->size_or_type);
                break;
        case BTF_KIND_ARRAY:
                write_array(out, btf, type);
                break;
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                write_members(out, btf, type);
                break;
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                write_values(out, btf, type);
                break;
        case BTF_KIND_FWD:
                json_write_string_member(out, "declares", type->kind_flag ? "union" : "struct");
                break;
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
                write_modifier(out, btf, type);
                break;
        case BTF_KIND_FUNC:
                write_function(out, btf, type);
                break;
        case BTF_KIND_FUNC_PROTO:
                write_type_name(out, "type", btf, type->id);
                write_prototype(out, btf, type);
                break;
        case BTF_KIND_VAR:
                write_reference(out, btf, type->size_or_type);
                write_linkage_name(out, btf_word(btf, type));
                break;
        case BTF_KIND_DATASEC:
                write_variables(out, btf, type);
                break;
        case BTF_KIND_DECL_TAG:
                write_decl_tag(out, btf, type);
                break;
        case BTF_KIND_OPAQUE:
                json_write_uint_member(out, "kind_number", btf_kind_number(btf, type));
                break;
        case BTF_KIND_FLOAT:
        case BTF_KIND_VOID:
                break;
        }
}

static void write_type(struct json_writer *out, const struct snapshot *snapshot,
                       const struct looked_up *looked_up)
{
        const struct query_type asked = looked_up->type;
        const struct btf *btf = asked.source->btf;
        struct btf_type type = btf_type(btf, asked.id);
        struct value value = value_of(btf, asked.id);

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        json_write_string_member(out, "source", asked.source->name);
        json_write_uint_member(out, "instance", asked.source->instance);
        json_write_uint_member(out, "id", type.id);
        json_write_string_member(out, "kind", btf_kind_name(type.kind));
        write_name(out, btf_name(btf, &type));
        if (value.has_size)
                json_write_uint_member(out, "size", value.size);
        write_encoding(out, value.encoding);
        if (value.has_element_size)
                json_write_uint_member(out, value.base.kind == BTF_KIND_ARRAY ? "elem_size" : "pointee_size",
                                       value.element_size);
        write_contents(out, btf, &type);
        write_also(out, &looked_up->also, /* has_path= */ false);
        json_write_object_end(out);
}

void method_type_get(struct rpc_request *request)
{
        struct query_error error;
        struct looked_up looked_up;

        if (lookup_members(request->set, &request->params.selector, &looked_up, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        write_type(request->reply->out, request->snapshot, &looked_up);
        reply_result_end(request->reply);
}
