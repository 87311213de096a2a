#include "btf/report.h"

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
