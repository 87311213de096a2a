/*
 * Prototypes, against the parameters that BTF has; and searches by what a function takes and returns, which must find it.
 */
#include "fuzz/asker.h"
#include "query/func_find.h"

/* Functions of one kernel, each of which takes some questions. */
#define MAX_FUNCTIONS 12U

/* Longer names than this are no pattern; the bound has tests of its own. */
#define MAX_NAME 256U

static json_t *pack_id(const struct source *source, uint32_t id)
{
        return json_pack("{s:s, s:I, s:I}", "source", source->name, "id", (json_int_t)id, "instance",
                         (json_int_t)source->instance);
}

/* What func.get says of a function by its id has the parameters of its prototype, and slots one behind the other. */
static void check_prototype(struct asker *asker, const struct source *source, uint32_t id)
{
        struct btf_type proto = btf_type(source->btf, btf_target(source->btf, id));
        json_t *reply = ask_rpc(asker, "func.get", pack_id(source, id));
        const json_t *result = json_object_get(reply, "result");
        const json_t *params = json_object_get(result, "params"), *param;
        bool is_variadic = json_is_true(json_object_get(result, "variadic"));
        json_int_t slot = 0;
        size_t i;

        if (!reply)
                return;
        fuzz_check(result != NULL && json_array_size(params) + is_variadic == proto.vlen);
        json_array_foreach(params, i, param)
        {
                const json_t *slots = json_object_get(param, "slots");
                uint32_t type = btf_param(source->btf, &proto, (uint32_t)i).type;

                fuzz_check(json_integer_value(json_object_get(param, "type_id")) == type);
                fuzz_check(!slots == !json_object_get(param, "slot"));
                if (!slots) {
                        slot = -1;
                        continue;
                }
                fuzz_check(slot >= 0 && json_integer_value(json_object_get(param, "slot")) == slot);
                slot += json_integer_value(slots);
        }
        json_decref(reply);
}

static bool has_match(const json_t *function, uint32_t index)
{
        const json_t *matches = json_object_get(function, "matches"), *match;
        size_t i;

        json_array_foreach(matches, i, match)
        {
                if (json_integer_value(json_object_get(match, "index")) == index)
                        return true;
        }
        return false;
}

/* Asks for the functions of that name and source of which a parameter or what is returned is of the type. */
static void check_search(struct asker *asker, const struct source *source, uint32_t id, const char *what,
                         uint32_t type, const uint32_t *position)
{
        json_t *asked = pack_id(source, type);
        const json_t *functions, *function;
        json_t *reply;
        bool is_found = false;
        size_t i;

        if (position && asker_random(asker, 2))
                json_object_set_new(asked, "position", json_integer((json_int_t)*position));
        else if (position)
                json_object_set_new(asked, "within", json_integer((json_int_t)*position + 1));
        reply = ask_rpc(asker, "func.find",
                        json_pack("{s:s, s:s, s:s, s:o, s:i}", "name", btf_name_of(source->btf, id), "match",
                                  "exact", "source", source->name, what, asked, "limit", 1000));
        if (!reply)
                return;
        functions = json_object_get(json_object_get(reply, "result"), "functions");
        fuzz_check(json_is_array(functions));
        json_array_foreach(functions, i, function)
        {
                fuzz_check(!position || json_array_size(json_object_get(function, "matches")) > 0);
                if (json_integer_value(json_object_get(function, "id")) == id)
                        is_found = !position || has_match(function, *position);
        }
        fuzz_check(is_found);
        json_decref(reply);
}

static void ask_function(struct asker *asker, const struct source *source, uint32_t id)
{
        struct btf_type proto = btf_type(source->btf, btf_target(source->btf, id));
        size_t length = strlen(btf_name_of(source->btf, id));

        check_prototype(asker, source, id);
        if (length == 0 || length > MAX_NAME)
                return;
        check_search(asker, source, id, "returns", proto.size_or_type, /* position= */ NULL);
        if (proto.vlen > 0) {
                uint32_t position = asker_random(asker, proto.vlen);
                struct btf_param param = btf_param(source->btf, &proto, position);

                if (param.type != 0)
                        check_search(asker, source, id, "param", param.type, &position);
        }
}

void ask_functions(struct asker *asker)
{
        static const char *const categories[] = {"function", "lsm", "tracepoint"};
        unsigned int n_left = MAX_FUNCTIONS;

        for (size_t i = asker->set->n_sources; i-- > 0;) {
                const struct source *source = asker->set->sources[i];

                for (uint32_t id = source->base ? source->btf->start_id : 1;
                     id < source->btf->n_types && n_left > 0; id++) {
                        if (btf_kind(source->btf, id) != BTF_KIND_FUNC)
                                continue;
                        n_left--;
                        ask_function(asker, source, id);
                }
        }
        for (size_t i = 0; i < ARRAY_LENGTH(categories); i++)
                json_decref(ask_rpc(asker, "func.find",
                                    json_pack("{s:s, s:i}", "category", categories[i], "limit", 50)));
}
