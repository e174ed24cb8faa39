/* Prints every field of a value of `Everything`: `fields PATH`. Compiled as C and as C++. */
#include <inttypes.h>
#include <stdio.h>

#include "Everything.h"

int main(int argc, char **argv)
{
    Everything_reader *reader = NULL;
    Everything v;
    if (argc < 2 || Everything_reader_open(argv[1], &reader) != SEQCOPY_OK || Everything_reader_read(reader, &v, NULL) != SEQCOPY_OK) {
        puts(seqcopy_message());
        return 1;
    }
    Everything_reader_free(&reader);

    printf("flag %d\n", v.flag);
    printf("signs %d %" PRId16 " %" PRId32 " %" PRId64 "\n", v.signs._0, v.signs._1, v.signs._2, v.signs._3);
    printf("wide %" PRIu64 " %" PRIu64 "\n", v.wide.high, v.wide.low);
    printf("floats %g %g\n", (double)v.floats[0][1], (double)v.floats[1][2]);
    printf("letter %" PRIu32 "\n", v.letter);
    printf("mode %d\n", v.mode == EVERYTHING_MODE_TAG_VERY_FAST);
    printf("depth %d\n", v.depth == EVERYTHING_DEPTH_TAG_BELOW);
    printf("class %" PRIu16 "\n", v.class_);
    printf("some %d %" PRIu64 "\n", v.some.tag == EVERYTHING_SEQ_OPTION_U64_TAG_SOME, v.some.payload.Some._0);
    printf("inner %d %" PRIu8 " %d\n", v.inner.tag, v.inner.payload.Some._0.small, v.inner.payload.Some._0.mode == EVERYTHING_MODE_TAG_CALM);
    printf("shape %d %g %" PRIu16 "\n", v.shape.tag == EVERYTHING_SHAPE_TAG_CIRCLE, v.shape.Circle.radius, v.shape.Circle.parts[1]);
    printf("big %d %d %" PRIu32 "\n", v.big.tag == EVERYTHING_BIG_TAG_LAST, v.big.payload.Last._0, v.big.payload.Last._1);
    printf("packed %" PRIu8 " %" PRIu32 " %" PRIu16 "\n", v.packed.a, v.packed.b, v.packed.c);
    printf("line %" PRIu8 "\n", v.line.x);
    printf("raised %" PRIu8 "\n", v.raised.small);
    printf("name %" PRIu32 " %.*s\n", v.name.len, (int)v.name.len, (const char *)v.name.bytes);
    printf("levels %" PRIu32 " %" PRIu16 "\n", v.levels.len, v.levels.elements[2]);
    printf("switches %" PRIu32 " %d\n", v.switches.len, v.switches.elements[0]);
    printf("ids %" PRIu32 " %" PRIi8 "\n", v.id, v.maybe);
    return 0;
}
