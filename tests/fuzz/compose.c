#include "fuzz/compose.h"

#include <string.h>

#include "btf/base_type.h"
#include "btf/btf.h"
#include "index/name_index.h"

const char *compose_name(uint8_t name)
{
        static const char *const names[COMPOSE_N_NAMES] = {
                "",
                "a",
                "b",
                "c",
                "foo",
                "bar",
                "state",
                "__state",
                "list_head",
                "next",
                "int",
                "char",
                "unsigned long",
                "long unsigned int",
                "unsigned int",
                "u32",
                "enum",
                /* What no C compiler writes, but a file may hold. */
                "foo ",
                "struct foo",
                "x y",
                "\xc3\xa9t\xc3\xa9",
                "\"\\\n",
                "\xff\x80",
                "0",
        };

        return names[name % COMPOSE_N_NAMES];
}

void compose_begin(struct compose *c, struct btf_builder *b, bool is_module)
{
        if (!is_module) {
                c->models[0] = (struct model){.kind = BTF_KIND_VOID, .is_type = true};
                c->n_base = c->n_types = 1;
        } else {
                c->n_types = c->n_base;
        }
        c->b = b;
        c->n_waiting = 0;
        memset(c->n_named, 0, sizeof(c->n_named));
}

bool compose_has_room(const struct compose *c, uint32_t n_types)
{
        return c->n_types - c->n_base + n_types <= COMPOSE_MAX_TYPES;
}

static struct model *last(struct compose *c)
{
        return &c->models[c->n_types - 1];
}

static struct model *record(struct compose *c, uint8_t name, uint32_t kind, bool kind_flag, uint32_t vlen,
                            uint32_t size_or_type)
{
        uint32_t id = btf_builder_record(c->b, compose_name(name), kind, kind_flag, vlen, size_or_type);

        /* Tags have no place in the index of names. */
        if (kind != BTF_KIND_DECL_TAG && kind != BTF_KIND_TYPE_TAG && name % COMPOSE_N_NAMES != 0 &&
            ++c->n_named[name % COMPOSE_N_NAMES] > NAME_INDEX_MAX_DEFINITIONS)
                c->is_valid = false;
        c->models[id] = (struct model){
                .kind = kind < COMPOSE_OPAQUE ? (enum btf_kind)kind : BTF_KIND_OPAQUE,
                .origin = c->origin,
                .n_visible = c->n_visible,
                .n_words = 3,
                .vlen = vlen,
                .n_elements = 1,
                .stripped = id,
                .is_type = kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
                           kind != BTF_KIND_DECL_TAG,
        };
        c->n_types = id + 1;
        return last(c);
}

static void word(struct compose *c, uint32_t value)
{
        btf_builder_word(c->b, value);
        last(c)->n_words++;
}

static uint32_t max(uint32_t a, uint32_t b)
{
        return a > b ? a : b;
}

/* Notes that the last type holds one of `type` by value. */
static void embed(struct compose *c, uint32_t type)
{
        uint32_t depth = c->models[c->models[type].stripped].embedding + 1;

        last(c)->embedding = max(last(c)->embedding, depth);
        if (depth > BTF_MAX_EMBEDDING)
                c->is_valid = false;
}

/* Notes that the last type, a pointer, an array or a prototype, is declared with `type`. */
static void declare(struct compose *c, uint32_t type)
{
        uint32_t depth = c->models[type].declarator + 1;

        last(c)->declarator = max(last(c)->declarator, depth);
        if (depth > BTF_MAX_DECLARATOR)
                c->is_valid = false;
}

/* `long` tells how large pointers are, which are in use already. */
static bool is_long(const char *name)
{
        const char *const *spellings = base_type_spellings(name, strlen(name));

        return spellings && spellings[1] && string_equal(spellings[1], "unsigned long");
}

uint32_t compose_int(struct compose *c, uint8_t name, uint32_t size, uint32_t bits, uint32_t bit_offset,
                     uint32_t encoding)
{
        struct model *model;

        if (c->n_base == 1 && is_long(compose_name(name))) {
                size = c->pointer_size;
                bits = size * 8;
                bit_offset = 0;
        }
        model = record(c, name, BTF_KIND_INT, false, 0, size);
        word(c, encoding << 24 | bit_offset << 16 | bits);
        model->has_size = true;
        model->size = size;
        return c->n_types - 1;
}

uint32_t compose_plain(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag, uint32_t size)
{
        struct model *model = record(c, name, kind, kind_flag, 0, size);

        model->has_size = kind != BTF_KIND_FWD;
        model->size = size;
        return c->n_types - 1;
}

uint32_t compose_modifier(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag, uint32_t type)
{
        const struct model *target = &c->models[type];
        struct model *model = record(c, name, kind, kind_flag, 0, type);

        model->stripped = target->stripped;
        model->has_size = target->has_size;
        model->size = target->size;
        model->n_elements = target->n_elements;
        model->chain = target->chain + 1;
        /* A typedef's name ends a declaration. */
        model->declarator = kind == BTF_KIND_TYPEDEF ? 0 : target->declarator;
        if (model->chain > BTF_MAX_CHAIN)
                c->is_valid = false;
        return c->n_types - 1;
}

uint32_t compose_pointer(struct compose *c, uint32_t type)
{
        struct model *model = record(c, 0, BTF_KIND_PTR, false, 0, type);

        model->has_size = true;
        model->size = c->pointer_size;
        declare(c, type);
        return c->n_types - 1;
}

