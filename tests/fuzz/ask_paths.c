/*
 * Paths made from the types themselves: while one is being written, what it must lead to is added up.
 */
#include "btf/base_type.h"
#include "fuzz/ask_bits.h"
#include "fuzz/asker.h"
#include "query/offset.h"
#include "query/type_name.h"

#define MAX_STEPS  12U   /* of a path; the deepest seen in a kernel has fewer */
#define MAX_PLACES 64U   /* members of one type that a path may go to */
#define MAX_VISITS 4096U /* unnamed ones included, to find them */
#define TEXT_SIZE  1024U
#define N_PATHS    2U /* from each type */

struct walk {
        struct query_type root;
        const struct btf *btf;
        char text[TEXT_SIZE];
        size_t length;
        uint32_t type;   /* what the path leads to so far */
        uint64_t offset; /* bytes from the start of the last step */
        uint64_t offsets[MAX_STEPS + 1];
        size_t n_derefs;
        uint64_t object_size; /* bytes that are known to be there from the start of the last step */
        uint64_t bit_offset;  /* of a bitfield, from there too */
        uint32_t bitfield_size;
        bool is_last;  /* of its struct, where an array of no elements is flexible */
        bool is_loose; /* some member lies beyond its struct's end, or an element beyond what BTF counts */
};

static bool is_identifier(const char *name)
{
        static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

        return name[0] != '\0' && !strchr("0123456789", name[0]) && strspn(name, letters) == strlen(name);
}

static uint64_t size_or(const struct btf *btf, uint32_t id, uint64_t fallback)
{
        uint64_t bytes;

        return btf_type_size(btf, id, &bytes) == 0 ? bytes : fallback;
}

/* Appends a piece of path; false if there is no room for a longer one. */
static bool write_text(struct walk *walk, const char *before, const char *text, const char *after)
{
        if (walk->length + strlen(text) + 8 > sizeof(walk->text))
                return false;
        walk->length += (size_t)snprintf(walk->text + walk->length, sizeof(walk->text) - walk->length,
                                         "%s%s%s", before, text, after);
        return true;
}

static void begin_step(struct walk *walk, uint32_t pointee, uint64_t n_elements)
{
        uint64_t size = size_or(walk->btf, pointee, UINT64_MAX);

        walk->offsets[walk->n_derefs++] = walk->offset;
        walk->type = pointee;
        walk->offset = n_elements > 0 ? size * n_elements : 0;
        walk->object_size = size == UINT64_MAX ? size : size * (n_elements + 1);
        walk->is_last = false;
}

/* A named member, where it lies in the type that a path looks for it in. */
struct named {
        struct btf_member member;
        uint64_t bit_offset;
        bool is_last; /* of the type that declares it */
};

struct named_list {
        struct named members[MAX_PLACES];
        uint32_t n_members;
        uint32_t
                n_left; /* members still to be looked at, as unnamed types may hold one another many times over */
};

/* In the order of declaration, those of unnamed members where these stand. Nests no deeper than BTF_MAX_EMBEDDING. */
static void list_members(struct named_list *list, const struct btf *btf, uint32_t id, uint64_t bit_offset)
{
        struct btf_type type = btf_strip(btf, id);

        if (!btf_kind_is_composite(type.kind))
                return;
        for (uint32_t i = 0; i < type.vlen && list->n_left > 0 && list->n_members < MAX_PLACES; i++) {
                struct btf_member member = btf_member(btf, &type, i);
                uint64_t at = bit_offset + member.bit_offset;

                list->n_left--;
                if (member.name[0] == '\0')
                        list_members(list, btf, member.type, at);
                else
                        list->members[list->n_members++] =
                                (struct named){member, at, type.kind == BTF_KIND_UNION || i + 1 == type.vlen};
        }
}

/* Goes to a member of a struct, the first of its name; false if there is none that a path could name. */
static bool enter_member(struct asker *asker, struct walk *walk, const struct btf_type *composite,
                         const char *separator)
{
        struct named_list list = {.n_left = MAX_VISITS};
        const struct named *chosen;
        uint32_t i = 0;

        list_members(&list, walk->btf, composite->id, /* bit_offset= */ 0);
        if (list.n_members == 0)
                return false;
        chosen = &list.members[asker_random(asker, list.n_members)];
        while (!string_equal(list.members[i].member.name, chosen->member.name))
                i++;
        chosen = &list.members[i];
        if (!is_identifier(chosen->member.name) || !write_text(walk, separator, chosen->member.name, ""))
                return false;
        walk->type = chosen->member.type;
        walk->bit_offset = walk->offset * 8 + chosen->bit_offset;
        walk->offset += chosen->bit_offset / 8;
        walk->bitfield_size = chosen->member.bitfield_size;
        walk->is_last = chosen->is_last;
        if (walk->offset + size_or(walk->btf, walk->type, 0) > walk->object_size)
                walk->is_loose = true;
        return true;
}

