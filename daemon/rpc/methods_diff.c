/*
 * Methods that compare: type.diff.
 */
#include "query/diff.h"
#include "query/lookup.h"
#include "query/type_name.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

/* One of the two types that are compared, as it was looked up. */
struct side {
        const char *key;
        const struct source_set *set;
        struct looked_up looked_up;
};

/*
 * What the other side does not say is as on the first. But what tells one definition from another of its name (id,
 * instance, size, has) means nothing of another name, or in another place.
 */
static struct selector selector_of_other(const struct rpc_params *first, const struct rpc_params *with)
{
        const rpc_param_set elsewhere = RPC_SET(TYPE) | RPC_SET(SOURCE) | RPC_SET(SET);
        struct selector selector = first->selector;

        if (with->given & elsewhere) {
                selector.has_id = selector.has_size = false;
                selector.has = NULL;
        }
        if (with->given & RPC_SET(TYPE))
                selector.name = with->selector.name;
        if (with->given & RPC_SET(SOURCE))
                selector.source = with->selector.source;
        if (with->given & RPC_SET(SCOPE))
                selector.all_tiers = with->selector.all_tiers;
        if (with->given & RPC_SET(HAS))
                selector.has = with->selector.has;
        if (with->given & RPC_SET(KIND)) {
                selector.has_kind = true;
                selector.kind = with->selector.kind;
        }
        if (with->given & RPC_SET(SIZE)) {
                selector.has_size = true;
                selector.size = with->selector.size;
        }
        if (with->given & RPC_SET(ID)) {
                selector.has_id = true;
                selector.id = with->selector.id;
                selector.instance = with->selector.instance;
        }
        return selector;
}

static void write_words(struct json_writer *out, const char *key, unsigned int set, const char *const *words)
{
        json_write_key(out, key);
        json_write_array_begin(out);
        for (unsigned int bit = 0; set >> bit != 0; bit++) {
                if (set >> bit & 1)
                        json_write_string(out, words[bit]);
        }
        json_write_array_end(out);
}

/* What a typedef, pointer, array or variable is of, and what a function returns. */
static void write_target(struct json_writer *out, const struct btf *btf, const struct btf_type *type)
{
        if (btf_kind_is_modifier(type->kind) || type->kind == BTF_KIND_VAR)
                write_type_name(out, "type", btf, type->size_or_type);
        else if (type->kind == BTF_KIND_PTR || type->kind == BTF_KIND_ARRAY)
                write_type_name(out, "type", btf, type->id);
        else if (type->kind == BTF_KIND_FUNC)
                write_type_name(out, "returns", btf, btf_target(btf, type->size_or_type));
        else if (type->kind == BTF_KIND_FUNC_PROTO)
                write_type_name(out, "returns", btf, type->size_or_type);
}

static void write_side(struct json_writer *out, const struct side *side)
{
        const struct query_type asked = side->looked_up.type;
        const struct btf *btf = asked.source->btf;
        struct btf_type type = btf_type(btf, asked.id);

        json_write_key(out, side->key);
        json_write_object_begin(out);
        json_write_string_member(out, "set", side->set->name);
        write_definition(out, asked);
        write_encoding(out, value_of(btf, type.id).encoding);
        write_target(out, btf, &type);
        if (type.kind == BTF_KIND_FUNC)
                write_linkage_name(out, type.vlen);
        else if (type.kind == BTF_KIND_VAR)
                write_linkage_name(out, btf_word(btf, &type));
        write_also(out, &side->looked_up.also, /* has_path= */ false);
        json_write_object_end(out);
}

/* Where a member is and of what type. */
static void write_member(struct json_writer *out, const struct diff_side *side, const struct entry *entry)
{
        const struct btf *btf = side->entries.btf;
        struct value value = value_of(btf, entry->type);
        uint64_t offset = entry->place / 8;

        if (entry->bitfield_size > 0)
                offset = value_place_bitfield(&value, btf, entry->place, entry->bitfield_size,
                                              side->base.size_or_type);
        json_write_uint_member(out, "offset", offset);
        write_type_name(out, "type", btf, entry->type);
        if (value.has_size)
                json_write_uint_member(out, "size", value.size);
        if (value.is_bitfield)
                write_bitfield(out, &value.bitfield);
}

static void write_param(struct json_writer *out, const struct btf *btf, const struct entry *entry)
{
        uint64_t bytes;

        json_write_uint_member(out, "index", entry->place);
        if (entry->name[0] != '\0')
                json_write_string_member(out, "name", entry->name);
        if (string_equal(entry->name, "..."))
                return;
        write_type_name(out, "type", btf, entry->type);
        if (btf_type_size(btf, entry->type, &bytes) == 0)
                json_write_uint_member(out, "size", bytes);
}

