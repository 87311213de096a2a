#include "rpc/write_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/type_name.h"

/* Stands for the end of a declaration that is too long. */
#define ELLIPSIS " ..."

/* The text of a declaration, in a buffer with room for ELLIPSIS behind it. */
static void write_declaration(struct json_writer *out, const char *key, struct strbuf *text)
{
        if (text->overflow)
                memcpy(text->data + text->length, ELLIPSIS, sizeof(ELLIPSIS));
        json_write_string_member(out, key, text->data);
}

static void write_pointer_name(struct json_writer *out, const char *key, const struct btf *btf, uint32_t id,
                               uint32_t n_stars)
{
        char buffer[TYPE_NAME_SIZE + sizeof(ELLIPSIS)];
        struct strbuf text;

        strbuf_init(&text, buffer, TYPE_NAME_SIZE);
        type_name_append_pointer(&text, btf, id, n_stars);
        write_declaration(out, key, &text);
}

void write_prototype_text(struct json_writer *out, const char *key, const struct prototype *prototype)
{
        char buffer[TYPE_NAME_SIZE + sizeof(ELLIPSIS)];
        struct strbuf text;

        strbuf_init(&text, buffer, TYPE_NAME_SIZE);
        prototype_append(&text, prototype);
        write_declaration(out, key, &text);
}

void write_type_name(struct json_writer *out, const char *key, const struct btf *btf, uint32_t id)
{
        write_pointer_name(out, key, btf, id, /* n_stars= */ 0);
}

void write_encoding(struct json_writer *out, enum value_encoding encoding)
{
        switch (encoding) {
        case VALUE_NO_ENCODING:
                return;
        case VALUE_SIGNED:
                json_write_string_member(out, "encoding", "signed");
                return;
        case VALUE_UNSIGNED:
                json_write_string_member(out, "encoding", "unsigned");
                return;
        case VALUE_BOOL:
                json_write_string_member(out, "encoding", "bool");
                return;
        case VALUE_CHAR:
                json_write_string_member(out, "encoding", "char");
                return;
        }
}

void write_bitfield(struct json_writer *out, const struct value_bitfield *bitfield)
{
        json_write_key(out, "bitfield");
        json_write_object_begin(out);
        json_write_uint_member(out, "bit_offset", bitfield->bit_offset);
        json_write_uint_member(out, "bit_size", bitfield->bit_size);
        if (bitfield->has_load) {
                json_write_key(out, "load");
                json_write_object_begin(out);
                json_write_uint_member(out, "size", bitfield->load_size);
                json_write_uint_member(out, "lshift", bitfield->lshift);
                json_write_uint_member(out, "rshift", bitfield->rshift);
                json_write_bool_member(out, "signed", bitfield->is_signed);
                json_write_object_end(out);
        }
        json_write_object_end(out);
}

void write_value(struct json_writer *out, const struct btf *btf, const struct value *value, bool is_flexible)
{
        write_pointer_name(out, "type", btf, value->type, value->n_stars);
        json_write_string_member(out, "kind", btf_kind_name(value->base.kind));
        if (value->has_size)
                json_write_uint_member(out, "size", value->size);
        write_encoding(out, value->encoding);
        if (value->base.kind == BTF_KIND_ARRAY) {
                json_write_uint_member(out, "nelems", value->nelems);
                if (value->has_element_size)
                        json_write_uint_member(out, "elem_size", value->element_size);
                if (is_flexible)
                        json_write_bool_member(out, "flexible", true);
        } else if (value->base.kind == BTF_KIND_PTR) {
                write_pointer_name(out, "pointee", btf, value->element,
                                   value->n_stars > 0 ? value->n_stars - 1 : 0);
                if (value->has_element_size)
                        json_write_uint_member(out, "pointee_size", value->element_size);
        }
        if (value->is_bitfield)
                write_bitfield(out, &value->bitfield);
}

void write_enumerator_value(struct json_writer *out, const struct btf *btf, const struct btf_type *type,
                            uint32_t i_value)
{
        uint64_t value = btf_enumerator(btf, type, i_value).value;
        bool is_negative = type->kind_flag && (int64_t)value < 0;
        uint64_t magnitude = is_negative ? 0 - value : value;
        char text[24];

        snprintf(text, sizeof(text), "%s%" PRIu64, is_negative ? "-" : "", magnitude);
        if (magnitude <= VALUE_MAX_BYTES) {
                json_write_key(out, "value");
                json_write_raw(out, text, strlen(text));
        }
        json_write_string_member(out, "value_text", text);
}

