/*
 * btfctl check: what is wrong with a file, one line a finding, then one line that sums up.
 *
 *   FILE: byte 48: error: type id 9, the last one is 6 (bad-id)
 *   FILE: .BTF.base: byte 24: error: struct 'mm', type 1 of the distilled base, is not in the base (no-candidate)
 *   FILE: invalid: 2 errors
 *
 * Offsets count from the start of what stands before them: a section, or the file itself. As JSON it is one object:
 *
 *   file, base            as given; base may be null
 *   valid                 whether there is no error
 *   types, bytes, endianness, pointer_size, distilled     of the file's own BTF; only if it is valid
 *   errors, warnings      how many there are
 *   findings              [{file, severity, reason, offset, section, message}]; offset is null where there is none,
 *                         section is null for the file itself
 *   findings_left_out     how many are not in the array
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "btfctl/btfctl.h"
#include "files/check.h"
#include "protocol/json_writer.h"

/* Findings of one severity that are printed; a file that is broken from its start on has millions. */
#define MAX_FINDINGS 1000U

/* Bytes of JSON. Findings are far below, each of its messages being bounded, so only a path could go beyond. */
#define MAX_JSON ((size_t)16 << 20)

struct output {
        const char *path, *base; /* as given; `base` may be NULL */
        enum json_mode json;
        struct json_writer findings; /* an array, in JSON mode */
        uint64_t n_found[2];         /* by severity */
        uint64_t n_left_out;
};

static void write_finding(struct json_writer *writer, const struct files_finding *finding)
{
        const char *section = files_place_name(finding->place);

        json_write_object_begin(writer);
        json_write_string_member(writer, "file", finding->path);
        json_write_string_member(writer, "severity",
                                 finding->severity == BTF_SEVERITY_ERROR ? "error" : "warning");
        json_write_string_member(writer, "reason", finding->reason);
        json_write_key(writer, "offset");
        if (finding->place == FILES_PLACE_NONE)
                json_write_null(writer);
        else
                json_write_uint(writer, finding->offset);
        json_write_key(writer, "section");
        if (section)
                json_write_string(writer, section);
        else
                json_write_null(writer);
        json_write_string_member(writer, "message", finding->message);
        json_write_object_end(writer);
}

static void print_finding(const struct files_finding *finding)
{
        const char *section = files_place_name(finding->place);

        print_plain(stdout, finding->path, strlen(finding->path));
        if (section)
                printf(": %s", section);
        if (finding->place != FILES_PLACE_NONE)
                printf(": byte %" PRIu64, finding->offset);
        printf(": %s: ", finding->severity == BTF_SEVERITY_ERROR ? "error" : "warning");
        print_plain(stdout, finding->message, strlen(finding->message));
        printf(" (%s)\n", finding->reason);
}

static void on_finding(void *context, const struct files_finding *finding)
{
        struct output *output = context;

        if (++output->n_found[finding->severity] > MAX_FINDINGS)
                output->n_left_out++;
        else if (output->json != JSON_OFF)
                write_finding(&output->findings, finding);
        else
                print_finding(finding);
}

/* "1 type", "3,012 types" */
static void print_count(uint64_t n, const char *what)
{
        char digits[32];
        int length = snprintf(digits, sizeof(digits), "%" PRIu64, n);

        for (int i = 0; i < length; i++) {
                if (i > 0 && (length - i) % 3 == 0)
                        putchar(',');
                putchar(digits[i]);
        }
        printf(" %s%s", what, n == 1 ? "" : "s");
}

static void print_counts(const struct output *output, const char *separator)
{
        static const char *const names[] = {
                [BTF_SEVERITY_ERROR] = "error", [BTF_SEVERITY_WARNING] = "warning"};

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (output->n_found[i] == 0)
                        continue;
                fputs(separator, stdout);
                print_count(output->n_found[i], names[i]);
                separator = ", ";
        }
}

static void print_valid(const struct output *output, const struct files_summary *summary)
{
        fputs(": valid: ", stdout);
        print_count(summary->n_types, "type");
        fputs(", ", stdout);
        print_count(summary->size, "byte");
        printf(", %s-endian, %u-byte pointers", summary->big_endian ? "big" : "little",
               summary->pointer_size);
        if (summary->is_distilled)
                fputs(", split BTF on its own .BTF.base", stdout);
        if (output->base) {
                fputs(summary->is_distilled ? ", relocated onto " : ", split BTF on ", stdout);
                print_plain(stdout, output->base, strlen(output->base));
        }
        print_counts(output, ", ");
        putchar('\n');
}

static void print_summary(const struct output *output, int result, const struct files_summary *summary)
{
        print_plain(stdout, output->path, strlen(output->path));
        if (output->n_left_out > 0) {
                fputs(": ", stdout);
                print_count(output->n_left_out, "more finding");
                fputs(output->n_left_out == 1 ? " is not shown\n" : " are not shown\n", stdout);
                print_plain(stdout, output->path, strlen(output->path));
        }
        if (result == 0) {
                print_valid(output, summary);
                return;
        }
        fputs(result == FILES_CHECK_BAD_BASE ? ": not checked, as its base cannot be used" : ": invalid",
              stdout);
        print_counts(output, ": ");
        putchar('\n');
}

static void write_summary(struct json_writer *writer, const struct files_summary *summary)
{
        json_write_uint_member(writer, "types", summary->n_types);
        json_write_uint_member(writer, "bytes", summary->size);
        json_write_string_member(writer, "endianness", summary->big_endian ? "big" : "little");
        json_write_uint_member(writer, "pointer_size", summary->pointer_size);
        json_write_bool_member(writer, "distilled", summary->is_distilled);
}

/* The object's text; what a broken file has no answer to is missing. */
static int print_object(const struct output *output, int result, const struct files_summary *summary)
{
        struct json_writer writer;
        int error;

        json_writer_init(&writer, MAX_JSON);
        json_write_object_begin(&writer);
        json_write_string_member(&writer, "file", output->path);
        json_write_key(&writer, "base");
        if (output->base)
                json_write_string(&writer, output->base);
        else
                json_write_null(&writer);
        json_write_bool_member(&writer, "valid", result == 0);
        if (result == 0)
                write_summary(&writer, summary);
        json_write_uint_member(&writer, "errors", output->n_found[BTF_SEVERITY_ERROR]);
        json_write_uint_member(&writer, "warnings", output->n_found[BTF_SEVERITY_WARNING]);
        json_write_key(&writer, "findings");
        json_write_raw(&writer, output->findings.data, output->findings.length);
        json_write_uint_member(&writer, "findings_left_out", output->n_left_out);
        json_write_object_end(&writer);
        error = output->findings.error != 0 ? output->findings.error : writer.error;
        if (error == 0)
                print_json_text(output->json, writer.data, writer.length);
        json_writer_deinit(&writer);
        return error;
}

int verb_check(struct context *context, char **arguments)
{
        struct output output = {.path = arguments[0], .base = context->base, .json = context->json};
        struct files_summary summary = {0};
        int r, error = 0;

        json_writer_init(&output.findings, MAX_JSON);
        json_write_array_begin(&output.findings);
        r = files_check(output.path, output.base, on_finding, &output, &summary);
        json_write_array_end(&output.findings);
        if (r < 0)
                error = r;
        else if (output.json == JSON_OFF)
                print_summary(&output, r, &summary);
        else
                error = print_object(&output, r, &summary);
        json_writer_deinit(&output.findings);
        if (error != 0)
                fprintf(stderr, "btfctl: %s\n", strerror(-error));
        return r == 0 && error == 0 ? STATUS_FINE : STATUS_FAILED;
}
