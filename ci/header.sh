#!/usr/bin/env bash
# Makes regions of N random types (verify/src/bin/random_types) and of odd ones (tests/src/regions/odd.rs), and maps of half of the
# random types by random keys, generates their C headers by `seqcopy header`, and compiles all of them with every compiler that is
# installed, in C and in C++, with all warnings as errors. Programs that include them read the regions and must find the values that
# were written. So must a Python program that has the package, and what both write back, Rust reads.
#
#     ci/header.sh [N] [SEED]      30 by default
#
# SEQCOPY_PYTHON is a Python interpreter that has the package seqcopy, as ci/python.sh makes it.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
count=${1:-30}
seed=${2:-20251120}
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$target/header
regions=$(mktemp -d /dev/shm/seqcopy-header-XXXXXX)
trap 'rm -rf -- "$regions"' EXIT

rm -rf -- "$work/types" "$work/c"
mkdir -p "$work/c"
cargo run -q -p seqcopy-verify --bin random_types -- --seed "$seed" --count "$count" --regions --out "$work/types"
CARGO_TARGET_DIR=$work/build cargo run -q --manifest-path "$work/types/Cargo.toml" -p run -- "$regions"
cargo build -q -p seqcopy-cli -p seqcopy-c

types=()
for region in "$regions"/*.0; do
    name=$(basename "$region" .0)
    "$target/debug/seqcopy" header "$region" >"$work/c/$name.h"
    types+=("$name")
done
# A name of its own, next to that of the region with one value of that type.
maps=()
for region in "$regions"/*.map; do
    name=$(basename "$region" .map)_map
    "$target/debug/seqcopy" header --name "seqcopy_$name" "$region" >"$work/c/$name.h"
    maps+=("$name")
done
# The same types as Rust declares them, where it can: each is a module of one crate, which opens its region as the first line says.
mkdir -p "$work/rust/src"
rm -f -- "$work"/rust/src/*
declared=0
for region in "$regions"/*.0 "$regions"/*.map; do
    module=of_$(basename "$region" | tr . _)
    file=$work/rust/src/$module.rs
    "$target/debug/seqcopy" header --lang rust "$region" >"$file" 2>/dev/null || continue
    reader=$(sed -n '1s/.*`\(.*\)`\.$/\1/p' "$file")
    echo "pub fn open(path: &str) -> Result<seqcopy_shm::${reader/::/}, seqcopy_shm::Error> { seqcopy_shm::$reader::open(path) }" >>"$file"
    echo "pub mod $module;" >>"$work/rust/src/lib.rs"
    declared=$((declared + 1))
done
printf '[package]\nname = "declared"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\nseqcopy = { path = "%s" }\nseqcopy-shm = { path = "%s" }\n\n[workspace]\n' \
    "$PWD/seqcopy" "$PWD/seqcopy-shm" >"$work/rust/Cargo.toml"
cp Cargo.lock "$work/rust"
CARGO_TARGET_DIR=$work/build cargo check -q --manifest-path "$work/rust/Cargo.toml"
[[ $declared -gt 0 ]] || { echo "header: RED: no type was declared in Rust"; exit 1; }
echo "Rust: $declared regions and maps are declared, and open"
longest=$(wc -l "$work"/c/*.h | grep -v ' total$' | sort -n | tail -n 1 | awk '{print $1}')
{
    printf '#include "%s.h"\n' "${types[@]}" "${maps[@]}"
    echo "#define TYPES(ONE) \\"
    printf '    ONE(%s) \\\n' "${types[@]}"
    echo
    echo "#define MAPS(ONE) \\"
    printf '    ONE(%s) \\\n' "${maps[@]}"
    echo
} >"$work/c/all.h"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
compiled=0
for compiler in gcc g++ clang clang++; do
    if ! command -v "$compiler" >/dev/null; then
        skipped "the compiler $compiler is not installed"
        continue
    fi
    case $compiler in
        *++) language=c++ modes=(c++17 gnu++20) ;;
        *) language=c modes=(c11 gnu17) ;;
    esac
    for mode in "${modes[@]}"; do
        cc=("$compiler" "-std=$mode" "${warnings[@]}" -I "$work/c" -I seqcopy-c/include -x "$language" tests/src/regions/reads.c)
        # In one mode of each compiler, the program is linked and run.
        if [[ $mode = c11 || $mode = gnu++20 ]]; then
            "${cc[@]}" -O2 -x none "$target/debug/libseqcopy_c.a" -lpthread -ldl -lm -o "$work/reads"
            # Not inside `echo`, which would hide the exit status.
            found=$("$work/reads" "$regions")
            echo "$compiler -std=$mode: $found"
        else
            "${cc[@]}" -fsyntax-only
            echo "$compiler -std=$mode: no warning"
        fi
        compiled=$((compiled + 1))
    done
done
# As a user reads a value: with its version, in a program that is optimised. Where fewer calls are inlined, as in `main`, gcc tells of a variable
# that may have no value.
{
    echo '#include "all.h"'
    echo 'int use(const void *, uint64_t);'
    for type in "${types[@]}"; do
        cat <<TEXT
__attribute__((cold)) int use_$type(const seqcopy_${type}_reader *reader, seqcopy_${type} *value);
int use_$type(const seqcopy_${type}_reader *reader, seqcopy_${type} *value)
{
    uint64_t version;
    if (seqcopy_${type}_reader_read(reader, value, &version) != SEQCOPY_OK)
        return 1;
    return use(value, version);
}
TEXT
    done
} >"$work/uses.c"
for compiler in gcc clang; do
    ! command -v "$compiler" >/dev/null || "$compiler" -std=c11 -O2 -Wall -Werror -I "$work/c" -I seqcopy-c/include -c "$work/uses.c" -o "$work/uses.o"
done
# What C wrote, Rust reads equal.
shown() {
    "$target/debug/seqcopy" show --json "$1" | sed -nE '/^  "(value|entries)"/,/^  "(schema|key)"/p' | grep -vE '"(generation|stamp)"'
}
equal=0
for region in "$regions"/*.c; do
    found=$(shown "$region")
    [[ -n $found && $found == "$(shown "${region%.c}")" ]] || { echo "header: RED: $region has another value than C read"; exit 1; }
    equal=$((equal + 1))
done
echo "Rust: $equal regions that C wrote, all equal"
if [[ -n ${SEQCOPY_PYTHON:-} ]]; then
    found=$("$SEQCOPY_PYTHON" -B -W error tests/src/regions/reads.py "$regions")
    echo "$("$SEQCOPY_PYTHON" --version): $found"
fi
echo "headers: ${#types[@]} types and ${#maps[@]} maps in $compiled modes, the longest has $longest lines (seed $seed)"
