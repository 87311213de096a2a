#include "support/functions.h"

#include "support/fixture.h"

/* Ids that the description refers to. */
struct ids {
        uint32_t integer, character, wide, buff, buff_t, pair, big, key, lock, small_dev, large_dev;
        uint32_t buff_ptr, void_ptr;
};

struct param {
        const char *name;
        uint32_t type;
};

/* A prototype; its parameters end with one whose name is NULL. */
static uint32_t proto(struct btf_builder *b, uint32_t returns, const struct param *params)
{
        uint32_t id = btf_builder_func_proto(b, returns);

        for (; params->name; params++)
                btf_builder_param(b, params->name, params->type);
        return id;
}

#define PARAMS(...) ((const struct param[]){__VA_ARGS__, {NULL, 0}})
#define NO_PARAMS   ((const struct param[]){{NULL, 0}})

static uint32_t func(struct btf_builder *b, uint32_t returns, const char *name, const struct param *params)
{
        return btf_builder_func(b, name, proto(b, returns, params), /* global: */ 1);
}

static uint32_t pointer(struct btf_builder *b, uint32_t type)
{
        return btf_builder_ptr(b, type);
}

static uint32_t structure(struct btf_builder *b, const char *name, uint32_t member, uint32_t size,
                          uint32_t n_members)
{
        static const char *const names[] = {"a", "b", "c"};
        uint32_t id = btf_builder_struct(b, name, size * n_members, false);

        for (uint32_t i = 0; i < n_members; i++)
                btf_builder_member(b, names[i], member, i * size * 8, 0);
        return id;
}

static void build_types(struct btf_builder *b, struct ids *ids)
{
        ids->integer = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        ids->character = btf_builder_int(b, "char", 1, 8, BTF_INT_SIGNED | BTF_INT_CHAR);
        ids->wide = btf_builder_int(b, "long", 8, 64, BTF_INT_SIGNED);
        ids->buff = structure(b, "buff", ids->integer, 4, 1);
        ids->buff_t = btf_builder_typedef(b, "buff_t", ids->buff);
        ids->pair = structure(b, "pair", ids->wide, 8, 2);
        ids->big = structure(b, "big", ids->wide, 8, 3);
        ids->key = btf_builder_typedef(b, "key_t", structure(b, "", ids->integer, 4, 1));
        ids->lock = btf_builder_typedef(b, "lock_t", structure(b, "", ids->integer, 4, 1));
        ids->small_dev = structure(b, "dev", ids->integer, 4, 1);
        ids->large_dev = structure(b, "dev", ids->integer, 4, 2);
        ids->buff_ptr = pointer(b, ids->buff);
        ids->void_ptr = pointer(b, 0);
}

static void build_plain(struct btf_builder *b, const struct ids *ids)
{
        uint32_t constant, id;

        id = func(b, ids->integer, "take_first", PARAMS({"b", ids->buff_ptr}));
        btf_builder_decl_tag(b, "kfunc", id, -1);
        btf_builder_decl_tag(b, "ref", id, 0);
        btf_builder_decl_tag(b, "fast", id, -1);
        constant = btf_builder_const(b, pointer(b, btf_builder_const(b, ids->buff_t)));
        func(b, 0, "take_third", PARAMS({"a", ids->integer}, {"b", ids->integer}, {"c", constant}));
        func(b, 0, "take_value", PARAMS({"v", ids->buff}, {"after", ids->integer}));
        func(b, ids->integer, "take_pair", PARAMS({"p", ids->pair}, {"after", ids->integer}));
        func(b, ids->integer, "take_big", PARAMS({"p", ids->big}, {"after", ids->integer}));
        id = func(b, ids->buff_ptr, "make", PARAMS({"n", ids->integer}, {"", 0}));
        btf_builder_decl_tag(b, "kfunc", id, -1);
}

