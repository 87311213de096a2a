/*
 * What counts as the same in real kernels: for each clause of the rule (index/same.h) names for which it alone decides, found
 * by leaving the clause out of another implementation of it. Skipped without these kernels.
 */
#include "query/lookup.h"
#include "query/offset.h"
#include "support/fixture.h"
#include "support/unit.h"

enum kernel {
        DEBIAN_6_1,
        DEBIAN_7_2,
        DEBIAN_6_1_I386,
        N_KERNELS,
};

static const char *const folders[] = {
        [DEBIAN_6_1] = "debian-6.1-cloud-amd64",
        [DEBIAN_7_2] = "debian-7.2-cloud-amd64",
        [DEBIAN_6_1_I386] = "debian-6.1-i386",
};

static int begin(void **state)
{
        *state = fixture_corpus_sets(folders, N_KERNELS);
        return *state ? 0 : -1;
}

static int end(void **state)
{
        fixture_corpus_sets_free(*state, N_KERNELS);
        return 0;
}

/* A name, and what must be found. */
struct name_case {
        enum kernel kernel;
        const char *name;
        enum btf_kind kind; /* FUNC, or VOID for whatever the name says */
        const char *source; /* whose definition answers; NULL if the name is ambiguous */
        size_t n;           /* modules' different definitions beside it; or how many make it ambiguous */
};

static struct selector selector_of(const struct name_case *each)
{
        return (struct selector){
                .name = each->name, .has_kind = each->kind != BTF_KIND_VOID, .kind = each->kind};
}

static void check_name(struct source_set *const *sets, const struct name_case *each)
{
        struct selector selector = selector_of(each);
        const struct source_set *set = sets[each->kernel];
        struct query_error error;
        struct looked_up found;
        int r;

        if (!set)
                return;
        r = lookup(set, &selector, &found, &error);
        if ((r == 0) != (each->source != NULL))
                fail_msg("%s in %s: lookup() gives %d", each->name, folders[each->kernel], r);
        if (r != 0) {
                assert_int_equal(r, QUERY_AMBIGUOUS_NAME);
                assert_int_equal(error.n_definitions, each->n);
                return;
        }
        assert_string_equal(found.type.source->name, each->source);
        assert_int_equal(found.also.n_definitions, each->n);
}

/* Checks them all; skips the test if none of their kernels is there. */
static void check_names(void **state, const struct name_case *cases, size_t n_cases)
{
        struct source_set *const *sets = *state;
        bool any = false;

        for (size_t i = 0; i < n_cases; i++) {
                check_name(sets, &cases[i]);
                any = any || sets[cases[i].kernel];
        }
        if (!any)
                skip();
}

/* What a module has of that name itself, which must be exactly one definition. */
static struct query_type in_source(const struct source_set *set, const char *source, const char *name)
{
        struct selector selector = {.name = name, .source = source};
        struct query_error error;
        struct looked_up found;

        if (lookup(set, &selector, &found, &error) != 0)
                fail_msg("%s in %s: %s", name, source, error.message);
        assert_string_equal(found.type.source->name, source);
        return found.type;
}

static struct btf_type type_of(struct query_type type)
{
        return btf_type(type.source->btf, type.id);
}

/* `typedef unsigned char u8` in the module, `typedef __u8 u8` in vmlinux. */
static void typedefs_are_seen_through(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "u8", BTF_KIND_VOID, "vmlinux", 0},
                {DEBIAN_7_2, "u8", BTF_KIND_VOID, "vmlinux", 0},
                {DEBIAN_6_1, "struct nla_map", BTF_KIND_VOID, "tipc", 0},
                {DEBIAN_7_2, "struct nla_map", BTF_KIND_VOID, "tipc", 0},
                {DEBIAN_6_1, "struct smb_hdr", BTF_KIND_VOID, "cifs", 0},
        };
        struct source_set *const *sets = *state;

        check_names(state, cases, ARRAY_LENGTH(cases));
        for (enum kernel kernel = DEBIAN_6_1; kernel <= DEBIAN_7_2; kernel++) {
                struct query_type ours, theirs;

                if (!sets[kernel])
                        continue;
                ours = in_source(sets[kernel], "vmlinux", "u8");
                theirs = in_source(sets[kernel], "jitterentropy_rng", "u8");
                assert_int_equal(btf_kind(ours.source->btf, type_of(ours).size_or_type), BTF_KIND_TYPEDEF);
                assert_int_equal(btf_kind(theirs.source->btf, type_of(theirs).size_or_type), BTF_KIND_INT);
        }
}

