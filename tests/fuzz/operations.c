#include "fuzz/operations.h"

#include "btf/btf.h"

uint8_t program_next(struct program *p)
{
        return p->position < p->size ? p->data[p->position++] : 0;
}

/* The next byte as a type, void included. */
uint32_t program_next_type(struct program *p)
{
        uint32_t id = program_next(p) % p->c.n_visible;

        while (!p->c.models[id].is_type)
                id--;
        return p->renamed[id];
}

static uint32_t next_not_void(struct program *p)
{
        uint32_t id = program_next_type(p);

        return id > 0 ? id : 1;
}

/* The next byte as a type that has this kind, at that id or before it; 0 if there is none. */
static uint32_t next_of(struct program *p, enum btf_kind kind)
{
        uint32_t id = program_next(p) % p->c.n_visible;

        while (id > 0 && p->c.models[id].kind != kind)
                id--;
        return p->renamed[id];
}

static void run_int(struct program *p)
{
        static const uint32_t sizes[] = {4, 8, 1, 2, 16, 3, 4, 4};
        static const uint32_t encodings[] = {0, BTF_INT_SIGNED, BTF_INT_CHAR, BTF_INT_BOOL,
                                             BTF_INT_SIGNED | BTF_INT_CHAR};
        uint8_t name = program_next(p), shape = program_next(p);
        uint32_t size = sizes[shape & 7], bits = size * 8, bit_offset = 0;

        if (shape & 128) {
                bits = 1 + program_next(p) % bits;
                bit_offset = program_next(p) % (size * 8 - bits + 1);
        }
        compose_int(&p->c, name, size, bits, bit_offset,
                    encodings[(shape >> 3 & 15) % ARRAY_LENGTH(encodings)]);
}

static void run_pointer(struct program *p)
{
        compose_pointer(&p->c, program_next_type(p));
}

static void run_pointer_waiting(struct program *p)
{
        compose_pointer_waiting(&p->c);
}

static void run_array(struct program *p)
{
        static const uint32_t lengths[] = {0, 1, 2, 7, 255, 1U << 16, (1U << 16) - 1, UINT32_MAX};
        uint32_t type = next_not_void(p);

        compose_array(&p->c, type, lengths[program_next(p) % ARRAY_LENGTH(lengths)]);
}

/* A member without a size is no C, but is what a file may hold. */
static uint32_t next_member_type(struct program *p, bool is_odd)
{
        uint32_t id = next_not_void(p);

        return is_odd || p->c.models[id].has_size ? id : 1;
}

static void run_composite(struct program *p, enum btf_kind kind)
{
        uint8_t name = program_next(p), options = program_next(p);
        uint32_t n_members = options & 7;

        compose_struct(&p->c, name, kind, /* kind_flag= */ options & 8);
        for (uint32_t i = 0; i < n_members; i++) {
                uint8_t member_name = program_next(p), place = program_next(p);
                uint32_t type = next_member_type(p, place & 128);

                compose_member(&p->c, member_name, type, place & 3, place & 64 ? 1 + (place & 63) : 0);
        }
        compose_struct_end(&p->c, (options >> 5) + p->padding, /* takes_waiting= */ options & 16);
}

static void run_struct(struct program *p)
{
        run_composite(p, BTF_KIND_STRUCT);
}

static void run_union(struct program *p)
{
        run_composite(p, BTF_KIND_UNION);
}

static void run_enum(struct program *p)
{
        uint8_t name = program_next(p), options = program_next(p);

        compose_plain(&p->c, name, options & 8 ? BTF_KIND_ENUM64 : BTF_KIND_ENUM,
                      /* kind_flag= */ options & 4, 1U << (options & 3));
        for (uint32_t i = 0; i < (uint32_t)(options >> 4 & 3); i++) {
                uint8_t value_name = program_next(p), value = program_next(p);

                /* Values of all lengths, up to the one that all bits are set in. */
                compose_value(&p->c, value_name, UINT64_MAX >> (value & 63) ^ (value >> 6));
        }
}