static void build_callback(struct btf_builder *b, const struct ids *ids)
{
        uint32_t fn = pointer(b, proto(b, ids->integer, PARAMS({"", ids->void_ptr})));
        uint32_t table = pointer(b, btf_builder_array(b, ids->integer, ids->integer, 3));
        uint32_t names = btf_builder_array(b, ids->character, ids->integer, 4);
        uint32_t text = pointer(b, btf_builder_type_tag(b, "user", ids->character, false));

        func(b, 0, "callback", PARAMS({"fn", fn}, {"table", table}, {"names", names}, {"text", text}));
        func(b, ids->integer, "empty", NO_PARAMS);
}

static void build_search(struct btf_builder *b, const struct ids *ids)
{
        uint32_t alias = btf_builder_typedef(b, "buff_p", pointer(b, ids->buff_t));

        func(b, 0, "take_key", PARAMS({"k", ids->key}));
        func(b, 0, "take_lock", PARAMS({"l", ids->lock}));
        func(b, 0, "take_alias", PARAMS({"b", alias}));
        func(b, 0, "small_dev", PARAMS({"d", pointer(b, ids->small_dev)}));
        func(b, 0, "large_dev", PARAMS({"d", pointer(b, ids->large_dev)}));
        func(b, ids->integer, "twice", PARAMS({"a", ids->integer}));
        func(b, ids->integer, "twice", PARAMS({"b", ids->integer}));
        func(b, ids->integer, "differ", PARAMS({"a", ids->integer}));
        func(b, 0, "differ", PARAMS({"a", ids->wide}));
        func(b, ids->integer, "bpf_lsm_file_open", PARAMS({"file", ids->buff_ptr}));
}

/* A tracepoint's typedef. */
static void hook(struct btf_builder *b, const char *name, const struct param *params)
{
        btf_builder_typedef(b, name, pointer(b, proto(b, 0, params)));
}

static void build_tracepoints(struct btf_builder *b, const struct ids *ids)
{
        hook(b, "btf_trace_wakeup", PARAMS({"", ids->void_ptr}, {"", ids->buff_ptr}, {"", ids->integer}));
        func(b, ids->integer, "__traceiter_wakeup",
             PARAMS({"__data", ids->void_ptr}, {"b", ids->buff_ptr}, {"cpu", ids->integer}));
        hook(b, "btf_trace_renamed", PARAMS({"", ids->void_ptr}, {"", ids->integer}));
        func(b, ids->integer, "__traceiter_renamed", PARAMS({"__data", ids->void_ptr}, {"cpu", ids->wide}));
        btf_builder_typedef(b, "btf_trace_none", ids->integer);
}

static void build_module(struct btf_builder *b, const struct ids *ids)
{
        uint32_t buff = structure(b, "buff", ids->integer, 4, 1);
        uint32_t dev = structure(b, "dev", ids->integer, 4, 2);
        uint32_t buff_ptr = pointer(b, buff);

        func(b, 0, "net_take", PARAMS({"b", buff_ptr}));
        func(b, 0, "net_base", PARAMS({"b", ids->buff_ptr}));
        func(b, 0, "net_dev", PARAMS({"d", pointer(b, dev)}));
        func(b, 0, "net_later", PARAMS({"b", pointer(b, btf_builder_fwd(b, "buff", false))}));
        func(b, 0, "net_any", PARAMS({"d", pointer(b, btf_builder_fwd(b, "dev", false))}));
        func(b, ids->integer, "take_first", PARAMS({"other", ids->wide}));
        hook(b, "btf_trace_net_rx", PARAMS({"", ids->void_ptr}, {"", buff_ptr}));
        func(b, 0, "__bpf_trace_net_rx", PARAMS({"__data", ids->void_ptr}, {"skb", buff_ptr}));
}

struct source_set *functions_set(void)
{
        struct btf_builder *b = btf_builder_new();
        struct fixture_module module = {.name = "net"};
        struct ids ids;

        build_types(b, &ids);
        build_plain(b, &ids);
        build_callback(b, &ids);
        build_search(b, &ids);
        build_tracepoints(b, &ids);
        module.b = btf_builder_new_split(b);
        build_module(module.b, &ids);
        return fixture_set_with(b, &module, 1);
}
