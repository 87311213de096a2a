#include "fuzz/program.h"

#include "btf/btf.h"
#include "fuzz/operations.h"

/* What the first byte of the input says beside the number of modules. */
enum {
        HEADER_SHORT_POINTERS = 8, /* of 4 bytes */
        HEADER_NO_LONG = 16,       /* which leaves btfd to guess that pointers have 8 */
};

/* What the first byte of a file says. */
enum {
        FILE_LAYOUT = 1,
        FILE_LONG_HEADER = 2, /* with zeros behind what is known of it */
};

/* Operations that add several types; see run(). */
enum {
        OP_REPEAT = OPERATION_END,
        OP_DEEP,
        OP_MANY,
        OP_PATCH,
        OP_NUMBERS,
};

/* Of types that no single operation has made, so that they cannot be repeated. */
#define NO_ORIGIN SIZE_MAX

/* Of OP_DEEP. One level more than any bound allows, and some. */
#define MAX_DEEP 40U
/* Of OP_MANY: more than a name may have definitions. */
#define MAX_MANY 70U

/* Again what stands in the input for one type. */
static void repeat_type(struct program *p, uint32_t id, bool renames)
{
        const struct model *model = &p->c.models[id];
        uint32_t n_types = p->c.n_types;

        if (model->origin == NO_ORIGIN || !compose_has_room(&p->c, 1))
                return;
        p->c.origin = p->position = model->origin;
        p->c.n_visible = model->n_visible;
        operation_run(p, (uint8_t)(program_next(p) - 1) % OP_NUMBERS);
        if (renames && p->c.n_types > n_types)
                p->renamed[id] = n_types;
}

/*
 * Some types again. They refer to the same ones as before, or, where these are repeated too, to the new ones. One of them
 * may be left out, or get a few bytes more if it is a struct.
 */
static void run_repeat(struct program *p)
{
        uint32_t first = 1 + program_next(p) % (p->c.n_types - 1), end = first + 1 + program_next(p) % 16;
        uint8_t options = program_next(p);
        uint32_t special = first + (options & 15);
        size_t position = p->position;

        end = end < p->c.n_types ? end : p->c.n_types;
        for (uint32_t id = first; id < end; id++) {
                if (id == special && options & 64)
                        continue;
                p->padding = id == special && options & 32 ? 4 : 0;
                repeat_type(p, id, /* renames= */ options & 16);
        }
        for (uint32_t id = first; id < end; id++)
                p->renamed[id] = id;
        p->padding = 0;
        p->position = position;
}

/* A type around another one. */
static uint32_t wrap(struct compose *c, uint8_t shape, uint32_t inner)
{
        uint8_t name = (uint8_t)c->n_types;
        uint32_t id;

        switch (shape % 7) {
        case 0:
                return compose_modifier(c, name, BTF_KIND_TYPEDEF, /* kind_flag= */ false, inner);
        case 1:
                return compose_modifier(c, /* name= */ 0, BTF_KIND_CONST, /* kind_flag= */ false, inner);
        case 2:
                return compose_pointer(c, inner);
        case 3:
                return compose_array(c, inner > 0 ? inner : 1, /* nelems= */ 1);
        case 4:
                id = compose_proto(c, inner);
                compose_param(c, name, inner);
                return id;
        default:
                /* An unnamed struct in an unnamed struct, or two in a union: members are found through all of them. */
                id = compose_struct(c, /* name= */ 0, shape % 7 == 5 ? BTF_KIND_STRUCT : BTF_KIND_UNION,
                                    /* kind_flag= */ false);
                compose_member(c, name, /* type= */ 1, /* gap= */ 0, /* bits= */ 0);
                for (uint32_t i = 0; i < shape % 7 - 4U; i++)
                        compose_member(c, /* name= */ 0, inner > 0 ? inner : 1, /* gap= */ 0, /* bits= */ 0);
                compose_struct_end(c, /* padding= */ 0, /* takes_waiting= */ false);
                return id;
        }
}

static void run_deep(struct program *p)
{
        uint8_t shape = program_next(p), n = program_next(p) % MAX_DEEP;
        uint32_t id = program_next_type(p);

        for (uint32_t i = 0; i < n && compose_has_room(&p->c, 1); i++)
                id = wrap(&p->c, shape, id);
        /* What is so deep is of use only where a path can begin. */
        if (compose_has_room(&p->c, 1))
                compose_modifier(&p->c, /* name= */ 1, BTF_KIND_TYPEDEF, /* kind_flag= */ false, id);
}

/* A name many times: different each time, or the same. */
static void run_many(struct program *p)
{
        uint8_t name = program_next(p), n = program_next(p) % MAX_MANY, step = program_next(p) % 3;

        for (uint32_t i = 0; i < n && compose_has_room(&p->c, 1); i++) {
                compose_struct(&p->c, name, BTF_KIND_STRUCT, /* kind_flag= */ false);
                compose_member(&p->c, /* name= */ 1, /* type= */ 1, step * i, /* bits= */ 0);
                compose_struct_end(&p->c, /* padding= */ 0, /* takes_waiting= */ false);
        }
}

