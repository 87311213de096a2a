/*
 * Once it is known what the distilled types are in the base, the words of the split BTF that hold ids and name offsets
 * are rewritten in a copy of its bytes.
 */
#include "files/relocate.h"

#include <assert.h>
#include <byteswap.h>
#include <errno.h>
#include <inttypes.h>

#include "btf/header.h"
#include "files/distilled.h"

struct relocation {
        const struct btf *split, *base;
        struct distilled_map map;
        uint8_t *data; /* owned; the split BTF's bytes, being rewritten */
};

static void relocation_deinit(struct relocation *relocation)
{
        distilled_map_deinit(&relocation->map);
        free(relocation->data);
}

static void store(struct relocation *relocation, size_t at, uint32_t value)
{
        memcpy(relocation->data + at, &value, sizeof(value));
}

static void rewrite_id(struct relocation *relocation, size_t at)
{
        uint32_t id = btf_load_u32(relocation->split, at);

        if (id >= relocation->split->start_id)
                store(relocation, at, id - relocation->split->start_id + relocation->base->n_types);
        else
                store(relocation, at, distilled_map_id(&relocation->map, id));
}

static int rewrite_name(struct relocation *relocation, size_t at, struct files_error *error)
{
        const struct btf *split = relocation->split;
        uint32_t name = btf_load_u32(split, at);

        if (name >= split->strings_start)
                name = name - split->strings_start + relocation->base->strings_end;
        else if (name != 0 && !distilled_map_name(&relocation->map, btf_string(split, name), &name))
                return files_error_set(error, FILES_ERROR_UNMAPPED_NAME, FILES_PLACE_BTF, at,
                                       "the name '%.100s' is in the distilled base, but of no type there",
                                       btf_string(split, name));
        store(relocation, at, name);
        return 0;
}

/* The vlen entries of a type's tail; `type_at` is where in an entry its id stands, 0 if there is none. */
static int rewrite_entries(struct relocation *relocation, const struct btf_type *type, uint32_t length,
                           uint32_t type_at, struct files_error *error)
{
        int r = 0;

        for (uint32_t i = 0; i < type->vlen && r == 0; i++) {
                size_t at = btf_entry(type, i, length);

                r = rewrite_name(relocation, at, error);
                if (type_at > 0)
                        rewrite_id(relocation, at + type_at);
        }
        return r;
}

static int rewrite_tail(struct relocation *relocation, const struct btf_type *type, struct files_error *error)
{
        switch (type->kind) {
        case BTF_KIND_PTR:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_FUNC:
        case BTF_KIND_VAR:
        case BTF_KIND_DECL_TAG:
                rewrite_id(relocation, btf_type_word(type));
                return 0;
        case BTF_KIND_FUNC_PROTO:
                rewrite_id(relocation, btf_type_word(type));
                return rewrite_entries(relocation, type, BTF_PARAM_LENGTH, BTF_PARAM_TYPE, error);
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                return rewrite_entries(relocation, type, BTF_MEMBER_LENGTH, BTF_MEMBER_TYPE, error);
        case BTF_KIND_ENUM:
                return rewrite_entries(relocation, type, BTF_ENUM_LENGTH, /* type_at= */ 0, error);
        case BTF_KIND_ENUM64:
                return rewrite_entries(relocation, type, BTF_ENUM64_LENGTH, /* type_at= */ 0, error);
        case BTF_KIND_ARRAY:
                rewrite_id(relocation, type->tail);
                rewrite_id(relocation, type->tail + BTF_ARRAY_INDEX_TYPE);
                return 0;
        case BTF_KIND_DATASEC:
                for (uint32_t i = 0; i < type->vlen; i++)
                        rewrite_id(relocation, btf_entry(type, i, BTF_SECINFO_LENGTH));
                return 0;
        case BTF_KIND_OPAQUE:
                return files_error_set(error, FILES_ERROR_UNKNOWN_KIND, FILES_PLACE_BTF,
                                       type->tail - BTF_RECORD_LENGTH,
                                       "type %" PRIu32 " has kind %" PRIu32
                                       ", of which it is not known where ids and names stand",
                                       type->id, btf_kind_number(relocation->split, type));
        case BTF_KIND_INT:
        case BTF_KIND_FLOAT:
        case BTF_KIND_FWD:
        case BTF_KIND_VOID:
                return 0;
        }
        return 0;
}

static int rewrite(struct relocation *relocation, struct files_error *error)
{
        const struct btf *split = relocation->split;
        int r = 0;

        relocation->data = malloc(split->size);
        if (!relocation->data)
                return -ENOMEM;
        memcpy(relocation->data, split->data, split->size);
        for (uint32_t id = split->start_id; id < split->n_types && r == 0; id++) {
                struct btf_type type = btf_type(split, id);

                r = rewrite_name(relocation, type.tail - BTF_RECORD_LENGTH, error);
                if (r == 0)
                        r = rewrite_tail(relocation, &type, error);
        }
        return r;
}

/* A loaded file's types are in this machine's byte order, the rest of its bytes are as they were. */
static void restore_byte_order(struct relocation *relocation)
{
        const struct btf *split = relocation->split;
        struct btf_header header;
        struct btf_error error;
        size_t begin;
        int r;

        r = btf_header_parse(&header, split->data, split->size, /* is_split= */ true, &error);
        assert(r == 0); /* as when it was loaded */
        begin = btf_section_begin(&header, &header.types);
        for (size_t at = begin; r == 0 && at < begin + header.types.length; at += sizeof(uint32_t)) {
                uint32_t word;

                memcpy(&word, relocation->data + at, sizeof(word));
                store(relocation, at, bswap_32(word));
        }
}

int files_relocate(uint8_t **ret_data, const struct btf *split, const struct btf *base,
                   struct files_error *ret_error)
{
        CLEANUP(relocation_deinit) struct relocation relocation = {.split = split, .base = base};
        int r;

        assert(split->base && !base->base);
        if (split->big_endian != base->big_endian)
                return files_error_set(ret_error, FILES_ERROR_OTHER_ENDIAN, FILES_PLACE_BTF, 0,
                                       "%s-endian on a %s-endian base: types of another kernel mean nothing",
                                       split->big_endian ? "big" : "little",
                                       base->big_endian ? "big" : "little");
        r = distilled_map_init(&relocation.map, split, base, ret_error);
        if (r == 0)
                r = rewrite(&relocation, ret_error);
        if (r != 0)
                return r;
        if (split->swapped)
                restore_byte_order(&relocation);
        *ret_data = STEAL(relocation.data);
        return 0;
}
