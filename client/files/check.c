#include "files/check.h"

#include <errno.h>

#include "btf/check.h"
#include "btf/header.h"
#include "files/files.h"
#include "files/relocate.h"
#include "util/util.h"

/* A file and what is loaded of it. */
struct subject {
        const char *path; /* borrowed */
        struct files_btf file;
        struct btf *distilled; /* of .BTF.base, if there is one */
        struct btf *btf;
};

struct check {
        files_found *found;
        void *context;
        struct subject subject, base;
        /* What is looked at right now. */
        const char *path;
        enum files_place place;
        bool errors_only;
};

static void subject_deinit(struct subject *subject)
{
        btf_free(subject->btf);
        btf_free(subject->distilled);
        files_btf_deinit(&subject->file);
}

static void check_deinit(struct check *check)
{
        subject_deinit(&check->subject);
        subject_deinit(&check->base);
}

static void report(const struct check *check, const char *path, enum btf_severity severity,
                   const struct files_error *error)
{
        struct files_finding finding = {
                .path = path,
                .severity = severity,
                .reason = files_error_reason_name(error->reason),
                .place = error->place,
                .offset = error->offset,
                .message = error->message,
        };

        check->found(check->context, &finding);
}

/* Takes what a function with a files_error returned, and reports that. Returns 0, 1 or a negative errno as it was. */
static int report_result(const struct check *check, const char *path, int r, const struct files_error *error)
{
        if (r > 0)
                report(check, path, BTF_SEVERITY_ERROR, error);
        return r;
}

static void on_btf_finding(void *context, enum btf_severity severity, const struct btf_error *error)
{
        const struct check *check = context;
        struct files_finding finding = {
                .path = check->path,
                .severity = severity,
                .reason = btf_error_reason_name(error->reason),
                .place = check->place,
                .offset = error->offset,
                .message = error->message,
        };

        if (severity == BTF_SEVERITY_ERROR || !check->errors_only)
                check->found(check->context, &finding);
}

/* btf_check() with the findings told as of `path` and `place`. */
static int check_btf(struct check *check, struct btf **ret, const uint8_t *data, size_t size,
                     const struct btf *base, const char *path, enum files_place place)
{
        check->path = path;
        check->place = place;
        return btf_check(ret, data, size, base, on_btf_finding, check);
}

/*
 * Whether the header tells of split BTF. The first string of what stands alone is "", which split BTF never repeats: it
 * has the base's. *ret_at is the byte offset of the strings.
 */
static bool is_split(const struct files_btf *file, size_t *ret_at)
{
        struct btf_header header;
        struct btf_error error;

        *ret_at = 0;
        if (btf_header_parse(&header, file->data, file->size, /* is_split= */ true, &error) != 0)
                return false;
        *ret_at = btf_section_begin(&header, &header.strings);
        return header.strings.length == 0 || file->data[*ret_at] != '\0';
}

static int read_base(struct check *check)
{
        struct subject *base = &check->base;
        struct files_error error;
        struct btf_error btf_error;
        size_t at;
        int r;

        r = report_result(check, base->path, files_read(&base->file, base->path, &error), &error);
        if (r != 0)
                return r;
        if (base->file.base || is_split(&base->file, &at)) {
                files_error_set(&error, FILES_ERROR_BAD_BASE, FILES_PLACE_NONE, 0,
                                "split BTF, a module's: it cannot be a base, as it needs one itself");
                return report_result(check, base->path, 1, &error);
        }
        r = btf_new(&base->btf, base->file.data, base->file.size, /* base= */ NULL, &btf_error);
        if (r <= 0)
                return r;
        return check_btf(check, &base->btf, base->file.data, base->file.size, /* base= */ NULL, base->path,
                         files_btf_place(&base->file));
}

static int load_base(struct check *check)
{
        int r = read_base(check);

        return r > 0 ? FILES_CHECK_BAD_BASE : r;
}

static int check_relocated(struct check *check)
{
        struct subject *subject = &check->subject;
        CLEANUP(free_cleanup) uint8_t *data = NULL;
        CLEANUP(btf_cleanup) struct btf *relocated = NULL;
        struct files_error error;
        int r;

        r = report_result(check, subject->path, files_relocate(&data, subject->btf, check->base.btf, &error),
                          &error);
        if (r != 0)
                return r;
        /* The same words at the same places as before: its warnings are known. */
        check->errors_only = true;
        return check_btf(check, &relocated, data, subject->btf->size, check->base.btf, subject->path,
                         FILES_PLACE_RELOCATED);
}

static int check_distilled(struct check *check)
{
        struct subject *subject = &check->subject;
        const struct files_btf *file = &subject->file;
        int r;

        r = check_btf(check, &subject->distilled, file->base, file->base_size, /* base= */ NULL,
                      subject->path, FILES_PLACE_BTF_BASE);
        if (r == 0)
                r = check_btf(check, &subject->btf, file->data, file->size, subject->distilled, subject->path,
                              FILES_PLACE_BTF);
        if (r != 0 || !check->base.path)
                return r;
        r = load_base(check);
        return r != 0 ? r : check_relocated(check);
}

static int check_plain(struct check *check)
{
        struct subject *subject = &check->subject;
        enum files_place place = files_btf_place(&subject->file);
        struct files_error error;
        size_t at;
        bool split = is_split(&subject->file, &at);
        int r = 0;

        if (split && !check->base.path) {
                files_error_set(&error, FILES_ERROR_NO_BASE, place, at,
                                "split BTF, a module's: it continues the ids and names of a base, vmlinux's, "
                                "which --base=FILE gives");
                return report_result(check, subject->path, 1, &error);
        }
        if (check->base.path)
                r = load_base(check);
        if (r != 0)
                return r;
        if (!split && check->base.path) {
                files_error_set(&error, FILES_ERROR_NOT_SPLIT, place, at,
                                "the strings begin with an empty one, as those of BTF that stands alone do: "
                                "it seems to need no base");
                report(check, subject->path, BTF_SEVERITY_WARNING, &error);
        }
        return check_btf(check, &subject->btf, subject->file.data, subject->file.size, check->base.btf,
                         subject->path, place);
}

static struct files_summary summarize(const struct subject *subject)
{
        const struct btf *btf = subject->btf;

        return (struct files_summary){
                .n_types = btf->n_types - (btf->base ? btf->start_id : 1),
                .size = btf->size,
                .big_endian = btf->big_endian,
                .pointer_size =
                        subject->file.pointer_size > 0 ? subject->file.pointer_size : btf->pointer_size,
                .is_distilled = subject->file.base != NULL,
        };
}

int files_check(const char *path, const char *base_path, files_found *found, void *context,
                struct files_summary *ret)
{
        CLEANUP(check_deinit)
        struct check check = {
                .found = found, .context = context, .subject.path = path, .base.path = base_path};
        struct files_error error;
        int r;

        r = report_result(&check, path, files_read(&check.subject.file, path, &error), &error);
        if (r == 0)
                r = check.subject.file.base ? check_distilled(&check) : check_plain(&check);
        if (r != 0)
                return r;
        *ret = summarize(&check.subject);
        return 0;
}