static bool enter_array(struct asker *asker, struct walk *walk, const struct btf_array *array)
{
        uint64_t size = size_or(walk->btf, array->type, UINT64_MAX);
        bool is_flexible = array->nelems == 0 && walk->is_last;
        uint32_t n_elements = is_flexible ? 9 : array->nelems;
        struct btf_type element = btf_strip(walk->btf, array->type);
        uint32_t i;
        char text[16];

        if (n_elements == 0 || size == UINT64_MAX)
                return false;
        i = asker_random(asker, 2) ? n_elements - 1 : asker_random(asker, n_elements);
        walk->offset += size * i;
        walk->type = array->type;
        walk->is_last = false;
        if (is_flexible) {
                walk->object_size = walk->offset + size;
                walk->is_loose = true;
        }
        /* As in C, an array stands for a pointer to its first element. */
        if (i == 0 && btf_kind_is_composite(element.kind) && asker_random(asker, 2))
                return enter_member(asker, walk, &element, "->");
        snprintf(text, sizeof(text), asker_random(asker, 2) ? "%u" : "0x%x", i);
        return write_text(walk, "[", text, "]");
}

static bool enter_pointer(struct asker *asker, struct walk *walk, const struct btf_type *pointer)
{
        struct btf_type pointee = btf_strip(walk->btf, pointer->size_or_type);
        uint32_t n_elements = asker_random(asker, 4);
        char text[16];

        if (btf_kind_is_composite(pointee.kind) && asker_random(asker, 4) > 0) {
                begin_step(walk, pointer->size_or_type, 0);
                return enter_member(asker, walk, &pointee, "->");
        }
        if (size_or(walk->btf, pointee.id, UINT64_MAX) == UINT64_MAX)
                return false;
        snprintf(text, sizeof(text), "%u", n_elements);
        if (!write_text(walk, "[", text, "]"))
                return false;
        begin_step(walk, pointer->size_or_type, n_elements);
        return true;
}

/* One component more; false if the path ends before it. */
static bool go_on(struct asker *asker, struct walk *walk)
{
        struct btf_type base = btf_strip(walk->btf, walk->type);
        struct btf_array array;

        if (walk->bitfield_size > 0)
                return false;
        if (btf_kind_is_composite(base.kind))
                return enter_member(asker, walk, &base,
                                    walk->length > 0 || asker_random(asker, 2) ? "." : " ");
        if (base.kind == BTF_KIND_PTR)
                return enter_pointer(asker, walk, &base);
        if (base.kind != BTF_KIND_ARRAY)
                return false;
        array = btf_array(walk->btf, &base);
        return enter_array(asker, walk, &array);
}

static void check_plan(const struct walk *walk, const struct plan *plan)
{
        const struct plan_step *last = &plan->steps[plan->n_steps - 1];

        fuzz_check(plan->n_steps == walk->n_derefs + 1 && !last->dereference);
        for (size_t i = 0; i < walk->n_derefs; i++)
                fuzz_check(plan->steps[i].dereference && (uint64_t)plan->steps[i].offset == walk->offsets[i]);
        fuzz_check(plan->is_flexible ==
                   (plan->value.base.kind == BTF_KIND_ARRAY && plan->value.nelems == 0 && walk->is_last));
        fuzz_check(plan->value.type == walk->type && plan->value.is_bitfield == (walk->bitfield_size > 0));
        if (plan->value.is_bitfield) {
                fuzz_check(plan->value.bitfield.bit_size == walk->bitfield_size);
                ask_bits(&plan->value, walk->btf, walk->bit_offset, (uint64_t)last->offset,
                         walk->object_size);
                return;
        }
        fuzz_check((uint64_t)last->offset == walk->offset);
        if (!walk->is_loose && plan->value.has_size)
                fuzz_check((uint64_t)last->offset + plan->value.size <= walk->object_size);
}

/* Whether two plans tell a tracer to do the same. Of a member that is only declared, which is no C, one says less. */
static bool is_same_plan(const struct plan *a, const struct plan *b)
{
        bool is_declared = a->value.base.kind == BTF_KIND_FWD || b->value.base.kind == BTF_KIND_FWD;

        if (a->n_steps != b->n_steps || a->is_flexible != b->is_flexible ||
            (!is_declared && !value_agrees(&a->value, &b->value)))
                return false;
        for (size_t i = 0; i < a->n_steps; i++) {
                if ((uint64_t)a->steps[i].offset != (uint64_t)b->steps[i].offset ||
                    a->steps[i].dereference != b->steps[i].dereference)
                        return false;
        }
        return true;
}

