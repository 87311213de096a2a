/*
 * Types that compilers describe, against what these compilers say of the same C: sizes, offsets, elements, enumerators.
 * data/shapes.h has the types, and lists of what is in them.
 */
#include <string.h>

#include "support/compiled.h"

static void pointers_are_as_wide_as_the_abi_s(const struct compiled *c)
{
        assert_int_equal(c->source.btf->pointer_size, c->abi == ABI_m32 ? 4 : sizeof(void *));
}

static void types_have_the_compiler_s_sizes(const struct compiled *c)
{
        static const struct {
                const char *tag, *type;
        } types[] = {
#define X(tag, type) {#tag, #type},
                SHAPES_TYPES(X)
#undef X
        };

        for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
                uint64_t bytes;

                assert_int_equal(btf_type_size(c->source.btf,
                                               compiled_find(c, types[i].tag, types[i].type).id, &bytes),
                                 0);
                compiled_check(bytes, c->table->sizes[i], "size", types[i].type, "");
        }
}

/* What a producer makes of an integer type. */
static enum value_encoding expected_encoding(const struct compiled *c, unsigned int compiler_s,
                                             enum btf_kind kind)
{
        bool is_enum = btf_kind_is_enum(kind);
        bool is_gcc = c->producer == PRODUCER_gcc;

        switch ((enum shapes_encoding)compiler_s) {
        case SHAPES_OTHER:
                return VALUE_NO_ENCODING;
        case SHAPES_BOOL:
                return VALUE_BOOL;
        case SHAPES_SIGNED_CHAR:
                return is_gcc && !is_enum ? VALUE_CHAR : VALUE_SIGNED; /* pahole never marks characters */
        case SHAPES_UNSIGNED_CHAR:
                return is_gcc && !is_enum ? VALUE_CHAR : VALUE_UNSIGNED;
        case SHAPES_SIGNED:
                /* gcc 12 says of no enum that it is signed, as the format could not until Linux 6.0. */
                return is_gcc && is_enum && __GNUC__ < 13 ? VALUE_UNSIGNED : VALUE_SIGNED;
        case SHAPES_UNSIGNED:
                return VALUE_UNSIGNED;
        }
        return VALUE_NO_ENCODING;
}

/* gcc gives the `long double` of i386, which has 12 bytes, 16 of them. */
static uint64_t expected_size(const struct compiled *c, unsigned int compiler_s, const struct value *value)
{
        if (c->producer == PRODUCER_gcc && value->base.kind == BTF_KIND_FLOAT && compiler_s == 12)
                return 16;
        return compiler_s;
}

static void fields_lie_where_the_compiler_puts_them(const struct compiled *c)
{
        static const struct {
                const char *tag, *type, *path;
        } fields[] = {
#define X(tag, type, path) {#tag, #type, #path},
                SHAPES_FIELDS(X)
#undef X
        };

        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
                const struct shapes_field *expected = &c->table->fields[i];
                const char *type = fields[i].type, *path = fields[i].path;
                struct plan plan = compiled_resolve(c, fields[i].tag, type, path);

                assert_int_equal(plan.n_steps, 1);
                assert_false(plan.value.is_bitfield);
                assert_true(plan.value.has_size);
                compiled_check((uint64_t)plan.steps[0].offset, expected->offset, "offset", type, path);
                compiled_check(plan.value.size, expected_size(c, expected->size, &plan.value), "size", type,
                               path);
                compiled_check(plan.value.encoding,
                               expected_encoding(c, expected->encoding, plan.value.base.kind), "encoding",
                               type, path);
        }
}

static void indices_step_over_the_compiler_s_elements(const struct compiled *c)
{
        static const struct {
                const char *type, *path;
        } elements[] = {
#define X(type, path) {#type, #path},
                SHAPES_ELEMENTS(X)
#undef X
        };

        for (size_t i = 0; i < ARRAY_LENGTH(elements); i++) {
                const char *type = elements[i].type, *path = elements[i].path;
                struct value value = compiled_resolve(c, "struct", type, path).value;

                assert_true(value.has_element && value.has_element_size);
                compiled_check(value.element_size, c->table->elements[i].size, "element size", type, path);
        }
}

