/*
 * Paths in real kernels of the corpus, with the offsets that a compiler gives what bpftool makes of the same BTF. Skipped without
 * these kernels.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/offset.h"
#include "query/variable.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

enum kernel {
        LOCAL_6_18,
        DEBIAN_6_1,
        DEBIAN_7_2,
        DEBIAN_6_1_I386,
        N_KERNELS,
};

static const char *const folders[] = {
        [LOCAL_6_18] = "local-6.18",
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

/* "24 -> ip_vs+4": the source of each step that is not vmlinux's. */
static const char *steps_text(const struct plan *plan)
{
        static char buffer[1024];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < plan->n_steps; i++) {
                if (plan->steps[i].source->base)
                        strbuf_printf(&text, "%s+", plan->steps[i].source->name);
                strbuf_printf(&text, "%" PRId64 "%s", plan->steps[i].offset,
                              plan->steps[i].dereference ? " -> " : "");
        }
        return buffer;
}

struct kernel_path {
        const char *name; /* of a type, `func NAME` or `var NAME` */
        const char *path;
        const char *steps; /* NULL if the name, or one in the path, is ambiguous */
        uint64_t size;     /* of the value; or how many definitions there are */
};

static struct selector select_root(const char *name)
{
        if (strncmp(name, "func ", 5) == 0)
                return (struct selector){.name = name + 5, .has_kind = true, .kind = BTF_KIND_FUNC};
        if (strncmp(name, "var ", 4) == 0)
                return (struct selector){.name = name + 4, .has_kind = true, .kind = BTF_KIND_VAR};
        return (struct selector){.name = name};
}

static void check(void **state, enum kernel kernel, const struct kernel_path *paths, size_t n_paths)
{
        const struct source_set *set = ((struct source_set **)*state)[kernel];

        if (!set)
                skip();
        for (size_t i = 0; i < n_paths; i++) {
                const struct kernel_path *c = &paths[i];
                struct selector selector = select_root(c->name);
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(set, &selector, c->path, &plan, &also, &error);

                if (!c->steps) {
                        if (r != QUERY_AMBIGUOUS_NAME || error.n_definitions != c->size)
                                fail_msg("%s %s: %d, %zu definitions: %s", c->name, c->path, r,
                                         error.n_definitions, error.message);
                        continue;
                }
                if (r != 0)
                        fail_msg("%s %s: %s", c->name, c->path, error.message);
                if (strcmp(steps_text(&plan), c->steps) != 0 || plan.value.size != c->size)
                        fail_msg("%s %s: %s, %" PRIu64 " bytes", c->name, c->path, steps_text(&plan),
                                 plan.value.size);
        }
}

static void unnamed_members_nest_six_deep(void **state)
{
        static const struct kernel_path paths[] = {
                {"struct slab", "counters", "40", 8}, /* five deep */
                {"struct slab", "inuse", "40", 4},
                {"struct slab", "frozen", "40", 4},
        };
        const struct source_set *set = ((struct source_set **)*state)[LOCAL_6_18];
        struct selector slab = {.name = "struct slab"};
        struct query_error error;
        struct found also;
        struct plan plan;

        check(state, LOCAL_6_18, paths, ARRAY_LENGTH(paths));
        assert_int_equal(field_offset(set, &slab, "frozen", &plan, &also, &error), 0);
        assert_true(plan.value.is_bitfield);
        assert_int_equal(plan.value.bitfield.bit_offset, 31);
        assert_int_equal(plan.value.bitfield.bit_size, 1);
}

static void structs_embed_one_another_eighteen_deep(void **state)
{
        static const struct kernel_path paths[] = {
                {"struct H323_UserInformation",
                 "h323_uu_pdu.h245Control.item[0].request.openLogicalChannel.forwardLogicalChannelParameters"
                 ".multiplexParameters.h2250LogicalChannelParameters.mediaChannel.unicastAddress.iPAddress."
                 "options",
                 "4068", 4},
        };

        check(state, LOCAL_6_18, paths, ARRAY_LENGTH(paths));
}