/* `const unsigned char *rawstring` in some of them. */
static void qualifiers_are_seen_through(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "uni2char", BTF_KIND_FUNC, "vmlinux", 0},
                {DEBIAN_7_2, "uni2char", BTF_KIND_FUNC, "vmlinux", 0},
                {DEBIAN_6_1, "errpos", BTF_KIND_FUNC, "vmlinux", 0},
        };

        check_names(state, cases, ARRAY_LENGTH(cases));
}

static void parameter_names_do_not_count(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "__ia32_compat_sys_ipc", BTF_KIND_FUNC, "vmlinux", 0},
                {DEBIAN_7_2, "compact_store", BTF_KIND_FUNC, "vmlinux", 0},
                {DEBIAN_7_2, "camellia_encrypt", BTF_KIND_FUNC, "camellia_generic", 0},
                {DEBIAN_7_2, "clone_endio", BTF_KIND_FUNC, NULL, 2},
        };

        check_names(state, cases, ARRAY_LENGTH(cases));
}

/* Behind an unnamed pointee there is more to compare: these are pointers to prototypes that differ. */
static void unnamed_pointees_are_walked(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "ioctl_fn", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_7_2, "ioctl_fn", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_6_1_I386, "struct instance_attribute", BTF_KIND_VOID, NULL, 2},
                /* And these are `const struct dm_btree_value_type *` and the like that do not. */
                {DEBIAN_6_1, "struct dm_btree_info", BTF_KIND_VOID, "dm_cache", 0},
                {DEBIAN_7_2, "struct dm_btree_info", BTF_KIND_VOID, "dm_cache", 0},
        };

        check_names(state, cases, ARRAY_LENGTH(cases));
}

/* Each module knows other ones of the structs that these point to. */
static void behind_a_pointer_a_declaration_is_enough(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "struct ata_link", BTF_KIND_VOID, "ata_generic", 0},
                {DEBIAN_7_2, "struct ata_link", BTF_KIND_VOID, "ahci", 0},
                {DEBIAN_6_1, "struct Scsi_Host", BTF_KIND_VOID, "BusLogic", 0},
                {DEBIAN_7_2, "struct Scsi_Host", BTF_KIND_VOID, "BusLogic", 0},
                {DEBIAN_6_1_I386, "struct intel_pinctrl", BTF_KIND_VOID, "vmlinux", 0},
        };

        check_names(state, cases, ARRAY_LENGTH(cases));
}

static void members_and_enumerators_count(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "struct ntlmssp_auth", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_7_2, "struct ntlmssp_auth", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_6_1, "struct selector", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_6_1_I386, "struct intel_pad_context", BTF_KIND_VOID, NULL, 3},
                {DEBIAN_6_1, "enum mcast_group_state", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_7_2, "enum mcast_group_state", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_7_2, "enum energy_perf_value_index", BTF_KIND_VOID, NULL, 3},
        };

        check_names(state, cases, ARRAY_LENGTH(cases));
}

/* vmlinux has an enum of that name without values, or a struct without members. */
static void a_module_defines_what_vmlinux_declares(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_6_1, "enum nf_nat_manip_type", BTF_KIND_VOID, "act_ct", 0},
                {DEBIAN_7_2, "enum nf_nat_manip_type", BTF_KIND_VOID, "act_ct", 0},
                {DEBIAN_6_1, "struct kvm_lapic", BTF_KIND_VOID, "kvm", 0},
                {DEBIAN_7_2, "struct kvm_lapic", BTF_KIND_VOID, "kvm", 0},
        };
        struct source_set *const *sets = *state;

        check_names(state, cases, ARRAY_LENGTH(cases));
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct source_set *set = sets[cases[i].kernel];
                struct btf_type declared;

                if (!set)
                        continue;
                declared = type_of(in_source(set, "vmlinux", cases[i].name));
                assert_true(btf_is_forward(set->sources[0]->btf, &declared));
                assert_true(type_of(in_source(set, cases[i].source, cases[i].name)).vlen > 0);
        }
}