static void run_fwd(struct program *p)
{
        uint8_t name = program_next(p);

        compose_plain(&p->c, name, BTF_KIND_FWD, /* kind_flag= */ program_next(p) & 1, /* size= */ 0);
}

static void run_typedef(struct program *p)
{
        uint8_t name = program_next(p);

        compose_modifier(&p->c, name, BTF_KIND_TYPEDEF, /* kind_flag= */ false, program_next_type(p));
}

static void run_qualifier(struct program *p)
{
        static const enum btf_kind kinds[] = {BTF_KIND_CONST, BTF_KIND_VOLATILE, BTF_KIND_RESTRICT,
                                              BTF_KIND_TYPE_TAG};
        uint8_t which = program_next(p);
        bool is_tag = kinds[which & 3] == BTF_KIND_TYPE_TAG;

        compose_modifier(&p->c, is_tag ? which >> 3 : 0, kinds[which & 3], is_tag && which & 4,
                         program_next_type(p));
}

static void run_proto(struct program *p)
{
        uint8_t options = program_next(p);

        compose_proto(&p->c, program_next_type(p));
        for (uint32_t i = 0; i < (options & 7U); i++) {
                uint8_t name = program_next(p);

                compose_param(&p->c, name, program_next_type(p));
        }
        if (options & 8)
                compose_param(&p->c, /* name= */ 0, /* type= */ 0);
}

static void run_func(struct program *p)
{
        uint8_t name = program_next(p), linkage = program_next(p);
        uint32_t proto = next_of(p, BTF_KIND_FUNC_PROTO);

        if (proto > 0)
                compose_func(&p->c, name, proto, linkage % 3);
}

static void run_var(struct program *p)
{
        uint8_t name = program_next(p), linkage = program_next(p);

        compose_var(&p->c, name, next_not_void(p), linkage % 3);
}

static void run_datasec(struct program *p)
{
        uint8_t name = program_next(p), options = program_next(p);
        uint32_t offset = 0, n_variables = options & 7;

        /* A compiler leaves the size 0 for a linker. */
        compose_plain(&p->c, name, BTF_KIND_DATASEC, /* kind_flag= */ false,
                      options & 8 ? 0 : 8 * n_variables);
        for (uint32_t i = 0; i < n_variables; i++) {
                uint32_t var = next_of(p, BTF_KIND_VAR);

                if (var == 0)
                        continue;
                compose_variable(&p->c, var, offset, /* size= */ 8);
                offset += 8;
        }
}

static void run_float(struct program *p)
{
        uint8_t name = program_next(p);

        compose_plain(&p->c, name, BTF_KIND_FLOAT, /* kind_flag= */ false, 2U << program_next(p) % 4);
}

static void run_decl_tag(struct program *p)
{
        static const enum btf_kind kinds[] = {BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_FUNC, BTF_KIND_VAR,
                                              BTF_KIND_TYPEDEF};
        uint8_t name = program_next(p), which = program_next(p);
        uint32_t type = next_of(p, kinds[which % ARRAY_LENGTH(kinds)]);
        bool has_components = which % ARRAY_LENGTH(kinds) <= 2 && p->c.models[type].vlen > 0;

        if (type > 0)
                compose_decl_tag(&p->c, name, type,
                                 has_components ? (int32_t)((which >> 4) % p->c.models[type].vlen) : -1);
}

static void run_opaque(struct program *p)
{
        uint8_t name = program_next(p), options = program_next(p);

        /* A file that nobody can read, now and then. */
        if (p->c.has_layout || options == 255)
                compose_opaque(&p->c, name, COMPOSE_OPAQUE + (options & 1), options >> 1 & 3);
}

void operation_run(struct program *p, uint8_t number)
{
        static void (*const operations[])(struct program * p) = {
                run_int,  run_pointer, run_pointer_waiting, run_array,     run_struct, run_union,
                run_enum, run_fwd,     run_typedef,         run_qualifier, run_proto,  run_func,
                run_var,  run_datasec, run_float,           run_decl_tag,  run_opaque,
        };

        operations[number % ARRAY_LENGTH(operations)](p);
}
