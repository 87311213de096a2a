#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "declaration.h"
#include "expect.h"
#include "facts.h"

/* Definitions that an answer lists; beyond it counts them only. */
#define MAX_LISTED 16U

struct asking {
        const struct kernel *kernel;
        const uint64_t *instances;
        struct report *report;
        struct definition *definitions; /* by name */
        size_t n_definitions;
        struct question *questions;
        size_t n_questions;
        struct expected expected;
        struct declarations **declarations; /* one for each reader, of those that were needed */
};

/* Whether a type can be asked for by its name: a tag's is its value. */
static bool is_asked_for(const struct btf_type *type)
{
        return type->name_off != 0 && !btf_is_decl_tag(type) && !btf_is_type_tag(type);
}

static int compare_definitions(const void *a, const void *b)
{
        const struct definition *one = a, *other = b;
        int r = strcmp(one->name, other->name);

        if (r != 0)
                return r;
        /* Readers lie in an array, in the order in which they answer. */
        if (one->reader != other->reader)
                return one->reader < other->reader ? -1 : 1;
        return one->id < other->id ? -1 : one->id > other->id;
}

static void collect_definitions(struct asking *asking)
{
        const struct kernel *kernel = asking->kernel;
        size_t n_types = 0;

        for (size_t i = 0; i < kernel->n_readers; i++)
                n_types += kernel->readers[i].end_id - kernel->readers[i].first_id;
        asking->definitions = allocate(n_types, sizeof(*asking->definitions));
        for (size_t i = 0; i < kernel->n_readers; i++) {
                const struct reader *reader = &kernel->readers[i];

                for (uint32_t id = reader->first_id; id < reader->end_id; id++) {
                        const struct btf_type *type = reader_type(reader, id);

                        if (is_asked_for(type))
                                asking->definitions[asking->n_definitions++] = (struct definition){
                                        reader, id, reader_string(reader, type->name_off), type};
                }
        }
        qsort(asking->definitions, asking->n_definitions, sizeof(*asking->definitions), compare_definitions);
}

/* All that can be asked about one name. */
static void add_questions(struct asking *asking, const struct definition *definitions, size_t n)
{
        for (enum form form = 0; form < N_FORMS; form++) {
                struct question question = {.definitions = definitions, .n_definitions = n, .form = form};

                if (!can_mean(&question))
                        continue;
                asking->questions[asking->n_questions++] = question;
                question.all_tiers = true;
                asking->questions[asking->n_questions++] = question;
        }
}

static void collect_questions(struct asking *asking)
{
        size_t max_definitions = 0, n;

        /* A definition can be asked for by its tag and bare, in two scopes. */
        asking->questions = allocate(asking->n_definitions * 4, sizeof(*asking->questions));
        for (size_t i = 0; i < asking->n_definitions; i += n) {
                const struct definition *first = &asking->definitions[i];

                for (n = 1; i + n < asking->n_definitions && strcmp(first[n].name, first->name) == 0; n++)
                        ;
                if (n > max_definitions)
                        max_definitions = n;
                add_questions(asking, first, n);
                asking->report->counts[COUNT_NAMES]++;
        }
        expected_init(&asking->expected, max_definitions);
}

static void ask_name(void *context, size_t i, struct json_writer *out)
{
        static const char *const prefixes[] = {
                [FORM_STRUCT] = "struct ", [FORM_UNION] = "union ", [FORM_ENUM] = "enum ", [FORM_BARE] = "",
                [FORM_FUNC] = "",          [FORM_VAR] = "",         [FORM_DATASEC] = "",
        };
        static const char *const kinds[] = {
                [FORM_FUNC] = "func", [FORM_VAR] = "var", [FORM_DATASEC] = "datasec"};
        const struct question *question = &((struct asking *)context)->questions[i];
        char name[1024];
        int length =
                snprintf(name, sizeof(name), "%s%s", prefixes[question->form], question->definitions[0].name);

        if (length < 0 || (size_t)length >= sizeof(name))
                die("'%s' is longer than any name", question->definitions[0].name);
        json_write_string_member(out, "type", name);
        if (question->form > FORM_BARE)
                json_write_string_member(out, "kind", kinds[question->form]);
        if (question->all_tiers)
                json_write_string_member(out, "scope", "all");
}

/* That `object` means this definition. */
static void check_definition(const struct asking *asking, struct check *check,
                             const struct definition *definition)
{
        check_text(check, "source", definition->reader->name);
        check_text(check, "kind", kind_name(definition->type));
        check_text(check, "name", definition->name);
        check_uint(check, "id", definition->id);
        check_uint(check, "instance", asking->instances[definition->reader - asking->kernel->readers]);
}