/* By name: whatever the name may mean, the path leads to the same in all of it, or else the name is ambiguous. */
static void ask_named(struct asker *asker, const struct walk *walk, const struct path *path, bool all_tiers)
{
        struct btf_type type = btf_type(walk->btf, walk->root.id);
        const char *name = btf_name(walk->btf, &type);
        char asked[256];
        struct selector selector = {.name = asked, .all_tiers = all_tiers};
        struct query_error error;
        struct found also;
        struct meant meant;
        struct plan plan;
        int r;

        snprintf(asked, sizeof(asked), "%s%s%s",
                 btf_kind_is_composite(type.kind) ? btf_kind_name(type.kind) : "",
                 btf_kind_is_composite(type.kind) ? " " : "", name);
        json_decref(ask_rpc(asker, "field.offset",
                            json_pack("{s:s, s:s, s:s}", "type", asked, "path", walk->text, "scope",
                                      all_tiers ? "all" : "first")));
        const struct plan_scope scope = {.set = asker->set};

        r = field_offset(asker->set, &selector, walk->text, &plan, &also, &error);
        /* By an integer type's name, something else may be meant than is called so. */
        if (r == QUERY_AMBIGUOUS_NAME || r == QUERY_NAME_NOT_FOUND || base_type_spellings(name, strlen(name)))
                return;
        meant = meant_find(asker->set, &selector);
        for (size_t i = 0; i < meant.n_types; i++) {
                struct plan other;

                if (plan_resolve(&scope, meant.types[i], path, &other, &error) == 0)
                        fuzz_check(r == 0 && is_same_plan(&plan, &other));
        }
        meant_deinit(&meant);
}

static void check_reply(const json_t *reply, const struct plan *plan)
{
        const json_t *steps = json_object_get(json_object_get(reply, "result"), "steps");

        fuzz_check(json_array_size(steps) == plan->n_steps);
        for (size_t i = 0; i < plan->n_steps; i++)
                fuzz_check((uint64_t)json_integer_value(json_object_get(
                                   json_array_get(steps, i), "offset")) == (uint64_t)plan->steps[i].offset);
}

static void ask_by_id(struct asker *asker, const char *path, struct query_type root, const struct plan *plan)
{
        json_t *reply = ask_rpc(asker, "field.offset",
                                json_pack("{s:s, s:I, s:I, s:s}", "source", root.source->name, "id",
                                          (json_int_t)root.id, "instance", (json_int_t)root.source->instance,
                                          "path", path));

        if (plan)
                check_reply(reply, plan);
        json_decref(reply);
}

/*
 * The same place by longer ways: `(&P)[0]` of any path P to what is no bitfield, and, where the root has a name that means
 * it, `((struct NAME *)&.)->P` and `container_of(&P, struct NAME, P)[0]` of one that stays inside it.
 */
static void ask_detours(struct asker *asker, const struct walk *walk, const struct plan *plan)
{
        const struct plan_scope scope = {.set = asker->set};
        struct btf_type type = btf_type(walk->btf, walk->root.id);
        struct selector selector = {.name = btf_name(walk->btf, &type)};
        const char *inner = walk->text + strspn(walk->text, " .");
        bool is_struct = type.kind == BTF_KIND_STRUCT && is_identifier(selector.name) &&
                         !string_equal(selector.name, "const") && !string_equal(selector.name, "volatile") &&
                         walk->n_derefs == 0;
        char text[3 * TEXT_SIZE], name[TEXT_SIZE];
        struct looked_up looked_up;
        struct path_error path_error;
        struct query_error error;
        struct path path;
        struct plan other;

        snprintf(text, sizeof(text), "(&(%s))[0]", walk->text);
        fuzz_check(path_parse(text, &path, &path_error) == 0);
        if (plan->value.is_bitfield)
                fuzz_check(plan_resolve(&scope, walk->root, &path, &other, &error) == QUERY_WRONG_KIND);
        else
                fuzz_check(plan_resolve(&scope, walk->root, &path, &other, &error) == 0 &&
                           plan_equal(plan, &other));
        if (!is_struct || inner[0] == '-' || inner[0] == '[' || strstr(inner, "->"))
                return;
        snprintf(name, sizeof(name), "struct %s", selector.name);
        selector.name = name;
        if (strlen(name) > PATH_MAX_TYPE_NAME || lookup(asker->set, &selector, &looked_up, &error) != 0 ||
            looked_up.type.source != walk->root.source || looked_up.type.id != walk->root.id)
                return;
        snprintf(text, sizeof(text), "((%s *)&.)->%s", name, inner);
        fuzz_check(path_parse(text, &path, &path_error) == 0);
        fuzz_check(plan_resolve(&scope, walk->root, &path, &other, &error) == 0 && plan_equal(plan, &other));
        if (plan->value.is_bitfield)
                return;
        snprintf(text, sizeof(text), "container_of(&%s, %s, %s)[0]", inner, name, inner);
        if (path_parse(text, &path, &path_error) != 0)
                return; /* too many components, twice the path's */
        fuzz_check(plan_resolve(&scope, walk->root, &path, &other, &error) == 0);
        fuzz_check(other.n_steps == 1 && other.steps[0].offset == 0 && other.value.type == walk->root.id);
}