uint32_t compose_pointer_waiting(struct compose *c)
{
        uint32_t id = compose_pointer(c, 0);

        if (c->n_waiting < COMPOSE_MAX_WAITING)
                c->waiting[c->n_waiting++] = id;
        return id;
}

uint32_t compose_array(struct compose *c, uint32_t type, uint32_t nelems)
{
        const struct model *element = &c->models[type];
        struct model *model = record(c, 0, BTF_KIND_ARRAY, false, 0, 0);

        word(c, type);
        word(c, 1); /* of every base the first type is `int` */
        word(c, nelems);
        model->has_size = element->has_size;
        model->size = element->size * nelems;
        /* The loader counts elements even where they have no size. */
        if (__builtin_mul_overflow(element->n_elements, nelems > 0 ? nelems : 1, &model->n_elements) ||
            model->size > BTF_MAX_TYPE_BYTES)
                c->is_valid = false;
        embed(c, type);
        declare(c, type);
        return c->n_types - 1;
}

uint32_t compose_proto(struct compose *c, uint32_t return_type)
{
        record(c, 0, BTF_KIND_FUNC_PROTO, false, 0, return_type);
        declare(c, return_type);
        return c->n_types - 1;
}

uint32_t compose_func(struct compose *c, uint8_t name, uint32_t proto, uint32_t linkage)
{
        struct model *model = record(c, name, BTF_KIND_FUNC, false, linkage, proto);

        model->vlen = c->models[proto].vlen;
        return c->n_types - 1;
}

uint32_t compose_var(struct compose *c, uint8_t name, uint32_t type, uint32_t linkage)
{
        record(c, name, BTF_KIND_VAR, false, 0, type);
        word(c, linkage);
        return c->n_types - 1;
}

uint32_t compose_decl_tag(struct compose *c, uint8_t name, uint32_t type, int32_t component)
{
        record(c, name, BTF_KIND_DECL_TAG, false, 0, type);
        word(c, (uint32_t)component);
        return c->n_types - 1;
}

uint32_t compose_opaque(struct compose *c, uint8_t name, uint32_t kind, uint32_t vlen)
{
        record(c, name, kind, false, vlen, /* size_or_type= */ vlen * 3);
        for (uint32_t i = 0; i < 1 + 2 * vlen; i++)
                word(c, i);
        if (!c->has_layout)
                c->is_valid = false;
        return c->n_types - 1;
}

uint32_t compose_struct(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag)
{
        record(c, name, kind, kind_flag, 0, 0)->has_size = true;
        c->position = c->end = 0;
        /* What holds nothing is one level all the same. */
        last(c)->embedding = 1;
        c->is_flagged = kind_flag;
        return c->n_types - 1;
}

void compose_param(struct compose *c, uint8_t name, uint32_t type)
{
        btf_builder_param(c->b, compose_name(name), type);
        last(c)->vlen++;
        last(c)->n_words += 2;
        declare(c, type);
}

void compose_value(struct compose *c, uint8_t name, uint64_t value)
{
        btf_builder_value(c->b, compose_name(name), value);
        last(c)->vlen++;
        last(c)->n_words += last(c)->kind == BTF_KIND_ENUM64 ? 3 : 2;
}

void compose_variable(struct compose *c, uint32_t var, uint32_t offset, uint32_t size)
{
        btf_builder_secinfo(c->b, var, offset, size);
        last(c)->vlen++;
        last(c)->n_words += 3;
}

/* How many bits of the type a bitfield may have; 0 if it can be none. */
static uint32_t bitfield_bits(const struct compose *c, uint32_t type)
{
        const struct model *base = &c->models[c->models[type].stripped];

        if (!c->is_flagged || (base->kind != BTF_KIND_INT && !btf_kind_is_enum(base->kind)))
                return 0;
        return (uint32_t)base->size * 8;
}

void compose_member(struct compose *c, uint8_t name, uint32_t type, uint32_t gap, uint32_t bits)
{
        const struct model *model = &c->models[type];
        uint32_t most = bitfield_bits(c, type);
        uint64_t n_bits = model->has_size ? model->size * 8 : 0;
        uint64_t at;

        bits = most > 0 && bits > 0 ? 1 + (bits - 1) % most : 0;
        at = bits > 0 ? c->position : (c->position + 7) / 8 * 8 + gap * 8;
        n_bits = bits > 0 ? bits : n_bits;
        if (last(c)->kind == BTF_KIND_UNION)
                at = 0;
        if (at > (c->is_flagged ? 0xffffffU : UINT32_MAX) || (at + n_bits) / 8 >= BTF_MAX_TYPE_BYTES)
                return;
        btf_builder_member(c->b, compose_name(name), type, (uint32_t)at, bits);
        last(c)->vlen++;
        last(c)->n_words += 3;
        embed(c, type);
        c->position = at + n_bits;
        c->end = c->end > c->position ? c->end : c->position;
}

void compose_struct_end(struct compose *c, uint32_t padding, bool takes_waiting)
{
        uint64_t size = (c->end + 7) / 8 + padding;
        uint32_t id = c->n_types - 1;

        size = size <= BTF_MAX_TYPE_BYTES ? size : BTF_MAX_TYPE_BYTES;
        last(c)->size = size;
        btf_builder_set_word(c->b, id, 2, (uint32_t)size);
        for (uint32_t i = 0; takes_waiting && i < c->n_waiting; i++)
                btf_builder_set_word(c->b, c->waiting[i], 2, id);
        c->n_waiting = takes_waiting ? 0 : c->n_waiting;
}
