/*
 * C declarations read from the name outwards, BTF from the outside in. So the chain of pointers, arrays,
 * prototypes and qualifiers is collected first; then what stands left of the (absent) name is written from
 * the far end back, and what stands right of it from the near end on:
 *
 *   PTR -> ARRAY of 3 -> PTR -> CONST -> char       is       const char *(*)[3]
 *
 * The left side is "const char", then "*" of the last PTR, "(" because the array is pointed to, "*" of the
 * first; the right side is ")" and "[3]".
 */
#include "query/type_name.h"

#include <ctype.h>
#include <inttypes.h>

/* At most BTF_MAX_DECLARATOR pointers, arrays and prototypes, each of them and the type at the end behind at
 * most BTF_MAX_CHAIN qualifiers: validated. */
#define CHAIN_MAX ((BTF_MAX_DECLARATOR + 1) * (BTF_MAX_CHAIN + 1))

struct chain {
        uint32_t ids[CHAIN_MAX]; /* from the type itself towards its specifier */
        uint32_t length;
        struct btf_type specifier; /* the first type that is no pointer, array, prototype or qualifier */
};

/* Whether a qualifier stands among others of one type already: an array may be const and its elements too. */
static bool is_repeated(const uint32_t *qualifiers, uint32_t n_qualifiers, const struct btf *btf,
                        enum btf_kind kind)
{
        for (uint32_t i = 0; i < n_qualifiers; i++) {
                if (kind != BTF_KIND_TYPE_TAG && btf_kind(btf, qualifiers[i]) == kind)
                        return true;
        }
        return false;
}

/* In C a qualified array is an array of qualified elements, so qualifiers move behind the arrays they stand
 * before. */
static void chain_collect(struct chain *chain, const struct btf *btf, uint32_t id)
{
        uint32_t pending[CHAIN_MAX];
        uint32_t n_pending = 0;
        struct btf_type type = btf_type(btf, id);

        chain->length = 0;
        for (;;) {
                if (btf_kind_is_qualifier(type.kind)) {
                        if (!is_repeated(pending, n_pending, btf, type.kind))
                                pending[n_pending++] = type.id;
                        type = btf_type(btf, type.size_or_type);
                        continue;
                }
                if (type.kind == BTF_KIND_ARRAY) {
                        chain->ids[chain->length++] = type.id;
                        type = btf_type(btf, btf_array(btf, &type).type);
                        continue;
                }
                for (uint32_t i = 0; i < n_pending; i++)
                        chain->ids[chain->length++] = pending[i];
                n_pending = 0;
                if (type.kind != BTF_KIND_PTR && type.kind != BTF_KIND_FUNC_PROTO)
                        break;
                chain->ids[chain->length++] = type.id;
                type = btf_type(btf, type.size_or_type);
        }
        chain->specifier = type;
}

/* Whether the array or prototype at `i` is pointed to, so that parentheses must hold the pointer to it. */
static bool is_pointed_to(const struct chain *chain, const struct btf *btf, uint32_t i)
{
        while (i-- > 0) {
                enum btf_kind kind = btf_type(btf, chain->ids[i]).kind;

                if (!btf_kind_is_qualifier(kind))
                        return kind == BTF_KIND_PTR;
        }
        return false;
}

static bool ends_in_word(const struct strbuf *text)
{
        char last = text->length > 0 ? text->data[text->length - 1] : ' ';

        return isalnum((unsigned char)last) || last == '_' || last == '}' || last == ')' || last == '>';
}

static void append_token(struct strbuf *text, const char *token)
{
        if (ends_in_word(text))
                strbuf_append(text, " ");
        strbuf_append(text, token);
}

static void append_type_tag(struct strbuf *text, const struct btf *btf, const struct btf_type *tag)
{
        append_token(text, "__attribute__((");
        if (tag->kind_flag)
                strbuf_printf(text, "%s))", btf_name(btf, tag));
        else
                strbuf_printf(text, "btf_type_tag(\"%s\")))", btf_name(btf, tag));
}

static void append_qualifier(struct strbuf *text, const struct btf *btf, const struct btf_type *type)
{
        if (type->kind == BTF_KIND_TYPE_TAG)
                append_type_tag(text, btf, type);
        else if (type->kind == BTF_KIND_CONST)
                append_token(text, "const");
        else
                append_token(text, type->kind == BTF_KIND_VOLATILE ? "volatile" : "restrict");
}

static void append_specifier(struct strbuf *text, const struct btf *btf, const struct btf_type *type)
{
        const char *name = btf_name(btf, type);
        const char *keyword = NULL;

        if (type->kind == BTF_KIND_STRUCT || (type->kind == BTF_KIND_FWD && !type->kind_flag))
                keyword = "struct ";
        else if (type->kind == BTF_KIND_UNION || type->kind == BTF_KIND_FWD)
                keyword = "union ";
        else if (btf_kind_is_enum(type->kind))
                keyword = "enum ";
        if (type->kind == BTF_KIND_OPAQUE) {
                append_token(text, "<kind ");
                strbuf_printf(text, "%" PRIu32 ">", btf_kind_number(btf, type));
        }
        if (keyword)
                append_token(text, keyword);
        if (keyword && name[0] == '\0')
                strbuf_append(text, "{...}");
        else if (name[0] != '\0')
                append_token(text, name);
}