/* The struct, the function and the typedef of one name are three different things. */
static void names_may_be_of_several_kinds(void **state)
{
        static const struct kernel_path in_6_18[] = {
                {"struct bpf_spin_lock", "val", "0", 4},
                {"bpf_spin_lock", "val", "0", 4},
                {"func bpf_spin_lock", "lock", "", 8}, /* a u64, as BPF_CALL_1() makes it */
        };
        static const struct kernel_path in_6_1[] = {
                {"mac_addr", "addr[5]", "5", 1},
                {"struct mac_addr", "addr[5]", "5", 1},
        };

        check(state, LOCAL_6_18, in_6_18, ARRAY_LENGTH(in_6_18));
        check(state, DEBIAN_6_1, in_6_1, ARRAY_LENGTH(in_6_1));
}

/* vmlinux declares struct netns_ipvs; ip_vs defines it, and points back into vmlinux. */
static void what_vmlinux_declares_a_module_defines(void **state)
{
        static const struct kernel_path paths[] = {
                {"net", "ipvs->enable", "4040 -> ip_vs+4", 4},
                {"net", "ipvs->net->ifindex", "4040 -> ip_vs+2160 -> 16", 4},
                {"net", "ipvs", "4040", 8},
        };

        check(state, DEBIAN_6_1, paths, ARRAY_LENGTH(paths));
}

/*
 * Three of Intel's pinctrl drivers have a struct intel_pinctrl_context that says the same and points to a struct
 * intel_community_context of its own, which one of them only declares.
 */
