#include "btf/kernel_rules.h"

#include <inttypes.h>

#include "btf/header.h"
#include "btf/kernel_record.h"
#include "btf/kernel_resolve.h"
#include "btf/kernel_type.h"

/* The kernel's BTF_MAX_SIZE for what programs load. */
#define MAX_SIZE (16U << 20)

/* The kernel's BTF_MAX_TYPE: void and a base's types count. */
#define MAX_TYPES 0xfffffU

/* The kernel expects even an empty section where one may begin: at the header's end or at another section's. */
static void check_empty_section(const struct btf_section *section, const struct btf_header *header,
                                struct btf_report *report)
{
        const struct btf_section *others[] = {&header->types, &header->strings, &header->layout};

        if (section->length > 0 || section->offset == 0)
                return;
        for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
                if (others[i]->length > 0 && others[i]->offset + others[i]->length == section->offset)
                        return;
        }
        btf_report_warning(report, BTF_ERROR_BAD_SECTION, section->field,
                           "the empty %s section lies at byte %" PRIu32
                           " after the header, where no section ends",
                           section->name, section->offset);
}

static void check_header(const struct btf *btf, struct btf_report *report)
{
        struct btf_header header;

        /* It has been read before, so this time it goes well. */
        if (btf_header_parse(&header, btf->data, btf->size, btf->base != NULL, &report->error) != 0)
                return;
        check_empty_section(&header.types, &header, report);
        check_empty_section(&header.strings, &header, report);
        if (header.length < BTF_HEADER_LAYOUT_LENGTH && header.strings.length > 0 &&
            btf_section_begin(&header, &header.strings) + header.strings.length != btf->size)
                btf_report_warning(report, BTF_ERROR_BAD_SECTION, header.strings.field,
                                   "the string section ends before the file does, with a header of %" PRIu32
                                   " bytes",
                                   header.length);
}

static void check_bounds(const struct btf *btf, struct btf_report *report)
{
        if (btf->size > MAX_SIZE)
                btf_report_warning(report, BTF_ERROR_TOO_LARGE, MAX_SIZE,
                                   "the file has %zu bytes, expected at most %u", btf->size, MAX_SIZE);
        if (btf->n_types > MAX_TYPES && btf->n_types > btf->start_id) {
                uint32_t first = btf->start_id > MAX_TYPES ? btf->start_id : MAX_TYPES;

                btf_report_warning(report, BTF_ERROR_TOO_LARGE, btf_record(btf, first),
                                   "the last type is %" PRIu32 ", expected at most %u", btf->n_types - 1,
                                   MAX_TYPES - 1);
        }
}

int btf_check_kernel_rules(const struct btf *btf, struct btf_report *report)
{
        struct btf_kernel kernel = {.btf = btf, .report = report};
        int r;

        r = btf_sizes_init(&kernel.sizes, btf);
        if (r < 0)
                return r;
        check_header(btf, report);
        check_bounds(btf, report);
        for (uint32_t id = btf->base ? btf->start_id : 1; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);

                btf_kernel_check_record(&kernel, &type);
        }
        r = btf_kernel_check_funcs(&kernel);
        if (r == 0)
                r = btf_kernel_check_resolving(&kernel);
        btf_sizes_deinit(&kernel.sizes);
        return r;
}
