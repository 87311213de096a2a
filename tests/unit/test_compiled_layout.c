/*
 * Layouts of types that compilers describe, against what these compilers say of the same C: offsets, sizes, alignment, and that
 * the reverse of a path leads back to it.
 */
#include <stdio.h>
#include <string.h>

#include "query/at.h"
#include "query/layout.h"
#include "support/compiled.h"

static struct layout *layout_of(const struct compiled *c, const char *tag, const char *type)
{
        struct query_error error = {0};
        struct layout *layout;

        if (layout_new(&layout, (struct query_type){&c->source, compiled_find(c, tag, type).id},
                       LAYOUT_MAX_EXPAND, &error) != 0)
                fail_msg("%s %s: %s", tag, type, error.message);
        return layout;
}

/* Of attributes BTF knows nothing: what they ask for shows only where it is less, and not always then. */
static bool has_attributes(const char *type)
{
        return string_equal(type, "shape_aligned") || string_equal(type, "shape_packed_aligned") ||
               string_equal(type, "shape_arrays") || strstr(type, "packed_");
}

static void types_ask_for_the_compiler_s_alignment(const struct compiled *c)
{
        static const struct {
                const char *tag, *type;
        } types[] = {
#define X(tag, type) {#tag, #type},
                SHAPES_TYPES(X)
#undef X
        };
        size_t n_compared = 0;

        for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
                struct layout *layout;

                if (string_equal(types[i].tag, "enum") || has_attributes(types[i].type))
                        continue;
                layout = layout_of(c, types[i].tag, types[i].type);
                /* gcc makes a `long double` of i386 16 bytes wide, over what follows it. */
                if (!(c->producer == PRODUCER_gcc && c->abi == ABI_m32 &&
                      string_equal(types[i].type, "shape_scalars")))
                        compiled_check(layout->scopes[0].align, c->table->aligns[i], "alignment",
                                       types[i].type, "");
                n_compared++;
                layout_free(layout);
        }
        assert_true(n_compared > 10);
}

/* The member of a layout that has this path; NULL if it goes through an array. */
static const struct layout_member *find_member(const struct layout *layout, const char *path)
{
        for (uint32_t i = 0; i < layout->n_members; i++) {
                char buffer[LAYOUT_PATH_SIZE];
                struct strbuf text;

                strbuf_init(&text, buffer, sizeof(buffer));
                layout_member_path(layout, i, &text);
                if (string_equal(buffer, path))
                        return &layout->members[i];
        }
        return NULL;
}

struct looked_for {
        const char *path;
        bool is_there;
};

static bool look_for(void *context, const struct at_alternative *alternative)
{
        struct looked_for *looked_for = context;

        for (size_t i = 0; i < alternative->n_levels; i++) {
                if (strlen(looked_for->path) == alternative->levels[i].path_length &&
                    strncmp(looked_for->path, alternative->path, alternative->levels[i].path_length) == 0)
                        looked_for->is_there = true;
        }
        return true;
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
        size_t n_compared = 0;

        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
                uint64_t bit_offset = (uint64_t)c->table->fields[i].offset * 8;
                struct layout *layout = layout_of(c, fields[i].tag, fields[i].type);
                const struct layout_member *member = find_member(layout, fields[i].path);
                struct looked_for looked_for = {.path = fields[i].path};
                struct query_error error = {0};

                if (member) {
                        compiled_check(member->bit_offset, bit_offset, "offset", fields[i].type,
                                       fields[i].path);
                        n_compared++;
                }
                if (at_visit((struct query_type){&c->source, layout->scopes[0].type.id},
                             (struct at_question){bit_offset, 8}, look_for, &looked_for, &error) != 0)
                        fail_msg("%s %s: %s", fields[i].type, fields[i].path, error.message);
                if (!looked_for.is_there)
                        fail_msg("%s is not found where it is in %s", fields[i].path, fields[i].type);
                layout_free(layout);
        }
        assert_true(n_compared > 40);
}

/* The compiler sets no bit of a struct's bitfields that btfd takes for a hole, a member's or padding. */
static void holes_are_where_no_bitfield_is(const struct compiled *c)
{
        static const struct {
                const char *type, *path;
        } bitfields[] = {
#define X(type, path, id) {#type, #path},
                SHAPES_BITFIELDS(X)
#undef X
        };
        size_t n_holes = 0;

        for (size_t i = 0; i < ARRAY_LENGTH(bitfields); i++) {
                struct layout *layout = layout_of(c, "struct", bitfields[i].type);

                for (uint32_t j = 0; j < layout->n_holes; j++) {
                        const struct gap_piece *piece = &layout->holes[j].piece;

                        for (uint64_t bit = piece->bit_offset; bit < piece->bit_offset + piece->bit_size;
                             bit++)
                                assert_int_equal(c->table->ones[i].bytes[bit / 8] >> bit % 8 & 1, 0);
                        n_holes++;
                }
                layout_free(layout);
        }
        assert_true(n_holes > 100);
}

int main(void)
{
        static const struct compiled_test tests[] = {
                {"alignment", types_ask_for_the_compiler_s_alignment, FOR_ALL},
                {"fields", fields_lie_where_the_compiler_puts_them, FOR_ALL},
                {"holes", holes_are_where_no_bitfield_is, FOR_ALL},
        };

        return compiled_run(tests, ARRAY_LENGTH(tests));
}