void write_values(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        json_write_key(out, "values");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < type->vlen && out->error == 0; i++) {
                json_write_object_begin(out);
                json_write_string_member(out, "name", btf_enumerator(btf, type, i).name);
                write_enumerator_value(out, btf, type, i);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

void write_linkage_name(struct json_writer *out, uint32_t linkage)
{
        static const char *const names[] = {"static", "global", "extern"};

        if (linkage < ARRAY_LENGTH(names))
                json_write_string_member(out, "linkage", names[linkage]);
}

static enum protocol_error error_code(enum query_reason reason)
{
        switch (reason) {
        case QUERY_NAME_NOT_FOUND:
                return PROTOCOL_NAME_NOT_FOUND;
        case QUERY_AMBIGUOUS_NAME:
                return PROTOCOL_AMBIGUOUS_NAME;
        case QUERY_SOURCE_NOT_FOUND:
                return PROTOCOL_SOURCE_NOT_FOUND;
        case QUERY_BAD_PATH:
                return PROTOCOL_BAD_PATH;
        case QUERY_MEMBER_NOT_FOUND:
                return PROTOCOL_MEMBER_NOT_FOUND;
        case QUERY_INDEX_OUT_OF_RANGE:
                return PROTOCOL_INDEX_OUT_OF_RANGE;
        case QUERY_INCOMPLETE_TYPE:
                return PROTOCOL_INCOMPLETE_TYPE;
        case QUERY_OPAQUE_KIND:
                return PROTOCOL_OPAQUE_KIND;
        case QUERY_WRONG_KIND:
                return PROTOCOL_WRONG_KIND;
        case QUERY_OVERFLOW:
                return PROTOCOL_OVERFLOW;
        case QUERY_STALE_ID:
                return PROTOCOL_STALE_ID;
        case QUERY_BTF_UNAVAILABLE:
                return PROTOCOL_BTF_UNAVAILABLE;
        case QUERY_STALE_CURSOR:
                return PROTOCOL_STALE_CURSOR;
        case QUERY_DEADLINE:
                return PROTOCOL_DEADLINE;
        }
        return PROTOCOL_INTERNAL_ERROR;
}

void write_definition(struct json_writer *out, struct query_type definition)
{
        const struct source *source = definition.source;
        struct btf_type type = btf_type(source->btf, definition.id);
        uint64_t bytes;

        json_write_string_member(out, "source", source->name);
        json_write_string_member(out, "kind", btf_kind_name(type.kind));
        if (btf_name(source->btf, &type)[0] != '\0')
                json_write_string_member(out, "name", btf_name(source->btf, &type));
        json_write_uint_member(out, "id", type.id);
        json_write_uint_member(out, "instance", source->instance);
        if (btf_type_size(source->btf, type.id, &bytes) == 0 && bytes <= VALUE_MAX_BYTES)
                json_write_uint_member(out, "size", bytes);
}

static void write_candidate(struct json_writer *out, const struct query_candidate *candidate, bool has_path)
{
        struct btf_type type = btf_type(candidate->type.source->btf, candidate->type.id);

        json_write_object_begin(out);
        write_definition(out, candidate->type);
        /* Nothing else tells functions of one name apart. */
        if (type.kind == BTF_KIND_FUNC)
                write_type_name(out, "type", candidate->type.source->btf, type.size_or_type);
        if (has_path)
                json_write_bool_member(out, "resolves", candidate->resolves);
        if (candidate->has_value)
                write_enumerator_value(out, candidate->type.source->btf, &type, candidate->i_value);
        json_write_object_end(out);
}

static void write_candidates(struct json_writer *out, const char *key,
                             const struct query_candidate *candidates, size_t n_candidates, bool has_path)
{
        json_write_key(out, key);
        json_write_array_begin(out);
        for (size_t i = 0; i < n_candidates; i++)
                write_candidate(out, &candidates[i], has_path);
        json_write_array_end(out);
}

void write_also(struct json_writer *out, const struct found *also, bool has_path)
{
        if (also->n_definitions == 0)
                return;
        json_write_uint_member(out, "also_count", also->n_definitions);
        write_candidates(out, "also", also->candidates, also->n_candidates, has_path);
}

static void write_near(struct json_writer *out, const struct query_error *error)
{
        json_write_key(out, "near");
        json_write_array_begin(out);
        for (size_t i = 0; i < error->n_near; i++) {
                char name[256];
                struct strbuf text;

                strbuf_init(&text, name, sizeof(name));
                strbuf_append(&text, error->near[i].prefix);
                strbuf_append(&text, error->near[i].name);
                json_write_string_n(out, text.data, text.length);
        }
        json_write_array_end(out);
}

const char *query_reason_word(enum query_reason reason)
{
        return protocol_error_reason(error_code(reason));
}

void write_query_error_begin(struct reply *reply, const struct query_error *error, bool has_path)
{
        struct json_writer *out = reply->out;

        if (error->reason == QUERY_DEADLINE) {
                reply_deadline_begin(reply);
                return;
        }
        reply_error_begin(reply, error_code(error->reason), error->message);
        if (error->name)
                reply_echo(reply, "name", error->name,
                           error->name_length > 0 ? error->name_length : strlen(error->name));
        if (error->n_definitions > 0) {
                json_write_uint_member(out, "count", error->n_definitions);
                write_candidates(out, "candidates", error->candidates, error->n_candidates, has_path);
        }
        if (error->component) {
                reply_echo(reply, "component", error->component, error->component_length);
                json_write_uint_member(out, "position", error->position);
                json_write_uint_member(out, "index", error->i_component);
        }
        if (error->in.source)
                write_pointer_name(out, "in", error->in.source->btf, error->in.id, error->in_stars);
        if (error->n_near > 0)
                write_near(out, error);
}

void write_query_error(struct reply *reply, const struct query_error *error, bool has_path)
{
        write_query_error_begin(reply, error, has_path);
        reply_error_end(reply);
}
