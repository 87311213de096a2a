#include "compare.h"

#include <inttypes.h>

#include "facts.h"
#include "members.h"

/* What travels as a JSON number. */
#define MAX_NUMBER ((INT64_C(1) << 53) - 1)

static void check_value(struct comparison *comparison, struct check *check, const struct btf_type *type,
                        uint32_t i)
{
        uint32_t name = btf_is_enum64(type) ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;
        uint64_t value = enumerator_value(type, i);
        char text[24];

        if (btf_kflag(type))
                snprintf(text, sizeof(text), "%" PRIi64, (int64_t)value);
        else
                snprintf(text, sizeof(text), "%" PRIu64, value);
        check_text(check, "name", reader_string(comparison->reader, name));
        check_text(check, "value_text", text);
        if (btf_kflag(type) ? (int64_t)value >= -MAX_NUMBER && (int64_t)value <= MAX_NUMBER
                            : value <= (uint64_t)MAX_NUMBER)
                check_int(check, "value", (int64_t)value);
        check_end(check);
}

static void check_values(struct comparison *comparison, struct check *check, const struct btf_type *type)
{
        const json_t *values = check_array(check, "values", btf_vlen(type));

        for (uint32_t i = 0; i < json_array_size(values); i++) {
                struct check part = check_part(check, "value", i, json_array_get(values, i));

                check_value(comparison, &part, type, i);
                comparison->report->counts[COUNT_VALUES]++;
        }
}

static void check_prototype(struct comparison *comparison, struct check *check, const struct btf_type *proto)
{
        const json_t *params = check_array(check, "params", btf_vlen(proto));

        check_declaration(comparison, check, "returns", proto->type);
        for (uint32_t i = 0; i < json_array_size(params); i++) {
                const struct btf_param *param = &btf_params(proto)[i];
                struct check part = check_part(check, "parameter", i, json_array_get(params, i));

                check_name(&part, reader_string(comparison->reader, param->name_off));
                if (param->type == 0 && i + 1U == btf_vlen(proto)) {
                        check_text(&part, "type", "...");
                        check_uint(&part, "type_id", 0);
                } else {
                        check_reference(comparison, &part, param->type);
                }
                check_end(&part);
                comparison->report->counts[COUNT_PARAMETERS]++;
        }
}

static void check_variables(struct comparison *comparison, struct check *check,
                            const struct btf_type *section)
{
        const struct reader *reader = comparison->reader;
        const json_t *variables = check_array(check, "variables", btf_vlen(section));

        for (uint32_t i = 0; i < json_array_size(variables); i++) {
                const struct btf_var_secinfo *info = &btf_var_secinfos(section)[i];
                const struct btf_type *variable = reader_type(reader, info->type);
                struct check part = check_part(check, "variable", i, json_array_get(variables, i));

                check_text(&part, "name", reader_string(reader, variable->name_off));
                check_reference(comparison, &part, variable->type);
                check_uint(&part, "id", info->type);
                check_uint(&part, "offset", info->offset);
                check_uint(&part, "size", info->size);
                check_end(&part);
                comparison->report->counts[COUNT_VARIABLES]++;
        }
}

static void check_linkage(struct check *check, uint32_t linkage)
{
        static const char *const names[] = {"static", "global", "extern"};

        if (linkage < sizeof(names) / sizeof(names[0]))
                check_text(check, "linkage", names[linkage]);
}

/* A decl_tag may mark what is no type: then its name stands for it. */
static void check_tagged(struct comparison *comparison, struct check *check, const struct btf_type *tag)
{
        const struct btf_type *tagged = reader_type(comparison->reader, tag->type);

        if (btf_is_func(tagged) || btf_is_var(tagged)) {
                check_text(check, "type", reader_string(comparison->reader, tagged->name_off));
                check_uint(check, "type_id", tag->type);
        } else {
                check_reference(comparison, check, tag->type);
        }
        check_int(check, "component_idx", btf_decl_tag(tag)->component_idx);
}

/* An unnamed struct, union or enum shows what it holds under the name that a typedef gives it. */
static void check_modifier(struct comparison *comparison, struct check *check, const struct btf_type *type)
{
        const struct reader *reader = comparison->reader;
        const struct btf_type *target = reader_type(reader, reader_strip(reader, type->type));

        check_reference(comparison, check, type->type);
        if (target->name_off == 0 && is_composite(target))
                check_members(comparison, check, target);
        if (target->name_off == 0 && btf_is_any_enum(target))
                check_values(comparison, check, target);
}

static void check_array_type(struct comparison *comparison, struct check *check, const struct btf_type *type)
{
        check_declaration(comparison, check, "type", check->id);
        check_uint(check, "type_id", btf_array(type)->type);
        check_uint(check, "nelems", btf_array(type)->nelems);
}

static void check_contents(struct comparison *comparison, struct check *check, const struct btf_type *type)
{
        switch (btf_kind(type)) {
        case BTF_KIND_INT:
                check_uint(check, "bits", btf_int_bits(type));
                return;
        case BTF_KIND_PTR:
                check_declaration(comparison, check, "type", check->id);
                check_uint(check, "type_id", type->type);
                return;
        case BTF_KIND_ARRAY:
                check_array_type(comparison, check, type);
                return;
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                check_members(comparison, check, type);
                return;
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                check_values(comparison, check, type);
                return;
        case BTF_KIND_FWD:
                check_text(check, "declares", btf_kflag(type) ? "union" : "struct");
                return;
        case BTF_KIND_FUNC:
                check_reference(comparison, check, type->type);
                check_linkage(check, btf_vlen(type));
                check_prototype(comparison, check, reader_type(comparison->reader, type->type));
                return;
        case BTF_KIND_FUNC_PROTO:
                check_declaration(comparison, check, "type", check->id);
                check_prototype(comparison, check, type);
                return;
        case BTF_KIND_VAR:
                check_reference(comparison, check, type->type);
                check_linkage(check, btf_var(type)->linkage);
                return;
        case BTF_KIND_DATASEC:
                check_variables(comparison, check, type);
                return;
        case BTF_KIND_FLOAT:
                return;
        case BTF_KIND_DECL_TAG:
                check_tagged(comparison, check, type);
                return;
        default: /* typedefs, qualifiers, type tags */
                check_modifier(comparison, check, type);
                return;
        }
}

void compare_type(struct comparison *comparison, uint32_t id, const json_t *result)
{
        const struct reader *reader = comparison->reader;
        const struct btf_type *type = reader_type(reader, id);
        struct check check = {.report = comparison->report, .object = result, .reader = reader, .id = id};

        comparison->report->counts[COUNT_TYPES]++;
        check_uint(&check, "generation", 1);
        check_text(&check, "source", reader->name);
        check_uint(&check, "instance", comparison->instance);
        check_uint(&check, "id", id);
        check_text(&check, "kind", kind_name(type));
        check_name(&check, reader_string(reader, type->name_off));
        check_sizes(comparison, &check, id);
        check_contents(comparison, &check, type);
        check_end(&check);
}
