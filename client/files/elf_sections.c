#include "files/elf_sections.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "btf/format.h"
#include "util/util.h"

struct object {
        Elf *elf;
        enum files_place place;
        uint64_t size; /* bytes */
        GElf_Ehdr header;
        size_t names; /* index of the section that holds the sections' names */
};

/* A section that was found by name. */
struct section {
        const char *name;
        Elf_Scn *scn;
        GElf_Shdr header;
        uint64_t at; /* byte offset of its section header */
};

static int elf_error(const struct object *object, uint64_t at, const char *problem, struct files_error *error)
{
        return files_error_set(error, FILES_ERROR_BAD_ELF, object->place, at, "%s: %s", problem,
                               elf_errmsg(-1));
}

static uint64_t section_header_at(const struct object *object, size_t index)
{
        return object->header.e_shoff + (uint64_t)index * object->header.e_shentsize;
}

/* An object that was cut short has lost its section headers first, and must not look as if it had no sections. */
static int open_object(struct object *object, struct files_error *error)
{
        size_t n_sections = 0;

        if (elf_kind(object->elf) != ELF_K_ELF || !gelf_getehdr(object->elf, &object->header))
                return elf_error(object, 0, "cannot read the ELF header", error);
        if (elf_getshdrnum(object->elf, &n_sections) < 0)
                return elf_error(object, 0, "cannot read the number of sections", error);
        if (object->header.e_shoff != 0 && n_sections == 0)
                return files_error_set(error, FILES_ERROR_BAD_ELF, object->place, object->size,
                                       "the section headers, at byte %" PRIu64
                                       ", are beyond the object's %" PRIu64 " bytes",
                                       (uint64_t)object->header.e_shoff, object->size);
        if (n_sections > 0 && elf_getshdrstrndx(object->elf, &object->names) < 0)
                return elf_error(object, 0, "cannot read where sections' names are", error);
        return 0;
}

static int take_as(struct section *wanted, const struct section *found, const struct object *object,
                   struct files_error *error)
{
        if (wanted->scn)
                return files_error_set(error, FILES_ERROR_BAD_SECTION, object->place, found->at,
                                       "a second section %s, expected one", wanted->name);
        wanted->scn = found->scn;
        wanted->header = found->header;
        wanted->at = found->at;
        return 0;
}

/* Fills those of `wanted` that the object has. */
static int find_sections(const struct object *object, struct section *wanted, size_t n_wanted,
                         struct files_error *error)
{
        struct section found = {.scn = NULL};
        int r = 0;

        while (r == 0 && (found.scn = elf_nextscn(object->elf, found.scn))) {
                found.at = section_header_at(object, elf_ndxscn(found.scn));
                if (!gelf_getshdr(found.scn, &found.header))
                        return elf_error(object, found.at, "cannot read a section header", error);
                found.name = elf_strptr(object->elf, object->names, found.header.sh_name);
                if (!found.name)
                        return elf_error(object, found.at, "cannot read a section's name", error);
                for (size_t i = 0; i < n_wanted && r == 0; i++) {
                        if (string_equal(found.name, wanted[i].name))
                                r = take_as(&wanted[i], &found, object, error);
                }
        }
        return r;
}

static int check_section(const struct object *object, const struct section *section,
                         struct files_error *error)
{
        const GElf_Shdr *header = &section->header;

        /* As `objcopy --only-keep-debug` leaves behind. */
        if (header->sh_type == SHT_NOBITS)
                return files_error_set(
                        error, FILES_ERROR_BAD_SECTION, object->place, section->at,
                        "section %s has no bytes in this file (SHT_NOBITS), only in the object "
                        "that it was split from",
                        section->name);
        if (header->sh_flags & SHF_COMPRESSED)
                return files_error_set(error, FILES_ERROR_BAD_SECTION, object->place, section->at,
                                       "section %s is compressed by itself (SHF_COMPRESSED), as BTF never is",
                                       section->name);
        if (header->sh_size == 0)
                return files_error_set(error, FILES_ERROR_EMPTY, object->place, section->at,
                                       "section %s is empty", section->name);
        if (header->sh_offset > object->size || header->sh_size > object->size - header->sh_offset)
                return files_error_set(error, FILES_ERROR_BAD_SECTION, object->place, section->at,
                                       "section %s has %" PRIu64 " bytes at byte %" PRIu64
                                       ", beyond the object's %" PRIu64 " bytes",
                                       section->name, (uint64_t)header->sh_size, (uint64_t)header->sh_offset,
                                       object->size);
        if (header->sh_size > BTF_MAX_SIZE)
                return files_error_set(error, FILES_ERROR_TOO_LARGE, object->place, section->at,
                                       "section %s has %" PRIu64 " bytes, expected at most %u", section->name,
                                       (uint64_t)header->sh_size, BTF_MAX_SIZE);
        return 0;
}

static int copy_section(const struct object *object, const struct section *section, uint8_t **ret_data,
                        size_t *ret_size, struct files_error *error)
{
        Elf_Data *data;
        uint8_t *copy;
        int r;

        r = check_section(object, section, error);
        if (r != 0)
                return r;
        /* As it stands in the file: libelf knows nothing of BTF's byte order. */
        data = elf_rawdata(section->scn, NULL);
        if (!data || !data->d_buf || data->d_size != section->header.sh_size)
                return elf_error(object, section->header.sh_offset, "cannot read a section's bytes", error);
        copy = malloc(data->d_size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, data->d_buf, data->d_size);
        *ret_data = copy;
        *ret_size = data->d_size;
        return 0;
}

int files_elf_sections(struct files_btf *ret, Elf *elf, enum files_place place, uint64_t size,
                       struct files_error *ret_error)
{
        struct object object = {.elf = elf, .place = place, .size = size};
        struct section wanted[] = {{.name = ".BTF"}, {.name = ".BTF.base"}};
        struct files_btf file = {.form = FILES_FORM_ELF};
        int r;

        r = open_object(&object, ret_error);
        if (r == 0)
                r = find_sections(&object, wanted, ARRAY_LENGTH(wanted), ret_error);
        if (r == 0 && !wanted[0].scn)
                r = files_error_set(ret_error, FILES_ERROR_NO_BTF, FILES_PLACE_NONE, 0,
                                    "an ELF object without a section .BTF: built without BTF, or stripped");
        if (r == 0)
                r = copy_section(&object, &wanted[0], &file.data, &file.size, ret_error);
        if (r == 0 && wanted[1].scn)
                r = copy_section(&object, &wanted[1], &file.base, &file.base_size, ret_error);
        if (r != 0) {
                files_btf_deinit(&file);
                return r;
        }
        file.pointer_size = gelf_getclass(elf) == ELFCLASS32 ? 4 : 8;
        *ret = file;
        return 0;
}
