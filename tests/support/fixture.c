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

struct source *fixture_source(struct btf_builder *b, const char *name, uint64_t instance)
{
        struct btf_image image = btf_builder_steal(b);
        struct btf_error error = {0};
        struct source *source = NULL;
        int r;

        r = source_new(&source, name, instance, (struct source_bytes){.data = image.data, .size = image.size},
                       &error);
        if (r != 0)
                give_up(r, &error);
        return source;
}

struct snapshot *fixture_snapshot(struct btf_builder *b)
{
        struct source *source = fixture_source(b, SCAN_BASE_NAME, /* instance= */ 1);
        struct snapshot *snapshot = NULL;
        int r;

        r = snapshot_new(&snapshot, FIXTURE_GENERATION, &source, /* n_sources= */ 1);
        if (r != 0)
                give_up(r, NULL);
        source_unref(source);
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

struct snapshot *fixture_real_snapshot(void)
{
        const char *corpus = getenv("BTFD_CORPUS");
        struct snapshot *snapshot = NULL;
        struct btf_error error = {0};
        char directory[4096];

        if (corpus) {
                snprintf(directory, sizeof(directory), "%s/" CORPUS_KERNEL, corpus);
                if (scan_directory(&snapshot, directory, /* generation= */ 1, &error) == 0)
                        return snapshot;
        }
        if (scan_directory(&snapshot, SCAN_DEFAULT_DIRECTORY, /* generation= */ 1, &error) == 0)
                return snapshot;
        print_message("skipped: no vmlinux in $BTFD_CORPUS/" CORPUS_KERNEL " (%s) nor in %s: %s\n",
                      corpus ? corpus : "not set", SCAN_DEFAULT_DIRECTORY, error.message);
        return NULL;
}