/* 6.1's vmlinux has no `port`, so that its modules answer, and they have two. */
static void a_module_s_own_stands_beside_vmlinux_s(void **state)
{
        static const struct name_case cases[] = {
                {DEBIAN_7_2, "struct port", BTF_KIND_VOID, "vmlinux", 1},
                {DEBIAN_6_1, "struct port", BTF_KIND_VOID, NULL, 2},
                {DEBIAN_6_1, "struct dir_entry", BTF_KIND_VOID, "vmlinux", 1},
                {DEBIAN_7_2, "struct dir_entry", BTF_KIND_VOID, "vmlinux", 1},
        };
        struct source_set *const *sets = *state;

        check_names(state, cases, ARRAY_LENGTH(cases));
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector everywhere = {.name = cases[i].name, .all_tiers = true};
                struct query_error error;
                struct looked_up found;

                if (!sets[cases[i].kernel])
                        continue;
                assert_int_equal(lookup(sets[cases[i].kernel], &everywhere, &found, &error),
                                 QUERY_AMBIGUOUS_NAME);
                assert_int_equal(error.n_definitions, 2);
        }
}

/* Whether a source holds a type of that name itself. */
static bool holds(const struct source *source, const char *name)
{
        struct name_cursor cursor = name_index_find(&source->names, name, strlen(name));
        uint32_t id;

        return name_index_next(&source->names, &cursor, &id);
}

/* 7.2's modules have typedefs of vmlinux again and again: they cost nothing beyond their own files. */
static void what_hundreds_of_modules_repeat_is_one_definition(void **state)
{
        static const char *const names[] = {"u8", "u32", "bool", "size_t", "gfp_t"};
        const struct source_set *set = ((struct source_set **)*state)[DEBIAN_7_2];

        if (!set)
                skip();
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
                struct name_case once = {DEBIAN_7_2, names[i], BTF_KIND_TYPEDEF, "vmlinux", 0};
                struct module_cursor cursor = module_index_find(&set->modules, names[i], strlen(names[i]));
                const struct source *source;
                size_t n_modules = 0;
                uint32_t id;
                bool is_copy;

                for (size_t j = 1; j < set->n_sources; j++)
                        n_modules += holds(set->sources[j], names[i]);
                assert_true(n_modules > 300);
                assert_false(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
                check_name(*state, &once);
        }
}

/* struct pipe_inode_info { ...; union pipe_index; ... }: unnamed, though its type has a name. */
static void an_unnamed_member_of_a_named_union_is_transparent(void **state)
{
        static const struct {
                const char *path;
                uint64_t offset;
                uint64_t size;
        } cases[] = {{"head_tail", 72, 8}, {"head", 72, 4}, {"tail", 76, 4}};
        const struct source_set *set = ((struct source_set **)*state)[DEBIAN_7_2];

        if (!set)
                skip();
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector pipe = {.name = "struct pipe_inode_info"};
                struct query_error error;
                struct found also;
                struct plan plan;

                assert_int_equal(field_offset(set, &pipe, cases[i].path, &plan, &also, &error), 0);
                assert_int_equal(plan.n_steps, 1);
                assert_int_equal((uint64_t)plan.steps[0].offset, cases[i].offset);
                assert_int_equal(plan.value.size, cases[i].size);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(typedefs_are_seen_through),
                cmocka_unit_test(qualifiers_are_seen_through),
                cmocka_unit_test(parameter_names_do_not_count),
                cmocka_unit_test(unnamed_pointees_are_walked),
                cmocka_unit_test(behind_a_pointer_a_declaration_is_enough),
                cmocka_unit_test(members_and_enumerators_count),
                cmocka_unit_test(a_module_defines_what_vmlinux_declares),
                cmocka_unit_test(a_module_s_own_stands_beside_vmlinux_s),
                cmocka_unit_test(what_hundreds_of_modules_repeat_is_one_definition),
                cmocka_unit_test(an_unnamed_member_of_a_named_union_is_transparent),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
