/*
 * The spellings of C's integer types, of which BTF has one.
 */
#include "support/unit.h"

#include <string.h>

#include "btf/base_type.h"
#include "query/lookup.h"
#include "support/fixture.h"

static void every_spelling_means_one_type(void **state)
{
        static const struct {
                const char *name;
                const char *expected; /* gcc's spelling; NULL if it is no integer type */
        } cases[] = {
                {"int", "int"},
                {"signed", "int"},
                {"signed int", "int"},
                {"unsigned", "unsigned int"},
                {"int unsigned", "unsigned int"},
                {"long", "long int"},
                {"signed long", "long int"},
                {"long unsigned", "long unsigned int"},
                {"unsigned long int", "long unsigned int"},
                {"int long unsigned", "long unsigned int"},
                {"long long", "long long int"},
                {"long unsigned long", "long long unsigned int"},
                {"short", "short int"},
                {"unsigned short", "short unsigned int"},
                {"char", "char"},
                {"signed char", "signed char"},
                {"char unsigned", "unsigned char"},
                {"unsigned  long", "long unsigned int"},
                {"", NULL},
                {"long long long", NULL},
                {"long short", NULL},
                {"char int", NULL},
                {"long char", NULL},
                {"int int", NULL},
                {"signed unsigned", NULL},
                {"unsigned unsigned", NULL},
                {"longint", NULL},
                {"u32", NULL},
                {"unsigned u32", NULL},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const char *const *found = base_type_spellings(cases[i].name, strlen(cases[i].name));

                if ((found != NULL) != (cases[i].expected != NULL) ||
                    (found && strcmp(found[0], cases[i].expected) != 0))
                        fail_msg("'%s' is taken as %s", cases[i].name, found ? found[0] : "nothing");
        }
}

static void check(const struct source_set *set, const char *name, uint32_t id)
{
        struct selector selector = {.name = name};
        struct query_error error;
        struct looked_up found = {0};

        if (lookup(set, &selector, &found, &error) != 0 || found.type.id != id)
                fail_msg("'%s' is type %u, not %u", name, found.type.id, id);
}

/* Whichever compiler the kernel was built with, and without hiding what really has the asked name. */
static void both_compilers_types_are_found(void **state)
{
        struct btf_builder *gcc = btf_builder_new(), *clang = btf_builder_new();
        struct source_set *set;

        (void)state;
        btf_builder_int(gcc, "long unsigned int", 8, 64, 0);
        btf_builder_int(gcc, "short int", 2, 16, BTF_INT_SIGNED);
        btf_builder_typedef(gcc, "long", 2); /* no compiler allows it, but what is there wins */
        set = fixture_set(gcc);
        check(set, "unsigned long", 1);
        check(set, "short", 2);
        check(set, "long", 3);
        source_set_unref(set);

        btf_builder_int(clang, "unsigned long", 8, 64, 0);
        btf_builder_int(clang, "short", 2, 16, BTF_INT_SIGNED);
        set = fixture_set(clang);
        check(set, "long unsigned int", 1);
        check(set, "short int", 2);
        source_set_unref(set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_spelling_means_one_type),
                cmocka_unit_test(both_compilers_types_are_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