/* A word of a type of the file as somebody who means ill would have it. */
static void run_patch(struct program *p)
{
        static const uint32_t extremes[] = {0x7fffffff, 0x80000000, 0xffffffff, 0xffffff, 0x1000000, 0x10000};
        uint32_t n_own = p->c.n_types - p->c.n_base;
        uint32_t id = p->c.n_base + program_next(p) % (n_own > 0 ? n_own : 1);
        uint8_t i_word = program_next(p), value = program_next(p);

        if (n_own == 0)
                return;
        btf_builder_set_word(p->c.b, id, i_word % p->c.models[id].n_words,
                             value >= 250 ? extremes[value - 250] : value);
        p->c.is_valid = false;
}

static void run_file(struct program *p)
{
        uint8_t byte;

        while (compose_has_room(&p->c, 1)) {
                p->c.origin = p->position;
                p->c.n_visible = p->c.n_types;
                byte = program_next(p);
                if (byte == 0)
                        return;
                byte = (uint8_t)(byte - 1) % OP_NUMBERS;
                if (byte < OPERATION_END) {
                        operation_run(p, byte);
                        continue;
                }
                p->c.origin = NO_ORIGIN;
                if (byte == OP_REPEAT)
                        run_repeat(p);
                else if (byte == OP_DEEP)
                        run_deep(p);
                else if (byte == OP_MANY)
                        run_many(p);
                else
                        run_patch(p);
        }
}

/* Every vmlinux has an `int`, so that there always is a type to refer to, and mostly something that is as long as a pointer. */
static void begin_vmlinux(struct compose *c, bool has_long)
{
        c->origin = NO_ORIGIN;
        compose_int(c, /* name= */ 10, 4, 32, 0, BTF_INT_SIGNED);
        if (has_long)
                compose_int(c, /* name= */ 13, c->pointer_size, c->pointer_size * 8, 0, 0);
}

static void set_options(struct btf_builder *b, uint8_t options)
{
        if (options & FILE_LAYOUT) {
                btf_builder_layout_kind(b, COMPOSE_OPAQUE, /* info_sz= */ 4, /* elem_sz= */ 8);
                btf_builder_layout_kind(b, COMPOSE_OPAQUE + 1, /* info_sz= */ 4, /* elem_sz= */ 8);
        }
        if (options & FILE_LONG_HEADER)
                btf_builder_header_length(b, BTF_HEADER_LAYOUT_LENGTH + 8);
}

/* Writes a file: vmlinux if there is none yet. */
static void build_file(struct program *p, struct btf_builder *b, bool is_module, bool has_long)
{
        uint8_t options = program_next(p);

        compose_begin(&p->c, b, is_module);
        set_options(b, options);
        p->c.has_layout = p->c.has_layout || options & FILE_LAYOUT;
        if (!is_module)
                begin_vmlinux(&p->c, has_long);
        run_file(p);
}

void program_build(const uint8_t *data, size_t size, bool foreign, struct program_kernel *ret)
{
        struct program p = {.data = data, .size = size, .c.is_valid = true};
        struct btf_builder *vmlinux = btf_builder_new();
        uint8_t header = program_next(&p);
        bool has_long = !(header & HEADER_NO_LONG), is_base_valid, has_base_layout;

        for (uint32_t i = 0; i < ARRAY_LENGTH(p.renamed); i++)
                p.renamed[i] = i;
        p.c.pointer_size = !has_long ? sizeof(void *) : header & HEADER_SHORT_POINTERS ? 4 : 8;
        if (foreign)
                btf_builder_foreign(vmlinux);
        build_file(&p, vmlinux, /* is_module= */ false, has_long);
        is_base_valid = p.c.is_valid;
        has_base_layout = p.c.has_layout;
        p.c.n_base = p.c.n_types;
        ret->n_files = 1;
        ret->images[0] = btf_builder_finish(vmlinux);
        ret->files[0].must_load = is_base_valid;
        for (; ret->n_files <= (header & 7) % (PROGRAM_MAX_MODULES + 1); ret->n_files++) {
                struct btf_builder *b = btf_builder_new_split(vmlinux);

                p.c.is_valid = is_base_valid;
                p.c.has_layout = has_base_layout;
                build_file(&p, b, /* is_module= */ true, has_long);
                ret->images[ret->n_files] = btf_builder_steal(b);
                ret->files[ret->n_files].must_load = p.c.is_valid;
        }
        for (size_t i = 0; i < ret->n_files; i++) {
                ret->files[i].data = ret->images[i].data;
                ret->files[i].size = ret->images[i].size;
        }
        btf_builder_free(vmlinux);
}

void program_kernel_deinit(struct program_kernel *kernel)
{
        for (size_t i = 0; i < kernel->n_files; i++)
                btf_image_free(&kernel->images[i]);
}