/* Of a prototype in a declaration: compilers do not record its parameters' names. */
static const struct type_name_params unnamed = {0};

static void append_parameters(struct strbuf *text, const struct btf *btf, const struct btf_type *proto,
                              const struct type_name_params *params)
{
        struct btf_type names = btf_type(btf, params->names);

        strbuf_append(text, "(");
        for (uint32_t i = params->skipped; i < proto->vlen && !text->overflow; i++) {
                struct btf_param param = btf_param(btf, proto, i);

                if (i > params->skipped)
                        strbuf_append(text, ", ");
                if (param.type == 0 && i + 1 == proto->vlen)
                        strbuf_append(text, "...");
                else
                        type_name_declare(text, btf, param.type,
                                          names.id != 0 ? btf_param(btf, &names, i).name : "");
        }
        strbuf_append(text, proto->vlen <= params->skipped ? "void)" : ")");
}

/* Qualifiers of the specifier stand before it as C programmers write them, tags behind it; returns where they
 * begin. */
static uint32_t append_qualified_specifier(struct strbuf *text, const struct btf *btf,
                                           const struct chain *chain)
{
        uint32_t begin = chain->length;

        while (begin > 0 && btf_kind_is_qualifier(btf_type(btf, chain->ids[begin - 1]).kind))
                begin--;
        for (uint32_t i = begin; i < chain->length; i++) {
                struct btf_type type = btf_type(btf, chain->ids[i]);

                if (type.kind != BTF_KIND_TYPE_TAG)
                        append_qualifier(text, btf, &type);
        }
        append_specifier(text, btf, &chain->specifier);
        for (uint32_t i = begin; i < chain->length; i++) {
                struct btf_type type = btf_type(btf, chain->ids[i]);

                if (type.kind == BTF_KIND_TYPE_TAG)
                        append_qualifier(text, btf, &type);
        }
        return begin;
}

/* What stands left of the name: stars and their qualifiers, from the far end back. */
static void append_left(struct strbuf *text, const struct btf *btf, const struct chain *chain,
                        uint32_t n_left)
{
        for (uint32_t i = n_left; i-- > 0;) {
                struct btf_type type = btf_type(btf, chain->ids[i]);

                if (type.kind == BTF_KIND_PTR)
                        append_token(text, "*");
                else if (btf_kind_is_qualifier(type.kind))
                        append_qualifier(text, btf, &type);
                else if (is_pointed_to(chain, btf, i))
                        append_token(text, "(");
        }
}

/*
 * Calls itself for the parameters of prototypes only, and these nest no deeper than BTF_MAX_DECLARATOR. As
 * every parameter takes at least one byte of text, the buffer's size bounds the work.
 */
static void append_declaration(struct strbuf *text, const struct btf *btf, uint32_t id,
                               const struct type_name_params *params, const char *name)
{
        struct chain chain;
        uint32_t n_left;

        chain_collect(&chain, btf, id);
        n_left = append_qualified_specifier(text, btf, &chain);
        append_left(text, btf, &chain, n_left);
        if (name[0] != '\0')
                append_token(text, name);
        for (uint32_t i = 0; i < n_left && !text->overflow; i++) {
                struct btf_type type = btf_type(btf, chain.ids[i]);

                if (type.kind != BTF_KIND_ARRAY && type.kind != BTF_KIND_FUNC_PROTO)
                        continue;
                if (is_pointed_to(&chain, btf, i))
                        strbuf_append(text, ")");
                else if (type.kind == BTF_KIND_FUNC_PROTO && name[0] == '\0')
                        append_token(text, "");
                if (type.kind == BTF_KIND_ARRAY)
                        strbuf_printf(text, "[%" PRIu32 "]", btf_array(btf, &type).nelems);
                else
                        append_parameters(text, btf, &type, type.id == id ? params : &unnamed);
        }
}

void type_name_append_pointer(struct strbuf *text, const struct btf *btf, uint32_t id, uint32_t n_stars)
{
        type_name_append(text, btf, id);
        for (uint32_t i = 0; i < n_stars; i++)
                strbuf_append(text, i == 0 ? " *" : "*");
}

void type_name_append(struct strbuf *text, const struct btf *btf, uint32_t id)
{
        type_name_declare(text, btf, id, "");
}

void type_name_declare(struct strbuf *text, const struct btf *btf, uint32_t id, const char *name)
{
        append_declaration(text, btf, id, &unnamed, name);
}

void type_name_function(struct strbuf *text, const struct btf *btf, uint32_t proto,
                        const struct type_name_params *params, const char *name)
{
        append_declaration(text, btf, proto, params, name);
}

bool type_name_equal(const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b, uint32_t id_b)
{
        char text_a[TYPE_NAME_SIZE], text_b[TYPE_NAME_SIZE];
        struct strbuf name_a, name_b;

        if (id_a == id_b && btf_owner(btf_a, id_a) == btf_owner(btf_b, id_b))
                return true;
        strbuf_init(&name_a, text_a, sizeof(text_a));
        strbuf_init(&name_b, text_b, sizeof(text_b));
        type_name_append(&name_a, btf_a, id_a);
        type_name_append(&name_b, btf_b, id_b);
        return string_equal(text_a, text_b);
}
