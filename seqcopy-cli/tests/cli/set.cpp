// A map whose values have no bytes, by the classes of C++: `set PATH`. Key 1 was put there; 2 and 3 are added, 2 by a handle, and 1 is removed.
// Exits with the number of the line at which something is otherwise.
#include "numbers.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return __LINE__;                                                                                           \
    } while (0)

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    auto writer = seqcopy::MapWriter<numbers>::take_over(argv[1]);
    auto reader = seqcopy::MapReader<numbers>::open(argv[1]);
    CHECK(writer && reader);
    CHECK(reader->get(1) && reader->get(1)->key == 1 && !reader->get(2));

    auto two = writer->entry(2);
    CHECK(two && writer->insert(*two, {}) && writer->insert(3, {}) && writer->remove(1));
    auto seen = reader->entry(2);
    CHECK(seen && reader->get(*seen) && reader->get(*seen)->key == 2);
    CHECK(reader->get(*seen)->stamp == writer->get(2)->stamp && reader->get(3)->stamp > reader->get(2)->stamp);
    CHECK(!reader->get(1) && seqcopy::error().status == SEQCOPY_ABSENT);

    auto all = reader->entries();
    CHECK(all && all->size() == 2 && (*all)[0].key + (*all)[1].key == 5);
    return 0;
}
