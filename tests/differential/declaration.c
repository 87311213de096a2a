#include "declaration.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "normalise.h"

/* A declaration while libbpf writes it. */
struct text {
        char *data;
        size_t length, size;
};

struct declarations {
        const struct reader *reader;
        struct declarations *base;
        struct btf *btf; /* the copy that libbpf sees */
        struct btf_dump *dump;
        struct text text; /* that it writes to */
        struct convention convention;
        char **known;     /* [id - first_id]: normalised, NULL until asked for */
        char *void_known; /* id 0 */
};

static void __attribute__((__format__(__printf__, 2, 0)))
append(void *context, const char *format, va_list arguments)
{
        struct text *text = context;
        va_list again;
        int n;

        va_copy(again, arguments);
        n = vsnprintf(text->data + text->length, text->size - text->length, format, arguments);
        if (n < 0)
                die("libbpf cannot write: %m");
        if ((size_t)n >= text->size - text->length) {
                text->size = (text->length + (size_t)n + 1) * 2;
                text->data = reallocate(text->data, text->size, 1);
                vsnprintf(text->data + text->length, text->size - text->length, format, again);
        }
        va_end(again);
        text->length += (size_t)n;
}

static void add_attribute(struct convention *convention, const char *name)
{
        convention->attributes =
                reallocate(convention->attributes, convention->n_attributes + 1, sizeof(char *));
        convention->attributes[convention->n_attributes++] = name;
}

/* Takes parameters' names out of the copy, and notes type tags that have kind_flag. */
static void make_plain(struct declarations *declarations)
{
        const struct reader *reader = declarations->reader;

        for (uint32_t id = reader->first_id; id < reader->end_id; id++) {
                const struct btf_type *type = btf__type_by_id(declarations->btf, id);

                if (btf_is_func_proto(type)) {
                        for (uint32_t i = 0; i < btf_vlen(type); i++)
                                btf_params(type)[i].name_off = 0;
                }
                if (btf_is_type_tag(type) && btf_kflag(type))
                        add_attribute(&declarations->convention, reader_string(reader, type->name_off));
        }
}

struct declarations *declarations_new(const struct reader *reader, struct declarations *base)
{
        struct declarations *declarations = allocate(1, sizeof(*declarations));

        declarations->reader = reader;
        declarations->base = base;
        declarations->btf = btf__parse_split(reader->path, base ? base->btf : NULL);
        if (!declarations->btf)
                die("%s: libbpf cannot read it again: %m", reader->path);
        for (size_t i = 0; base && i < base->convention.n_attributes; i++)
                add_attribute(&declarations->convention, base->convention.attributes[i]);
        make_plain(declarations);
        declarations->dump = btf_dump__new(declarations->btf, append, &declarations->text, /* opts= */ NULL);
        if (!declarations->dump)
                die("%s: libbpf cannot write it: %m", reader->path);
        declarations->known = allocate(reader->end_id - reader->first_id, sizeof(char *));
        return declarations;
}

void declarations_free(struct declarations *declarations)
{
        const struct reader *reader = declarations->reader;

        for (uint32_t id = reader->first_id; id < reader->end_id; id++)
                free(declarations->known[id - reader->first_id]);
        free(declarations->known);
        free(declarations->void_known);
        free(declarations->convention.attributes);
        free(declarations->text.data);
        btf_dump__free(declarations->dump);
        btf__free(declarations->btf);
        free(declarations);
}

static char *write_declaration(struct declarations *declarations, uint32_t id)
{
        struct text *text = &declarations->text;
        int r;

        text->length = 0;
        r = btf_dump__emit_type_decl(declarations->dump, id, /* opts= */ NULL);
        if (r < 0)
                die("%s: libbpf cannot write type %u: %s", declarations->reader->path, id, strerror(-r));
        return normalise(&declarations->convention, text->data);
}

/* What libbpf writes, in normal form. */
static const char *expected_declaration(struct declarations *declarations, uint32_t id)
{
        char **known;

        if (declarations->base && id < declarations->reader->first_id)
                return expected_declaration(declarations->base, id);
        known = id == 0 ? &declarations->void_known
                        : &declarations->known[id - declarations->reader->first_id];
        if (!*known)
                *known = write_declaration(declarations, id);
        return *known;
}

bool declaration_equal(struct declarations *declarations, uint32_t id, const char *text,
                       const char **ret_expected)
{
        char *normal = normalise(&declarations->convention, text);
        bool equal;

        *ret_expected = expected_declaration(declarations, id);
        equal = strcmp(normal, *ret_expected) == 0;
        free(normal);
        return equal;
}
