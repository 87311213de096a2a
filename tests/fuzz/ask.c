#include "fuzz/ask.h"

#include "fuzz/asker.h"
#include "index/snapshot.h"

/* Of one set: each takes dozens of lookups, or paths. */
#define MAX_NAMES    16U
#define MAX_ROOTS    20U
#define MAX_IDS      48U /* asked by the protocol */
#define MAX_NEAR     4U
#define MAX_HOPELESS 6U

uint32_t asker_random(struct asker *asker, uint32_t bound)
{
        asker->random ^= asker->random << 13;
        asker->random ^= asker->random >> 7;
        asker->random ^= asker->random << 17;
        return (uint32_t)(asker->random * UINT64_C(0x2545f4914f6cdd1d) >> 32) % bound;
}

/* Another one for each kernel, whatever its byte order. */
static uint64_t random_seed(const struct source_set *set)
{
        uint64_t seed = UINT64_C(88172645463325252);

        for (size_t i = 0; i < set->n_sources; i++)
                seed = (seed ^ set->sources[i]->bytes.size) * UINT64_C(0x100000001b3);
        return seed != 0 ? seed : 1;
}

static uint32_t first_id(const struct source *source)
{
        return source->base ? source->btf->start_id : 1;
}

static void ask_ids(struct asker *asker, const struct source *source)
{
        for (uint32_t id = first_id(source); id < source->btf->n_types && id - first_id(source) < MAX_IDS;
             id++)
                json_decref(ask_rpc(asker, "type.get",
                                    json_pack("{s:s, s:I, s:I}", "source", source->name, "id", (json_int_t)id,
                                              "instance", (json_int_t)source->instance)));
}

/* Questions that mostly lead nowhere, and must say so: types that have no such member, paths that are none, ids of another time. */
static void ask_hopeless(struct asker *asker, const struct source *source)
{
        static const char *const paths[] = {
                "a",
                "->a",
                "[1]",
                "a.b",
                "a->b->c",
                "next[18446744073709551615]",
                "[18446744073709551615]",
                "a[0x]",
                "a..",
                "a[-]",
                "-> 0",
                "state",
                "a[4294967295][4294967295]",
                "[99999999]->a",
        };
        json_int_t n_types = source->btf->n_types;
        json_int_t instance = (json_int_t)source->instance;

        for (unsigned int i = 0; i < MAX_HOPELESS; i++)
                json_decref(ask_rpc(asker, "field.offset",
                                    json_pack("{s:s, s:I, s:I, s:s}", "source", source->name, "id",
                                              (json_int_t)asker_random(asker, source->btf->n_types),
                                              "instance", instance, "path",
                                              paths[asker_random(asker, ARRAY_LENGTH(paths))])));
        json_decref(ask_rpc(
                asker, "type.get",
                json_pack("{s:s, s:I, s:I}", "source", source->name, "id", n_types, "instance", instance)));
        json_decref(ask_rpc(
                asker, "type.get",
                json_pack("{s:s, s:i, s:I}", "source", source->name, "id", 1, "instance", instance + 1)));
        json_decref(ask_rpc(asker, "type.get",
                            json_pack("{s:s, s:I, s:I, s:s}", "source", source->name, "id", n_types - 1,
                                      "instance", instance, "type", "foo")));
        /* What could not be loaded is a source that has an error. */
        json_decref(ask_rpc(asker, "type.get", json_pack("{s:s, s:s}", "source", "m0", "type", "int")));
}

/* Every name once, the newest sources' first as that is where they collide. */
static void ask_names(struct asker *asker)
{
        const char *names[MAX_NAMES];
        size_t n_names = 0;

        for (size_t i = asker->set->n_sources; i-- > 0;) {
                const struct source *source = asker->set->sources[i];

                for (uint32_t id = first_id(source); id < source->btf->n_types && n_names < MAX_NAMES; id++) {
                        struct btf_type type = btf_type(source->btf, id);
                        const char *name = btf_name(source->btf, &type);
                        size_t j = 0;

                        while (j < n_names && !string_equal(names[j], name))
                                j++;
                        if (name[0] != '\0' && j == n_names)
                                names[n_names++] = name;
                }
        }
        /* As C has it, but as no compiler writes it. */
        ask_name(asker, "unsigned long int");
        for (size_t i = 0; i < n_names; i++)
                ask_name(asker, names[i]);
}