static void a_declaration_beside_two_definitions_is_ambiguous(void **state)
{
        static const struct kernel_path paths[] = {
                {"intel_pinctrl_context", "communities->hostown", NULL, 3},
                {"intel_pinctrl_context", "communities->intr_lines", NULL, 3},
                {"intel_pinctrl_context", "pads->conf0", NULL, 3},
        };
        const struct source_set *set = ((struct source_set **)*state)[DEBIAN_6_1_I386];
        struct selector declaring = {.source = "vmlinux", .has_id = true, .id = 33911};
        struct query_error error;
        struct found also;
        struct plan plan;

        check(state, DEBIAN_6_1_I386, paths, ARRAY_LENGTH(paths));
        declaring.instance = set->sources[0]->instance;
        assert_int_equal(field_offset(set, &declaring, "communities->hostown", &plan, &also, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_string_equal(error.name, "intel_community_context");
        assert_int_equal(error.i_component, 1);
        assert_int_equal(error.n_candidates, 2);
        assert_true(error.candidates[0].resolves);
        assert_false(error.candidates[1].resolves);
}

static void ambiguous_names_stay_so_wherever_they_stand(void **state)
{
        static const struct kernel_path in_6_18[] = {
                {"console", "flags", NULL, 2},
                {"file", "((struct console *)private_data)->flags", NULL, 2},
                {"file", "container_of(private_data, struct dma_chan, x)->y", NULL, 2},
        };
        static const struct kernel_path in_6_1[] = {
                {"func dummy_handler", "irq", NULL, 2},          /* within vmlinux */
                {"func vlan_exit_net", "net->ifindex", NULL, 2}, /* in two modules */
        };

        check(state, LOCAL_6_18, in_6_18, ARRAY_LENGTH(in_6_18));
        check(state, DEBIAN_6_1, in_6_1, ARRAY_LENGTH(in_6_1));
}

/* 404 names of functions stand twice in this vmlinux, mostly as a weak one and what replaces it. */
static void a_prototype_that_stands_twice_is_one(void **state)
{
        static const struct kernel_path paths[] = {
                {"func bpf_jit_free", "prog->aux->id", "56 -> 32", 4},
                {"func bpf_jit_free", "fp->aux->id", "56 -> 32", 4},
        };

        check(state, DEBIAN_6_1, paths, ARRAY_LENGTH(paths));
}

static void casts_and_containers_lead_where_the_compiler_s_lead(void **state)
{
        static const struct kernel_path paths[] = {
                {"file", "((struct tty_file_private *)private_data)->tty->name", "24 -> 0 -> 352", 64},
                {"dentry", "container_of(d_inode, struct ext4_inode_info, vfs_inode)->i_disksize",
                 "48 -> -48", 8},
                {"inode", "container_of(&., struct ext4_inode_info, vfs_inode)->i_disksize", "-48", 8},
                {"sk_buff", "((struct tcp_skb_cb *)cb)->seq", "40", 4},
                {"sk_buff", "((struct tcp_skb_cb *)&cb[0])->seq", "40", 4},
                {"func vfs_read", "file->f_path.dentry->d_name.name", "72 -> 40", 8},
                {"func vfs_read", "file", "", 8},
                {"func vfs_read", "return", "", 8},
                {"var runqueues", "curr->pid", "2720 -> 1264", 4},
        };

        check(state, LOCAL_6_18, paths, ARRAY_LENGTH(paths));
}

/* A sockptr_t is a pointer and a bool: two slots. */
static void a_struct_by_value_takes_the_slots_it_fills(void **state)
{
        const struct source_set *set = ((struct source_set **)*state)[DEBIAN_7_2];
        struct selector func = select_root("func do_sock_setsockopt");
        struct query_error error;
        struct found also;
        struct plan plan;

        if (!set)
                skip();
        assert_int_equal(field_offset(set, &func, "optval.user", &plan, &also, &error), 0);
        assert_true(plan.argument.by_value);
        assert_int_equal(plan.argument.slot, 4);
        assert_int_equal(field_offset(set, &func, "optlen", &plan, &also, &error), 0);
        assert_int_equal(plan.argument.index, 5);
        assert_int_equal(plan.argument.slot, 6);
}

/* Bonding has a struct port of its own. */
static void errors_list_the_module_that_has_the_path(void **state)
{
        const struct source_set *set = ((struct source_set **)*state)[DEBIAN_7_2];
        struct selector port = {.name = "struct port"};
        struct query_error error;
        struct found also;
        struct plan plan;

        if (!set)
                skip();
        assert_int_equal(field_offset(set, &port, "actor_port_number", &plan, &also, &error),
                         QUERY_MEMBER_NOT_FOUND);
        assert_int_equal(error.n_candidates, 1);
        assert_string_equal(error.candidates[0].type.source->name, "bonding");
}

static void variables_know_their_section(void **state)
{
        const struct source_set *set = ((struct source_set **)*state)[LOCAL_6_18];
        struct selector runqueues = select_root("var runqueues");
        struct query_error error;
        struct looked_up found;
        struct variable variable;

        if (!set)
                skip();
        assert_int_equal(lookup(set, &runqueues, &found, &error), 0);
        assert_true(variable_find(found.type.source, found.type.id, &variable));
        assert_string_equal(variable.section, ".data..percpu");
        assert_int_equal(variable.offset, 178816);
        assert_int_equal(variable.size, 3584);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(unnamed_members_nest_six_deep),
                cmocka_unit_test(structs_embed_one_another_eighteen_deep),
                cmocka_unit_test(names_may_be_of_several_kinds),
                cmocka_unit_test(what_vmlinux_declares_a_module_defines),
                cmocka_unit_test(a_declaration_beside_two_definitions_is_ambiguous),
                cmocka_unit_test(ambiguous_names_stay_so_wherever_they_stand),
                cmocka_unit_test(a_prototype_that_stands_twice_is_one),
                cmocka_unit_test(casts_and_containers_lead_where_the_compiler_s_lead),
                cmocka_unit_test(a_struct_by_value_takes_the_slots_it_fills),
                cmocka_unit_test(errors_list_the_module_that_has_the_path),
                cmocka_unit_test(variables_know_their_section),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