static void write_entry(struct json_writer *out, const char *key, const struct diff_side *side,
                        uint32_t i_entry)
{
        const struct entry *entry;

        if (i_entry == ENTRY_NONE)
                return;
        entry = &side->entries.list[i_entry];
        json_write_key(out, key);
        json_write_object_begin(out);
        switch (side->entries.of) {
        case ENTRIES_OF_NOTHING:
                break;
        case ENTRIES_OF_VALUES:
                write_enumerator_value(out, side->entries.btf, &side->base, i_entry);
                break;
        case ENTRIES_OF_PARAMS:
                write_param(out, side->entries.btf, entry);
                break;
        case ENTRIES_OF_MEMBERS:
        case ENTRIES_OF_VARIABLES:
                write_member(out, side, entry);
                break;
        }
        json_write_object_end(out);
}

static void write_path(struct json_writer *out, const struct diff_side *side, uint32_t i_entry)
{
        static const char ellipsis[] = " ...";
        char buffer[TYPE_NAME_SIZE + sizeof(ellipsis)];
        struct strbuf text;

        strbuf_init(&text, buffer, TYPE_NAME_SIZE);
        entries_path(&side->entries, i_entry, &text);
        if (text.overflow)
                memcpy(buffer + text.length, ellipsis, sizeof(ellipsis));
        if (buffer[0] != '\0')
                json_write_string_member(out, "path", buffer);
}

static void write_changes(struct json_writer *out, const struct diff *diff)
{
        static const char *const words[] = {"added",   "removed",   "moved",    "resized",
                                            "retyped", "redefined", "revalued", "renamed"};

        json_write_key(out, "changes");
        json_write_array_begin(out);
        for (uint32_t i = 0; i < diff->n_changes && out->error == 0; i++) {
                const struct diff_change *change = &diff->changes[i];

                json_write_object_begin(out);
                if (change->i_b != ENTRY_NONE)
                        write_path(out, &diff->b, change->i_b);
                else
                        write_path(out, &diff->a, change->i_a);
                write_words(out, "what", change->what, words);
                write_entry(out, "a", &diff->a, change->i_a);
                write_entry(out, "b", &diff->b, change->i_b);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

static void write_diff(struct json_writer *out, const struct snapshot *snapshot, const struct side *sides,
                       const struct diff *diff)
{
        static const char *const words[] = {"kind", "size",       "encoding", "bits",
                                            "type", "definition", "returns",  "linkage"};

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        write_side(out, &sides[0]);
        write_side(out, &sides[1]);
        json_write_bool_member(out, "same", diff_is_same(diff));
        write_words(out, "differs", diff->whole, words);
        json_write_uint_member(out, "count", diff->n_total);
        write_changes(out, diff);
        json_write_object_end(out);
}

/* Looks both up; false after an error. */
static bool look_up(struct rpc_request *request, struct side sides[2])
{
        const struct rpc_params *params = &request->params;
        struct rpc_params with;
        struct selector other;
        struct query_error error;

        if (!rpc_params_decode(params->with, "with", RPC_SELECTOR | RPC_SET(SET), /* required= */ 0,
                               request->reply, &with))
                return false;
        other = selector_of_other(params, &with);
        sides[0].set = sides[1].set = request->set;
        if (with.set)
                sides[1].set = rpc_request_choose_set(request, with.set, /* needs_vmlinux= */ true);
        if (!sides[1].set)
                return false;
        if (!other.name && !other.has_id)
                return rpc_params_refuse(request->reply, "missing parameter", "type", "with",
                                         "a type's name, or an id");
        if (lookup(request->set, &params->selector, &sides[0].looked_up, &error) == 0 &&
            lookup(sides[1].set, &other, &sides[1].looked_up, &error) == 0)
                return true;
        write_query_error(request->reply, &error, /* has_path= */ false);
        return false;
}

void method_type_diff(struct rpc_request *request)
{
        struct side sides[2] = {{.key = "a"}, {.key = "b"}};
        struct query_error error;
        struct diff diff;
        int r;

        if (!look_up(request, sides))
                return;
        r = diff_types(&diff, sides[0].looked_up.type, sides[1].looked_up.type, request->stop, &error);
        if (r < 0) {
                request->reply->out->error = r;
        } else if (r > 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
        } else {
                reply_result_begin(request->reply);
                write_diff(request->reply->out, request->snapshot, sides, &diff);
                reply_result_end(request->reply);
                diff_deinit(&diff);
        }
}