static void pointers_lead_where_the_compiler_s_lead(const struct compiled *c)
{
        static const struct {
                const char *type, *path, *indexed_path;
        } paths[] = {
#define X(type, pointer, pointee, path) {#type, #pointer "->" #path, #pointer "[3]." #path},
                SHAPES_POINTER_PATHS(X)
#undef X
        };

        for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
                const struct shapes_pointer_path *expected = &c->table->pointer_paths[i];
                const char *type = paths[i].type;
                struct plan plan = compiled_resolve(c, "struct", type, paths[i].path);
                struct plan indexed = compiled_resolve(c, "struct", type, paths[i].indexed_path);

                assert_int_equal(plan.n_steps, 2);
                compiled_check((uint64_t)plan.steps[0].offset, expected->offset, "pointer", type,
                               paths[i].path);
                compiled_check((uint64_t)plan.steps[1].offset, expected->offset_there, "offset", type,
                               paths[i].path);
                assert_int_equal(indexed.n_steps, 2);
                compiled_check((uint64_t)indexed.steps[1].offset,
                               3 * expected->pointee_size + expected->offset_there, "offset", type,
                               paths[i].indexed_path);
        }
}

static void forward_declarations_have_no_size(const struct compiled *c)
{
        assert_false(compiled_resolve(c, "struct", "shape_pointers", "later").value.has_element_size);
        assert_false(compiled_resolve(c, "struct", "shape_pointers", "either").value.has_element_size);
        /* kind_flag tells a union's. */
        assert_false(compiled_find(c, "fwd", "shape_later").kind_flag);
        assert_true(compiled_find(c, "fwd", "shape_later_union").kind_flag);
}

static void only_flexible_arrays_are_flexible(const struct compiled *c)
{
        assert_true(compiled_resolve(c, "struct", "shape_flexible", "items").is_flexible);
        assert_false(compiled_resolve(c, "struct", "shape_arrays", "none").is_flexible);
        assert_false(compiled_resolve(c, "struct", "shape_arrays", "grid").is_flexible);
}

/* Of `int grid[2][3]`, pahole writes one array of six, and gcc 12 an `int[3][2]`. */
static void arrays_of_arrays_are_what_the_producer_makes_of_them(const struct compiled *c)
{
        struct plan grid = compiled_resolve(c, "struct", "shape_arrays", "grid");
        bool is_reversed = c->producer == PRODUCER_gcc && grid.value.nelems == 3;
        const char *last = is_reversed ? "grid[2][1]" : "grid[1][2]";
        struct query_error error = {0};
        struct plan plan;

        assert_int_equal(grid.value.size, 6 * sizeof(int));
        if (c->producer == PRODUCER_pahole) {
                assert_int_equal(grid.value.nelems, 6);
                assert_int_equal(
                        compiled_try_resolve(c, "struct", "shape_arrays", "grid[1][2]", &plan, &error),
                        QUERY_WRONG_KIND);
                last = "grid[5]";
        } else if (is_reversed) {
                assert_int_equal(
                        compiled_try_resolve(c, "struct", "shape_arrays", "grid[1][2]", &plan, &error),
                        QUERY_INDEX_OUT_OF_RANGE);
        } else {
                assert_int_equal(grid.value.nelems, 2);
        }
        plan = compiled_resolve(c, "struct", "shape_arrays", last);
        compiled_check((uint64_t)plan.steps[0].offset, (uint64_t)grid.steps[0].offset + 5 * sizeof(int),
                       "offset", "shape_arrays", last);
}

/*
 * gcc 12 writes the low 32 bits of what an `int` can hold, unsigned: -2 becomes 4294967294, and so does an enumerator
 * of 64 bits that is -2. All others it leaves out.
 */
