#include "support/elf_image.h"

#include <stdlib.h>
#include <string.h>

static size_t header_length(struct elf_image_form form)
{
        return form.is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t section_length(struct elf_image_form form)
{
        return form.is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

size_t elf_image_offset_field(struct elf_image_form form)
{
        return form.is_64 ? offsetof(Elf64_Shdr, sh_offset) : offsetof(Elf32_Shdr, sh_offset);
}

size_t elf_image_size_field(struct elf_image_form form)
{
        return form.is_64 ? offsetof(Elf64_Shdr, sh_size) : offsetof(Elf32_Shdr, sh_size);
}

void elf_image_put(struct btf_image *image, struct elf_image_form form, size_t at, uint64_t value,
                   size_t n_bytes)
{
        for (size_t i = 0; i < n_bytes; i++)
                image->data[at + i] = (uint8_t)(value >> 8 * (form.is_big_endian ? n_bytes - 1 - i : i));
}

static size_t append(struct btf_image *image, const void *data, size_t size)
{
        size_t at = image->size;

        image->data = realloc(image->data, at + size + 1);
        if (!image->data)
                abort();
        if (data)
                memcpy(image->data + at, data, size);
        else
                memset(image->data + at, 0, size);
        image->size += size;
        return at;
}

/* The next field of a header that is written from its start. */
static void field(struct btf_image *image, struct elf_image_form form, size_t *at, uint64_t value,
                  size_t n_bytes)
{
        elf_image_put(image, form, *at, value, n_bytes);
        *at += n_bytes;
}

static void put_header(struct btf_image *image, struct elf_image_form form, size_t section_headers,
                       size_t n_sections)
{
        size_t word = form.is_64 ? 8 : 4, at = EI_NIDENT;

        memcpy(image->data, ELFMAG, SELFMAG);
        image->data[EI_CLASS] = form.is_64 ? ELFCLASS64 : ELFCLASS32;
        image->data[EI_DATA] = form.is_big_endian ? ELFDATA2MSB : ELFDATA2LSB;
        image->data[EI_VERSION] = EV_CURRENT;
        field(image, form, &at, ET_REL, 2);
        field(image, form, &at, EM_NONE, 2);
        field(image, form, &at, EV_CURRENT, 4);
        field(image, form, &at, /* entry= */ 0, word);
        field(image, form, &at, /* program headers= */ 0, word);
        field(image, form, &at, section_headers, word);
        field(image, form, &at, /* flags= */ 0, 4);
        field(image, form, &at, header_length(form), 2);
        field(image, form, &at, /* length of a program header= */ 0, 2);
        field(image, form, &at, /* their number= */ 0, 2);
        field(image, form, &at, section_length(form), 2);
        field(image, form, &at, n_sections, 2);
        field(image, form, &at, /* of .shstrtab= */ n_sections - 1, 2);
}

static void append_section(struct btf_image *image, struct elf_image_form form,
                           const struct elf_image_section *section, uint32_t name, size_t offset)
{
        size_t word = form.is_64 ? 8 : 4;
        size_t at = append(image, NULL, section_length(form));

        field(image, form, &at, name, 4);
        field(image, form, &at, section->type ? section->type : SHT_PROGBITS, 4);
        field(image, form, &at, section->flags, word);
        field(image, form, &at, /* address= */ 0, word);
        field(image, form, &at, offset, word);
        field(image, form, &at, section->size, word);
        field(image, form, &at, /* link= */ 0, 4);
        field(image, form, &at, /* info= */ 0, 4);
        field(image, form, &at, /* alignment= */ 1, word);
        field(image, form, &at, /* length of an entry= */ 0, word);
}

/* Appends the names' section, the empty name first; `names` and `offsets` are by section, the given ones from 0 on. */
static struct elf_image_section append_names(struct btf_image *image,
                                             const struct elf_image_section *sections, size_t n_sections,
                                             uint32_t *ret_names)
{
        struct elf_image_section names = {.name = ".shstrtab", .type = SHT_STRTAB};
        size_t begin = append(image, "", 1);

        for (size_t i = 0; i <= n_sections; i++) {
                const char *name = i < n_sections ? sections[i].name : names.name;

                ret_names[i] = (uint32_t)(append(image, name, strlen(name) + 1) - begin);
        }
        names.size = image->size - begin;
        return names;
}

struct btf_image elf_image(struct elf_image_form form, const struct elf_image_section *sections,
                           size_t n_sections)
{
        struct btf_image image = {0};
        size_t *offsets = calloc(n_sections + 1, sizeof(*offsets));
        uint32_t *names = calloc(n_sections + 1, sizeof(*names));
        struct elf_image_section names_section;
        uint8_t *cut;

        if (!offsets || !names)
                abort();
        append(&image, NULL, header_length(form));
        for (size_t i = 0; i < n_sections; i++)
                offsets[i] = append(&image, sections[i].data, sections[i].data ? sections[i].size : 0);
        offsets[n_sections] = image.size;
        names_section = append_names(&image, sections, n_sections, names);
        append(&image, NULL, -image.size % 8);
        put_header(&image, form, image.size, n_sections + 2);
        append(&image, NULL, section_length(form));
        for (size_t i = 0; i < n_sections; i++)
                append_section(&image, form, &sections[i], names[i], offsets[i]);
        append_section(&image, form, &names_section, names[n_sections], offsets[n_sections]);
        free(offsets);
        free(names);
        cut = realloc(image.data, image.size);
        image.data = cut ? cut : image.data;
        return image;
}

size_t elf_image_header(const struct btf_image *image, struct elf_image_form form, size_t n_sections,
                        size_t i_section)
{
        return image->size - (n_sections + 2 - i_section) * section_length(form);
}