static void ask_roots(struct asker *asker)
{
        for (size_t i = 0; i < asker->set->n_sources; i++) {
                const struct source *source = asker->set->sources[i];
                unsigned int n_left = MAX_ROOTS;

                for (uint32_t id = source->btf->n_types; --id >= first_id(source) && n_left > 0;) {
                        enum btf_kind kind = btf_strip(source->btf, id).kind;

                        if (!btf_kind_is_composite(kind) && kind != BTF_KIND_PTR && kind != BTF_KIND_ARRAY &&
                            kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR)
                                continue;
                        n_left--;
                        ask_paths(asker, (struct query_type){source, id});
                }
        }
}

/*
 * Whether more definitions hash alike than are compared with one another. Which ones then count as different is up to
 * the hash's seed, so that there is nothing to say about their names.
 */
static bool is_crowded(const struct module_index *index)
{
        for (uint32_t i = 0; i <= index->mask; i++) {
                if (index->buckets[i + 1] - index->buckets[i] > MODULE_INDEX_MAX_COMPARED)
                        return true;
        }
        return false;
}

/* That of the first source alone. */
static struct source_set *without_modules(const struct source_set *set)
{
        struct source_set *alone = NULL;

        if (set->n_sources > 0)
                fuzz_check(source_set_new(&alone, set->name, set->directory, set->sources, /* n_sources= */ 1,
                                          /* failures= */ NULL, /* n_failures= */ 0) == 0);
        return alone;
}

char *ask_everything(const struct source_set *set)
{
        static const struct rpc_config config = {.max_connections = 1};
        struct source_set *shared = source_set_ref((struct source_set *)(uintptr_t)set);
        struct asker asker = {.set = set,
                              .random = random_seed(set),
                              .n_near_left = MAX_NEAR,
                              .vmlinux = without_modules(set)};
        struct snapshot *snapshot;
        char *transcript = NULL;
        size_t size;

        fuzz_check(snapshot_new(&snapshot, /* generation= */ 1, &shared, /* n_sets= */ 1) == 0);
        rpc_init(&asker.rpc, &config);
        rpc_set_snapshot(&asker.rpc, snapshot);
        json_writer_init(&asker.reply, SIZE_MAX);
        asker.transcript = open_memstream(&transcript, &size);
        fuzz_check(asker.transcript != NULL);

        json_decref(ask_rpc(&asker, "source.list", json_object()));
        json_decref(ask_rpc(&asker, "type.get", json_pack("{s:s}", "type", "int")));
        for (size_t i = 0; i < set->n_sources; i++) {
                ask_types(set->sources[i]);
                ask_ids(&asker, set->sources[i]);
                ask_hopeless(&asker, set->sources[i]);
                ask_layouts(&asker, set->sources[i]);
        }
        if (set->n_sources > 0 && !is_crowded(&set->modules)) {
                ask_module_index(set);
                ask_names(&asker);
                ask_roots(&asker);
                ask_lists(&asker);
                ask_functions(&asker);
                ask_values(&asker);
        }

        fuzz_check(fclose(asker.transcript) == 0);
        if (is_crowded(&set->modules)) {
                free(transcript);
                transcript = NULL;
        }
        json_writer_deinit(&asker.reply);
        rpc_deinit(&asker.rpc);
        snapshot_unref(snapshot);
        source_set_unref(asker.vmlinux);
        source_set_unref(shared);
        return transcript;
}

void ask_compare(char *a, char *b)
{
        size_t i = 0, line = 0;

        if (!a || !b) {
                free(a);
                free(b);
                return;
        }
        for (; a[i] == b[i] && a[i] != '\0'; i++)
                line = a[i] == '\n' ? i + 1 : line;
        if (a[i] != b[i])
                fprintf(stderr, "one says: %.2000s\nother:    %.2000s\n", a + line, b + line);
        fuzz_check(a[i] == b[i]);
        free(a);
        free(b);
}