static void ask_path(struct asker *asker, struct walk *walk)
{
        struct btf_type type = btf_type(walk->btf, walk->root.id);
        struct path_error path_error;
        struct query_error error;
        struct path path;
        struct plan plan;

        fuzz_check(path_parse(walk->text, &path, &path_error) == 0);
        fuzz_check(plan_resolve(&(struct plan_scope){.set = asker->set}, walk->root, &path, &plan, &error) ==
                   0);
        check_plan(walk, &plan);
        ask_detours(asker, walk, &plan);
        ask_by_id(asker, walk->text, walk->root, &plan);
        if (btf_has_name(walk->btf, &type) &&
            (btf_kind_is_composite(type.kind) || type.kind == BTF_KIND_TYPEDEF)) {
                ask_named(asker, walk, &path, /* all_tiers= */ false);
                ask_named(asker, walk, &path, /* all_tiers= */ true);
        }
        /* Something more: another member, or none; whichever, an answer. */
        if (asker_random(asker, 4) == 0 &&
            write_text(walk, walk->text[walk->length - 1] == ']' ? "[99]" : "x", "", ""))
                ask_by_id(asker, walk->text, walk->root, /* plan= */ NULL);
}

/* Every parameter that a path can name is a root. */
static void ask_function(struct asker *asker, struct query_type root)
{
        const struct btf *btf = root.source->btf;
        struct btf_type func = btf_type(btf, root.id);
        struct btf_type proto = btf_type(btf, func.size_or_type);
        const struct plan_scope scope = {.set = asker->set};

        json_decref(ask_rpc(asker, "field.offset",
                            json_pack("{s:s, s:s}", "func", btf_name(btf, &func), "path", "return")));
        for (uint32_t i = 0; i < proto.vlen && i < 16; i++) {
                struct btf_param param = btf_param(btf, &proto, i);
                struct path_error path_error;
                struct query_error error;
                struct path path;
                struct plan plan;

                if (!is_identifier(param.name) || string_equal(param.name, "return"))
                        continue;
                fuzz_check(path_parse(param.name, &path, &path_error) == 0);
                fuzz_check(plan_resolve(&scope, root, &path, &plan, &error) == 0);
                fuzz_check(plan.start == PLAN_ARGUMENT && plan.argument.index <= i);
                fuzz_check(plan.n_steps == (plan.argument.by_value ? 1 : 0));
                fuzz_check(string_equal(btf_param(btf, &proto, plan.argument.index).name, param.name));
                /* A slot or more for each before it, unless something is larger than registers. */
                fuzz_check(!plan.argument.has_slot || plan.argument.slot <= 2 * 2 * plan.argument.index);
                json_decref(
                        ask_rpc(asker, "field.offset",
                                json_pack("{s:s, s:s}", "func", btf_name(btf, &func), "path", param.name)));
        }
}

static void ask_variable(struct asker *asker, struct query_type root)
{
        const char *name = btf_name_of(root.source->btf, root.id);

        json_decref(ask_rpc(asker, "field.offset", json_pack("{s:s, s:s}", "var", name, "path", ".")));
        json_decref(ask_rpc(asker, "field.offset",
                            json_pack("{s:[{s:s, s:s}, {s:s, s:s}]}", "any", "var", name, "path", "(x *)y->z",
                                      "var", name, "path", "[1]")));
}

void ask_paths(struct asker *asker, struct query_type root)
{
        enum btf_kind kind = btf_kind(root.source->btf, root.id);

        if (kind == BTF_KIND_FUNC)
                ask_function(asker, root);
        if (kind == BTF_KIND_VAR)
                ask_variable(asker, root);
        for (unsigned int i = 0; i < N_PATHS; i++) {
                struct walk walk = {
                        .root = root,
                        .btf = root.source->btf,
                        .type = root.id,
                        .object_size = size_or(root.source->btf, root.id, UINT64_MAX),
                };
                unsigned int n_left = 1 + asker_random(asker, MAX_STEPS);

                for (struct walk longer = walk; n_left-- > 0 && go_on(asker, &longer);)
                        walk = longer;
                if (walk.length > 0)
                        ask_path(asker, &walk);
        }
}