static struct declarations *declarations_of(const struct asking *asking, const struct reader *reader)
{
        const struct reader *vmlinux = &asking->kernel->readers[0];
        struct declarations **own = &asking->declarations[reader - vmlinux];

        if (!*own)
                *own = declarations_new(reader, reader == vmlinux ? NULL : declarations_of(asking, vmlinux));
        return *own;
}

/* What tells functions of one name apart. */
static void check_function(const struct asking *asking, struct check *check,
                           const struct definition *definition)
{
        struct comparison comparison = {
                .reader = definition->reader,
                .declarations = declarations_of(asking, definition->reader),
                .report = asking->report,
        };

        check_declaration(&comparison, check, "type", definition->type->type);
}

static void check_candidates(const struct asking *asking, struct check *check, const char *key,
                             const struct definition **list, size_t n)
{
        size_t n_listed = n < MAX_LISTED ? n : MAX_LISTED;
        const json_t *candidates = check_array(check, key, n_listed);

        for (size_t i = 0; i < json_array_size(candidates); i++) {
                struct check part = check_part(check, key, i, json_array_get(candidates, i));
                uint64_t bytes;

                check_definition(asking, &part, list[i]);
                if (reader_size(asking->kernel, list[i]->reader, list[i]->id, &bytes))
                        check_uint(&part, "size", bytes);
                if (btf_is_func(list[i]->type))
                        check_function(asking, &part, list[i]);
                check_end(&part);
        }
}

/* The fields of a type are compared where it is asked for by id. */
static void see_found(struct asking *asking, struct check *check)
{
        const struct expected *expected = &asking->expected;

        asking->report->counts[COUNT_FOUND]++;
        check_definition(asking, check, expected->list[0]);
        if (expected->n_also == 0) {
                if (json_object_get(check->object, "also") || json_object_get(check->object, "also_count"))
                        check_differs(check, "also", "there", "absent");
                return;
        }
        asking->report->counts[COUNT_ALSO]++;
        check_uint(check, "also_count", expected->n_also);
        check_candidates(asking, check, "also", expected->also, expected->n_also);
}

static void see_ambiguous(struct asking *asking, struct check *check)
{
        const struct expected *expected = &asking->expected;
        struct check data = check_part(check, "error", 0, json_object_get(check->object, "data"));

        asking->report->counts[COUNT_AMBIGUOUS]++;
        asking->report->counts[COUNT_POINTEES] += expected->by_pointees;
        check_uint(check, "code", 2);
        check_text(&data, "reason", "ambiguous-name");
        check_field(&data, "name");
        check_uint(&data, "count", expected->n);
        check_candidates(asking, &data, "candidates", expected->list, expected->n);
        check_end(&data);
}

static void see_name(void *context, size_t i, const json_t *reply)
{
        struct asking *asking = context;
        const struct question *question = &asking->questions[i];
        const struct definition *first = &question->definitions[0];
        struct check check = {
                .report = asking->report,
                .reader = first->reader,
                .id = first->id,
                .what = question->all_tiers ? "by name, in all, form" : "by name, form",
                .i = question->form,
        };

        expect(asking->kernel, question, &asking->expected);
        asking->report->counts[COUNT_QUESTIONS]++;
        check.object = json_object_get(reply, asking->expected.n == 1 ? "result" : "error");
        if (!check.object) {
                char *text = json_dumps(reply, JSON_COMPACT);

                check_differs(&check, "it", text, asking->expected.n == 1 ? "found" : "ambiguous");
                free(text);
        } else if (asking->expected.n == 1) {
                see_found(asking, &check);
        } else {
                see_ambiguous(asking, &check);
        }
}

void compare_names(struct client *client, const struct kernel *kernel, const uint64_t *instances,
                   struct report *report)
{
        struct asking asking = {.kernel = kernel, .instances = instances, .report = report};

        asking.declarations = allocate(kernel->n_readers, sizeof(struct declarations *));
        collect_definitions(&asking);
        collect_questions(&asking);
        client_ask(client, &(struct questions){.method = "type.get",
                                               .n = asking.n_questions,
                                               .ask = ask_name,
                                               .answer = see_name,
                                               .context = &asking});
        /* vmlinux's last, as the others need it. */
        for (size_t i = kernel->n_readers; i-- > 0;) {
                if (asking.declarations[i])
                        declarations_free(asking.declarations[i]);
        }
        free(asking.declarations);
        expected_deinit(&asking.expected);
        free(asking.questions);
        free(asking.definitions);
}
