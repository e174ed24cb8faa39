#!/usr/bin/env bash
# Draws places of the shipped code, and a kind of slip for each: what is then slipped there by hand, and what is expected to catch it, is
# written into a list beside this before anything runs. So the tests are judged by mistakes that their author did not choose.
#
#     verify/draws/draw.sh SEED [HOW_MANY]
#
# A line where nothing can slip (a brace, a type, a message) is passed over by hand, and counted; so more are drawn than needed.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:?a number} many=${2:-80}
echo "seed $seed, $(git rev-parse --short HEAD)"
git ls-files 'seqcopy*/src/*.rs' 'seqcopy-python/python/*.py' 'seqcopy-c/include/*.hpp' |
    grep -vE '/(tests|models)/|/tests\.rs$|/(histories|fixture|docs)\.rs$' |
    while read -r file; do
        # Up to the tests of the file; without comments, attributes, imports, and lines of nothing but brackets.
        awk -v file="$file" '/^#\[cfg\((all\()?test/ { exit }
            /^ *(\/\/|#|use |pub use |mod |pub mod |import |from |""")/ || !/[a-z]/ { next }
            { sub(/^ +/, ""); print file ":" FNR " | " $0 }' "$file"
    done |
    awk -v seed="$seed" -v many="$many" 'BEGIN {
            srand(seed)
            kinds = split("after a failure,arm of a table,one of a pair,lost in a round trip,default or limit,neighbour or leak,operator,constant", kind, ",")
        }
        { line[NR] = $0 }
        END {
            for (n = 1; n <= many; n++) printf "%d | %s | %s\n", n, kind[1 + int(rand() * kinds)], line[1 + int(rand() * NR)]
        }'
