#include "check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct check check_part(const struct check *whole, const char *what, size_t i, const json_t *object)
{
        return (struct check){
                .report = whole->report,
                .object = object,
                .what = what,
                .i = i,
                .reader = whole->reader,
                .id = whole->id,
        };
}

void check_differs(const struct check *check, const char *key, const char *ours, const char *theirs)
{
        const struct btf_type *type = reader_type(check->reader, check->id);
        char part[64] = "";

        if (check->what)
                snprintf(part, sizeof(part), " %s %zu", check->what, check->i);
        report_difference(check->report, "%s [%" PRIu32 "] '%s'%s: %s is %s, by libbpf %s",
                          check->reader->name, check->id, reader_string(check->reader, type->name_off), part,
                          key, ours, theirs);
}

static void field_differs(const struct check *check, const char *key, const char *theirs)
{
        char *ours = json_dumps(json_object_get(check->object, key), JSON_ENCODE_ANY | JSON_COMPACT);

        check_differs(check, key, ours ? ours : "absent", theirs);
        free(ours);
}

void check_uint(struct check *check, const char *key, uint64_t expected)
{
        const json_t *field = json_object_get(check->object, key);
        char theirs[24];

        check->n_fields++;
        if (json_is_integer(field) && json_integer_value(field) >= 0 &&
            (uint64_t)json_integer_value(field) == expected)
                return;
        snprintf(theirs, sizeof(theirs), "%" PRIu64, expected);
        field_differs(check, key, theirs);
}

void check_int(struct check *check, const char *key, int64_t expected)
{
        const json_t *field = json_object_get(check->object, key);
        char theirs[24];

        check->n_fields++;
        if (json_is_integer(field) && json_integer_value(field) == expected)
                return;
        snprintf(theirs, sizeof(theirs), "%" PRIi64, expected);
        field_differs(check, key, theirs);
}

void check_true(struct check *check, const char *key)
{
        check->n_fields++;
        if (!json_is_true(json_object_get(check->object, key)))
                field_differs(check, key, "true");
}

void check_text(struct check *check, const char *key, const char *expected)
{
        const char *text = json_string_value(json_object_get(check->object, key));

        check->n_fields++;
        if (!text || strcmp(text, expected) != 0)
                field_differs(check, key, expected);
}

void check_name(struct check *check, const char *expected)
{
        if (expected[0] != '\0')
                check_text(check, "name", expected);
}

const json_t *check_field(struct check *check, const char *key)
{
        const json_t *field = json_object_get(check->object, key);

        check->n_fields++;
        if (!field)
                field_differs(check, key, "there");
        return field;
}

const json_t *check_array(struct check *check, const char *key, size_t n_elements)
{
        const json_t *field = check_field(check, key);
        char theirs[32];

        if (!field || (json_is_array(field) && json_array_size(field) == n_elements))
                return field;
        snprintf(theirs, sizeof(theirs), "of %zu elements", n_elements);
        field_differs(check, key, theirs);
        return NULL;
}

void check_end(const struct check *check)
{
        char theirs[48];
        char *ours;

        if (json_object_size(check->object) == check->n_fields)
                return;
        snprintf(theirs, sizeof(theirs), "an object of %zu fields", check->n_fields);
        ours = json_dumps(check->object, JSON_COMPACT);
        check_differs(check, "the answer", ours ? ours : "no object", theirs);
        free(ours);
}
