#include "reader.h"

#include <bpf/libbpf.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"

#define VMLINUX "vmlinux"

const struct btf_type *reader_type(const struct reader *reader, uint32_t id)
{
        const struct btf_type *type = btf__type_by_id(reader->btf, id);

        if (!type)
                die("%s: libbpf has no type %u", reader->path, id);
        return type;
}

const char *reader_string(const struct reader *reader, uint32_t offset)
{
        const char *string = btf__str_by_offset(reader->btf, offset);

        if (!string)
                die("%s: libbpf has no string at %u", reader->path, offset);
        return string;
}

const struct reader *reader_owner(const struct reader *reader, uint32_t id)
{
        return reader->base && id < reader->first_id ? reader->base : reader;
}

uint32_t reader_strip(const struct reader *reader, uint32_t id)
{
        for (;;) {
                const struct btf_type *type = reader_type(reader, id);

                if (!btf_is_mod(type) && !btf_is_typedef(type))
                        return id;
                id = type->type;
        }
}

bool reader_size(const struct kernel *kernel, const struct reader *reader, uint32_t id, uint64_t *ret_bytes)
{
        uint64_t n_elements = 1;

        for (;;) {
                const struct btf_type *type = reader_type(reader, reader_strip(reader, id));

                if (btf_is_array(type)) {
                        n_elements *= btf_array(type)->nelems;
                        id = btf_array(type)->type;
                } else if (btf_is_var(type)) {
                        id = type->type;
                } else if (btf_is_ptr(type)) {
                        *ret_bytes = n_elements * kernel->pointer_size;
                        return true;
                } else if (btf_is_int(type) || btf_is_float(type) || is_composite(type) ||
                           btf_is_any_enum(type) || btf_is_datasec(type)) {
                        *ret_bytes = n_elements * type->size;
                        return true;
                } else {
                        return false;
                }
        }
}

bool reader_element(const struct reader *reader, uint32_t id, uint32_t *ret_element)
{
        const struct btf_type *type = reader_type(reader, reader_strip(reader, id));

        if (!btf_is_array(type) && !btf_is_ptr(type))
                return false;
        *ret_element = btf_is_array(type) ? btf_array(type)->type : type->type;
        return true;
}

uint64_t enumerator_value(const struct btf_type *type, uint32_t i)
{
        if (btf_is_enum64(type))
                return btf_enum64_value(btf_enum64(type) + i);
        if (btf_kflag(type))
                return (uint64_t)(int64_t)btf_enum(type)[i].val;
        return (uint32_t)btf_enum(type)[i].val;
}

bool is_forward(const struct btf_type *type)
{
        return btf_is_fwd(type) || (btf_is_any_enum(type) && type->name_off != 0 && btf_vlen(type) == 0);
}

static void reader_open(struct reader *reader, const char *directory, const char *name,
                        const struct reader *base)
{
        struct stat status;

        if (asprintf(&reader->path, "%s/%s", directory, name) < 0)
                die("out of memory");
        if (stat(reader->path, &status) < 0)
                die("%s: %m", reader->path);
        snprintf(reader->name, sizeof(reader->name), "%s", name);
        reader->base = base;
        reader->n_bytes = (uint64_t)status.st_size;
        reader->btf = btf__parse_split(reader->path, base ? base->btf : NULL);
        if (!reader->btf && !base) {
                printf("SKIPPED libbpf %s cannot read %s: %m\n", libbpf_version_string(), reader->path);
                exit(EXIT_SKIPPED);
        }
        if (!reader->btf)
                die("%s: libbpf cannot read it: %m", reader->path);
        reader->first_id = base ? base->end_id : 1;
        reader->end_id = btf__type_cnt(reader->btf);
}

/* BTF does not record it, but `long` has it in every kernel. */
static size_t size_of_long(const struct reader *vmlinux)
{
        for (uint32_t id = vmlinux->first_id; id < vmlinux->end_id; id++) {
                const struct btf_type *type = reader_type(vmlinux, id);
                const char *name = reader_string(vmlinux, type->name_off);

                if (btf_is_int(type) && (strcmp(name, "long int") == 0 || strcmp(name, "long") == 0))
                        return type->size;
        }
        die("%s has no long", vmlinux->path);
}

static int is_module(const struct dirent *entry)
{
        return entry->d_name[0] != '.' && strcmp(entry->d_name, VMLINUX) != 0;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

void kernel_open(struct kernel *ret, const char *directory)
{
        struct dirent **entries;
        int n_modules = scandir(directory, &entries, is_module, compare_names);

        if (n_modules < 0)
                die("%s: %m", directory);
        *ret = (struct kernel){.directory = directory, .n_readers = (size_t)n_modules + 1};
        ret->readers = allocate(ret->n_readers, sizeof(*ret->readers));
        reader_open(&ret->readers[0], directory, VMLINUX, /* base= */ NULL);
        for (int i = 0; i < n_modules; i++) {
                reader_open(&ret->readers[i + 1], directory, entries[i]->d_name, &ret->readers[0]);
                free(entries[i]);
        }
        free(entries);
        ret->pointer_size = size_of_long(&ret->readers[0]);
        ret->is_big_endian = btf__endianness(ret->readers[0].btf) == BTF_BIG_ENDIAN;
}

void kernel_close(struct kernel *kernel)
{
        /* Modules before what they are based on. */
        for (size_t i = kernel->n_readers; i-- > 0;) {
                btf__free(kernel->readers[i].btf);
                free(kernel->readers[i].path);
        }
        free(kernel->readers);
}
