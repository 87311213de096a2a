#include "sources.h"

#include <string.h>

#include "check.h"
#include "compare.h"

/* What is under way. */
struct asking {
        const struct kernel *kernel;
        struct report *report;
        uint64_t *instances;
        struct comparison comparison;
};

static void ask_nothing(void *context, size_t i, struct json_writer *out)
{
        (void)context;
        (void)i;
        (void)out;
}

static const char *text_at(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static void see_info(void *context, size_t i, const json_t *reply)
{
        struct asking *asking = context;
        const struct kernel *kernel = asking->kernel;
        const json_t *result = json_object_get(reply, "result");
        const char *order = kernel->is_big_endian ? "big" : "little";
        json_int_t pointer_size = json_integer_value(json_object_get(result, "pointer_size"));

        (void)i;
        if (strcmp(text_at(result, "endianness"), order) != 0)
                report_difference(asking->report, "btfd.info: byte order is not %s", order);
        if (strcmp(text_at(result, "directory"), kernel->directory) != 0)
                report_difference(asking->report, "btfd.info: directory is not %s", kernel->directory);
        if (pointer_size < 0 || (size_t)pointer_size != kernel->pointer_size)
                report_difference(asking->report, "btfd.info: pointer size is not %zu", kernel->pointer_size);
}

static void see_source(struct asking *asking, size_t i, const json_t *source)
{
        const struct reader *reader = &asking->kernel->readers[i];
        struct check check = {
                .report = asking->report, .object = source, .reader = reader, .what = "source", .i = i};
        const json_t *instance;

        check_text(&check, "name", reader->name);
        check_text(&check, "state", "loaded");
        check_uint(&check, "bytes", reader->n_bytes);
        check_uint(&check, "types", reader->end_id - reader->first_id);
        check_uint(&check, "first_id", reader->first_id);
        instance = check_field(&check, "instance");
        asking->instances[i] = (uint64_t)json_integer_value(instance);
        check_end(&check);
        asking->report->counts[COUNT_SOURCES]++;
}

static void see_sources(void *context, size_t i, const json_t *reply)
{
        struct asking *asking = context;
        const struct kernel *kernel = asking->kernel;
        const json_t *sources = json_object_get(json_object_get(reply, "result"), "sources");

        (void)i;
        if (json_array_size(sources) != kernel->n_readers)
                die("source.list has %zu sources, the directory %zu files", json_array_size(sources),
                    kernel->n_readers);
        for (size_t j = 0; j < kernel->n_readers; j++)
                see_source(asking, j, json_array_get(sources, j));
}

static void ask_type(void *context, size_t i, struct json_writer *out)
{
        const struct comparison *comparison = &((struct asking *)context)->comparison;

        json_write_string_member(out, "source", comparison->reader->name);
        json_write_uint_member(out, "instance", comparison->instance);
        json_write_uint_member(out, "id", comparison->reader->first_id + i);
}

static void see_type(void *context, size_t i, const json_t *reply)
{
        struct comparison *comparison = &((struct asking *)context)->comparison;
        const json_t *result = json_object_get(reply, "result");

        if (result)
                compare_type(comparison, comparison->reader->first_id + (uint32_t)i, result);
        else
                report_difference(comparison->report, "%s [%zu]: %s", comparison->reader->name,
                                  comparison->reader->first_id + i,
                                  text_at(json_object_get(reply, "error"), "message"));
}

static void compare_types(struct client *client, struct asking *asking, size_t step)
{
        const struct kernel *kernel = asking->kernel;
        struct declarations *base = declarations_new(&kernel->readers[0], /* base= */ NULL);

        for (size_t i = 0; i < kernel->n_readers; i += i == 0 ? 1 : step) {
                const struct reader *reader = &kernel->readers[i];
                struct declarations *own = i > 0 ? declarations_new(reader, base) : base;

                asking->comparison = (struct comparison){.report = asking->report,
                                                         .kernel = kernel,
                                                         .reader = reader,
                                                         .declarations = own,
                                                         .instance = asking->instances[i]};
                client_ask(client, &(struct questions){.method = "type.get",
                                                       .n = reader->end_id - reader->first_id,
                                                       .ask = ask_type,
                                                       .answer = see_type,
                                                       .context = asking});
                if (own != base)
                        declarations_free(own);
        }
        declarations_free(base);
}

void compare_sources(struct client *client, const struct kernel *kernel, size_t step, uint64_t *instances,
                     struct report *report)
{
        struct asking asking = {.kernel = kernel, .report = report, .instances = instances};

        client_ask(client, &(struct questions){.method = "btfd.info",
                                               .n = 1,
                                               .ask = ask_nothing,
                                               .answer = see_info,
                                               .context = &asking});
        client_ask(client, &(struct questions){.method = "source.list",
                                               .n = 1,
                                               .ask = ask_nothing,
                                               .answer = see_sources,
                                               .context = &asking});
        compare_types(client, &asking, step);
}