static void check_enumerator(const struct compiled *c, const char *name, const char *enumerator,
                             uint64_t expected)
{
        struct btf_type type = compiled_find(c, "enum", name);
        bool is_old = c->producer == PRODUCER_gcc && type.kind == BTF_KIND_ENUM && !type.kind_flag;
        bool fits = (int32_t)expected == (int64_t)expected;

        for (uint32_t i = 0; i < type.vlen; i++) {
                struct btf_enumerator value = btf_enumerator(c->source.btf, &type, i);

                if (strcmp(value.name, enumerator) != 0)
                        continue;
                compiled_check(value.value, is_old ? (uint32_t)expected : expected, "value", name,
                               enumerator);
                return;
        }
        if (!is_old || fits)
                fail_msg("enum %s has no %s", name, enumerator);
}

static void enumerators_have_the_compiler_s_values(const struct compiled *c)
{
        const unsigned long long *expected = c->table->enumerators;

#define X(type, value) check_enumerator(c, #type, #value, *expected++);
        SHAPES_ENUMERATORS(X)
#undef X
}

/* Only gcc describes variables. It gives their sections no size, but names the variables in them. */
static void variables_have_their_types(const struct compiled *c)
{
        const struct btf *btf = c->source.btf;
        struct btf_type section;
        uint64_t one, bytes;

        assert_int_equal(btf_type_size(btf, compiled_find(c, "struct", "shape_flags").id, &one), 0);
        assert_int_equal(btf_type_size(btf, compiled_find(c, "var", "shape_table").id, &bytes), 0);
        assert_int_equal(bytes, 4 * one);
        section = compiled_find(c, "datasec", ".shape_table");
        assert_int_equal(section.vlen, 1);
        assert_int_equal(btf_secinfo(btf, &section, 0).type, compiled_find(c, "var", "shape_table").id);
        assert_int_equal(btf_secinfo(btf, &section, 0).size, bytes);
}

static void functions_have_their_parameters(const struct compiled *c)
{
        const struct btf *btf = c->source.btf;
        struct btf_type proto = btf_type(btf, compiled_find(c, "func", "shape_local").size_or_type);

        assert_int_equal(proto.vlen, 3);
        assert_string_equal(btf_param(btf, &proto, 0).name, "pointers");
        assert_int_equal(btf_kind(btf, btf_param(btf, &proto, 0).type), BTF_KIND_PTR);
        assert_string_equal(btf_param(btf, &proto, 1).name, "n");
        assert_int_equal(btf_param(btf, &proto, 2).type, 0); /* `...` */
        proto = btf_type(btf, compiled_find(c, "func", "shape_global").size_or_type);
        assert_int_equal(proto.vlen, 2);
        assert_int_equal(btf_param(btf, &proto, 1).type, compiled_find(c, "enum", "shape_state").id);
}

int main(void)
{
        static const struct compiled_test tests[] = {
                {"pointers are as wide as the ABI's", pointers_are_as_wide_as_the_abi_s, FOR_ALL},
                {"types have the compiler's sizes", types_have_the_compiler_s_sizes, FOR_ALL},
                {"fields lie where the compiler puts them", fields_lie_where_the_compiler_puts_them, FOR_ALL},
                {"indices step over the compiler's elements", indices_step_over_the_compiler_s_elements,
                 FOR_ALL},
                {"pointers lead where the compiler's lead", pointers_lead_where_the_compiler_s_lead, FOR_ALL},
                {"forward declarations have no size", forward_declarations_have_no_size, FOR_ALL},
                {"only flexible arrays are flexible", only_flexible_arrays_are_flexible, FOR_ALL},
                {"arrays of arrays are what the producer makes of them",
                 arrays_of_arrays_are_what_the_producer_makes_of_them, FOR_ALL},
                {"enumerators have the compiler's values", enumerators_have_the_compiler_s_values, FOR_ALL},
                {"variables have their types", variables_have_their_types, FOR_GCC},
                {"functions have their parameters", functions_have_their_parameters, FOR_ALL},
        };

        return compiled_run(tests, ARRAY_LENGTH(tests));
}
