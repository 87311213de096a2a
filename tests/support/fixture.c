#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "source/scan.h"
#include "support/unit.h"

#define CORPUS_KERNEL      "local-6.18"
#define FIXTURE_GENERATION 7

static void give_up(int result, const struct btf_error *error)
{
        if (result > 0)
                print_error("fixture: %s at byte %llu: %s\n", btf_error_reason_name(error->reason),
                            (unsigned long long)error->offset, error->message);
        else
                print_error("fixture: %s\n", strerror(-result));
        abort();
}

void fixture_every_kind(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "unsigned char", 1, 8, 0);
        btf_builder_ptr(b, EVERY_STRUCT);
        btf_builder_struct(b, "node", 16, /* kind_flag= */ true);
        btf_builder_member(b, "next", EVERY_PTR, 0, 0);
        btf_builder_member(b, "low", EVERY_INT, 64, 5);
        btf_builder_member(b, "high", EVERY_INT, 69, 27);
        btf_builder_union(b, "either", 4, /* kind_flag= */ false);
        btf_builder_member(b, "x", EVERY_INT, 0, 0);
        btf_builder_member(b, "y", EVERY_UCHAR, 0, 0);
        btf_builder_enum(b, "colour", 4, /* is_signed= */ true);
        btf_builder_value(b, "RED", (uint64_t)-1);
        btf_builder_value(b, "BLUE", 2);
        btf_builder_enum64(b, "wide", 8, /* is_signed= */ false);
        btf_builder_value(b, "BIG", UINT64_C(0xfedcba9876543210));
        btf_builder_fwd(b, "later", /* is_union= */ false);
        btf_builder_fwd(b, "later_union", /* is_union= */ true);
        btf_builder_typedef(b, "node_t", EVERY_STRUCT);
        btf_builder_volatile(b, EVERY_INT);
        btf_builder_const(b, EVERY_VOLATILE);
        btf_builder_restrict(b, EVERY_PTR);
        btf_builder_func_proto(b, EVERY_INT);
        btf_builder_param(b, "n", EVERY_PTR);
        btf_builder_param(b, "", 0);
        btf_builder_func(b, "frob", EVERY_FUNC_PROTO, /* linkage= */ 1);
        btf_builder_var(b, "counter", EVERY_INT, /* linkage= */ 1);
        btf_builder_datasec(b, ".data", 8);
        btf_builder_secinfo(b, EVERY_VAR, 4, 4);
        btf_builder_float(b, "double", 8);
        btf_builder_decl_tag(b, "tagged", EVERY_STRUCT, 1);
        btf_builder_type_tag(b, "user", EVERY_STRUCT, /* is_attribute= */ false);
        btf_builder_array(b, EVERY_CONST, EVERY_INT, 7);
}

struct btf_builder *fixture_types(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "long int", 8, 64, BTF_INT_SIGNED);
        btf_builder_int_at(b, "part", 4, 3, 0, 0);
        btf_builder_fwd(b, "fwd", false);
        btf_builder_ptr(b, TYPES_INT);
        btf_builder_struct(b, "struct_8", 8, false);
        btf_builder_member(b, "x", TYPES_INT, 0, 0);
        btf_builder_float(b, "double", 8);
        btf_builder_enum(b, "byte_enum", 1, false);
        btf_builder_value(b, "VALUE", 1);
        btf_builder_const(b, 0);
        btf_builder_typedef(b, "fwd_t", TYPES_FWD);
        btf_builder_var(b, "var", TYPES_INT, 1);
        btf_builder_type_tag(b, "address_space(1)", TYPES_INT, true);
        btf_builder_func_proto(b, 0);
        btf_builder_param(b, "a", TYPES_INT);
        btf_builder_func_proto(b, TYPES_INT);
        btf_builder_param(b, "", TYPES_INT);
        btf_builder_param(b, "", 0);
        return b;
}

struct source *fixture_source(struct btf_builder *b, const char *name, uint64_t instance, struct source *base)
{
        struct btf_image image = btf_builder_steal(b);
        struct btf_error error = {0};
        struct source *source = NULL;
        int r;

        r = source_new(&source, name, instance, (struct source_bytes){.data = image.data, .size = image.size},
                       base, &error);
        if (r != 0)
                give_up(r, &error);
        return source;
}

