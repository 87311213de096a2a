#include "btf/report.h"

#include <stdarg.h>

int btf_report_add(struct btf_report *report, int result)
{
        if (result <= 0)
                return result;
        report->n_errors++;
        if (!report->found)
                return 1;
        report->found(report->context, BTF_SEVERITY_ERROR, &report->error);
        return 0;
}

void btf_report_warning(struct btf_report *report, enum btf_error_reason reason, uint64_t offset,
                        const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        btf_error_setv(&report->error, reason, offset, format, arguments);
        va_end(arguments);
        report->found(report->context, BTF_SEVERITY_WARNING, &report->error);
}
