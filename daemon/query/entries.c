#include "query/entries.h"

#include <errno.h>

#define ENTRIES_MIN_SIZE 32U

void entries_deinit(struct entries *entries)
{
        free(entries->list);
        entries->list = NULL;
}

static int add(struct entries *entries, struct entry entry)
{
        if (entries->n == ENTRIES_MAX)
                return ENTRIES_TOO_MANY;
        if (entries->n == entries->size) {
                uint32_t size = entries->size ? entries->size * 2 : ENTRIES_MIN_SIZE;
                struct entry *list = realloc(entries->list, size * sizeof(*list));

                if (!list)
                        return -ENOMEM;
                entries->list = list;
                entries->size = size;
        }
        entries->list[entries->n++] = entry;
        return 0;
}

/* A struct or union whose members are being listed. */
struct level {
        struct btf_type type;
        uint64_t bit_offset; /* from the start of the outer type */
        uint32_t i_member;   /* the next one */
        uint32_t parent;
};

/* No type embeds others deeper than that, which is validated. */
struct levels {
        struct level stack[BTF_MAX_EMBEDDING];
        uint32_t n;
};

static void descend(struct levels *levels, const struct btf_type *type, uint64_t bit_offset, uint32_t parent)
{
        levels->stack[levels->n++] =
                (struct level){.type = *type, .bit_offset = bit_offset, .parent = parent};
}

/* Whether a member's type is a struct or union that has no name of any kind, or an array of such. */
static bool is_unnamed(const struct btf *btf, uint32_t id, struct btf_type *ret, uint32_t *ret_n_indexes)
{
        struct btf_type type = btf_type(btf, id);
        uint32_t n_indexes = 0;

        while (btf_kind_is_qualifier(type.kind) || type.kind == BTF_KIND_ARRAY) {
                n_indexes += type.kind == BTF_KIND_ARRAY;
                type = btf_type(btf,
                                type.kind == BTF_KIND_ARRAY ? btf_array(btf, &type).type : type.size_or_type);
        }
        if (!btf_kind_is_composite(type.kind) || btf_has_name(btf, &type))
                return false;
        *ret = type;
        *ret_n_indexes = n_indexes;
        return true;
}

static int add_member(struct entries *entries, struct levels *levels, const struct level *level,
                      struct btf_member member)
{
        const struct btf *btf = entries->btf;
        struct entry entry = {
                .name = member.name,
                .place = level->bit_offset + member.bit_offset,
                .type = member.type,
                .bitfield_size = member.bitfield_size,
                .parent = level->parent,
        };
        struct btf_type held;
        int r;

        if (member.name[0] == '\0') {
                held = btf_strip(btf, member.type);
                if (btf_kind_is_composite(held.kind))
                        descend(levels, &held, entry.place, level->parent);
                return 0;
        }
        entry.is_parent = is_unnamed(btf, member.type, &held, &entry.n_indexes);
        r = add(entries, entry);
        if (r == 0 && entry.is_parent)
                descend(levels, &held, entry.place, entries->n - 1);
        return r;
}

static int add_members(struct entries *entries, const struct btf_type *type)
{
        struct levels levels = {.n = 0};
        uint32_t n_visits = 0;
        int r = 0;

        descend(&levels, type, 0, ENTRY_NONE);
        while (levels.n > 0 && r == 0) {
                struct level *level = &levels.stack[levels.n - 1];

                if (level->i_member >= level->type.vlen) {
                        levels.n--;
                        continue;
                }
                /* Unnamed members without a named one in them add nothing, but take time. */
                if (n_visits++ == ENTRIES_MAX)
                        return ENTRIES_TOO_MANY;
                r = add_member(entries, &levels, level,
                               btf_member(entries->btf, &level->type, level->i_member++));
        }
        return r;
}

static int add_values(struct entries *entries, const struct btf_type *type)
{
        int r = 0;

        for (uint32_t i = 0; i < type->vlen && r == 0; i++) {
                struct btf_enumerator value = btf_enumerator(entries->btf, type, i);

                r = add(entries,
                        (struct entry){.name = value.name, .place = value.value, .parent = ENTRY_NONE});
        }
        return r;
}

static int add_params(struct entries *entries, const struct btf_type *proto)
{
        int r = 0;

        for (uint32_t i = 0; i < proto->vlen && r == 0; i++) {
                struct btf_param param = btf_param(entries->btf, proto, i);
                bool is_variadic = param.type == 0 && i + 1 == proto->vlen;

                r = add(entries, (struct entry){
                                         .name = is_variadic ? "..." : param.name,
                                         .place = i,
                                         .type = param.type,
                                         .parent = ENTRY_NONE,
                                 });
        }
        return r;
}

static int add_variables(struct entries *entries, const struct btf_type *section)
{
        int r = 0;

        for (uint32_t i = 0; i < section->vlen && r == 0; i++) {
                struct btf_secinfo info = btf_secinfo(entries->btf, section, i);
                struct btf_type variable = btf_type(entries->btf, info.type);

                r = add(entries, (struct entry){
                                         .name = btf_name(entries->btf, &variable),
                                         .place = (uint64_t)info.offset * 8,
                                         .type = variable.size_or_type,
                                         .parent = ENTRY_NONE,
                                 });
        }
        return r;
}

static int add_all(struct entries *entries, const struct btf_type *type)
{
        struct btf_type proto = *type;

        switch (type->kind) {
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                entries->of = ENTRIES_OF_MEMBERS;
                return add_members(entries, type);
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                entries->of = ENTRIES_OF_VALUES;
                return add_values(entries, type);
        case BTF_KIND_FUNC:
                proto = btf_type(entries->btf, type->size_or_type);
                entries->of = ENTRIES_OF_PARAMS;
                return add_params(entries, &proto);
        case BTF_KIND_FUNC_PROTO:
                entries->of = ENTRIES_OF_PARAMS;
                return add_params(entries, type);
        case BTF_KIND_DATASEC:
                entries->of = ENTRIES_OF_VARIABLES;
                return add_variables(entries, type);
        case BTF_KIND_VOID:
        case BTF_KIND_INT:
        case BTF_KIND_PTR:
        case BTF_KIND_ARRAY:
        case BTF_KIND_FWD:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_VAR:
        case BTF_KIND_FLOAT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_OPAQUE:
                break;
        }
        return 0;
}

int entries_init(struct entries *ret, const struct btf *btf, const struct btf_type *type)
{
        CLEANUP(entries_deinit) struct entries entries = {.btf = btf};
        int r;

        r = add_all(&entries, type);
        if (r != 0)
                return r;
        *ret = entries;
        entries.list = NULL;
        return 0;
}

void entries_path(const struct entries *entries, uint32_t i_entry, struct strbuf *text)
{
        uint32_t chain[BTF_MAX_EMBEDDING];
        uint32_t n = 0;

        for (uint32_t i = i_entry; i != ENTRY_NONE; i = entries->list[i].parent)
                chain[n++] = i;
        while (n-- > 0) {
                const struct entry *entry = &entries->list[chain[n]];

                strbuf_append(text, entry->name);
                for (uint32_t i = 0; i < entry->n_indexes && n > 0; i++)
                        strbuf_append(text, "[0]");
                if (n > 0)
                        strbuf_append(text, ".");
        }
}