struct source_set *fixture_set_with(struct btf_builder *vmlinux, const struct fixture_module *modules,
                                    size_t n_modules)
{
        struct source *sources[64];
        struct source_set *set = NULL;
        int r;

        if (n_modules >= ARRAY_LENGTH(sources))
                abort();
        sources[0] = fixture_source(vmlinux, SCAN_BASE_NAME, /* instance= */ 1, /* base= */ NULL);
        for (size_t i = 0; i < n_modules; i++)
                sources[i + 1] =
                        fixture_source(modules[i].b, modules[i].name, /* instance= */ i + 2, sources[0]);
        r = source_set_new(&set, "running", "/nowhere/btf", sources, n_modules + 1, /* failures= */ NULL,
                           /* n_failures= */ 0);
        if (r != 0)
                give_up(r, NULL);
        for (size_t i = 0; i <= n_modules; i++)
                source_unref(sources[i]);
        return set;
}

struct source_set *fixture_set_of(fixture_build *vmlinux, fixture_build *const *modules, size_t n_modules)
{
        static const char *const names[] = {"a", "b", "c", "d"};
        struct fixture_module built[ARRAY_LENGTH(names)];
        struct btf_builder *base = btf_builder_new();

        assert_true(n_modules <= ARRAY_LENGTH(names));
        vmlinux(base);
        for (size_t i = 0; i < n_modules; i++) {
                built[i] = (struct fixture_module){names[i], btf_builder_new_split(base)};
                modules[i](built[i].b);
        }
        return fixture_set_with(base, built, n_modules);
}

struct source_set *fixture_set(struct btf_builder *b)
{
        return fixture_set_with(b, /* modules= */ NULL, /* n_modules= */ 0);
}

struct snapshot *fixture_snapshot(struct btf_builder *b)
{
        struct source_set *set = fixture_set(b);
        struct snapshot *snapshot = NULL;
        int r;

        r = snapshot_new(&snapshot, FIXTURE_GENERATION, &set, /* n_sets= */ 1);
        if (r != 0)
                give_up(r, NULL);
        source_set_unref(set);
        return snapshot;
}

struct btf *fixture_btf(const struct btf_image *image)
{
        struct btf_error error = {0};
        struct btf *btf = NULL;
        int r;

        r = btf_new(&btf, image->data, image->size, /* base= */ NULL, &error);
        if (r != 0)
                give_up(r, &error);
        return btf;
}

/* NULL if there is no vmlinux that can be loaded. */
static struct source_set *load_directory(const char *directory)
{
        struct source_set *set = NULL;
        uint64_t next_instance = 1;
        int r;

        r = scan_directory(&set, "running", directory, &next_instance);
        if (r < 0)
                give_up(r, NULL);
        if (set->n_sources == 0)
                set = source_set_unref(set);
        return set;
}

struct source_set *fixture_corpus_set(const char *kernel)
{
        const char *corpus = getenv("BTFD_CORPUS");
        struct source_set *set = NULL;
        char directory[4096];

        if (corpus) {
                snprintf(directory, sizeof(directory), "%s/%s", corpus, kernel);
                set = load_directory(directory);
        }
        if (!set)
                print_message("skipped: no vmlinux in $BTFD_CORPUS/%s (BTFD_CORPUS is %s)\n", kernel,
                              corpus ? corpus : "not set");
        return set;
}

struct source_set **fixture_corpus_sets(const char *const *kernels, size_t n_kernels)
{
        struct source_set **sets = calloc(n_kernels, sizeof(struct source_set *));

        for (size_t i = 0; sets && i < n_kernels; i++)
                sets[i] = fixture_corpus_set(kernels[i]);
        return sets;
}

void fixture_corpus_sets_free(struct source_set **sets, size_t n_kernels)
{
        for (size_t i = 0; i < n_kernels; i++)
                source_set_unref(sets[i]);
        free(sets);
}

struct source_set *fixture_real_set(void)
{
        struct source_set *set = fixture_corpus_set(CORPUS_KERNEL);

        if (!set)
                set = load_directory(SCAN_DEFAULT_DIRECTORY);
        if (!set)
                print_message("skipped: nor in " SCAN_DEFAULT_DIRECTORY "\n");
        return set;
}
