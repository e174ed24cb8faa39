#!/usr/bin/env bash
# Builds what the pages tell a user to write into a Cargo.toml, with the programs that follow it on the page, as packages outside the
# workspace: doctests have this workspace's features, a user has those of the page. Then what a user reads who forgot a feature, or
# whose target has no regions.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/pages
here=$target/packages
rm -rf -- "$here"
mkdir -p "$here"
# A clone next to the user's package, as README.md has it.
ln -s "$PWD" "$here/seqcopy"

# split <page> <folder>: writes each block of a Cargo.toml to <folder>.<n>.toml, and the programs up to the next one to
# <folder>.<n>.<m>.rs, without their hidden lines; those that no doctest builds to <folder>.<n>.<m>.ignored.
split() {
    sed 's|^//! \?||' "$1" | awk -v folder="$2" '
        /^```/ {
            if (file) { close(file); file = ""; next }
            if ($0 == "```toml") { file = folder "." ++manifests ".toml"; programs = 0 }
            else if (manifests && /^```rust/) { file = folder "." manifests "." ++programs (/ignore/ ? ".ignored" : ".rs") }
            else { file = "/dev/null" }
            next
        }
        file && !(file ~ /rs$/ && /^# |^#$/) { print >file }'
}

# check <manifest> <program> [<target>]: checks a package of both.
check() {
    local package=$here/package flags=(${3:+--target "$3"})
    rm -rf -- "$package"
    mkdir -p "$package/src"
    {
        printf '[package]\nname = "page"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n'
        [[ $(head -n 1 "$1") == '['* ]] || echo '[dependencies]'
        cat "$1"
        echo '[patch.crates-io]'
        published_crates | sed 's,.*,&.path = "../seqcopy/&",'
    } >"$package/Cargo.toml"
    cp Cargo.lock "$package/Cargo.lock"
    if grep -q 'default-features = false' "$1"; then
        # Firmware.
        ! have_target thumbv6m-none-eabi || flags+=(--target thumbv6m-none-eabi)
        { echo '#![no_std]' && cat "$2"; } >"$package/src/lib.rs"
    elif grep -q '^fn main' "$2"; then
        cp "$2" "$package/src/main.rs"
    else
        cp "$2" "$package/src/lib.rs"
    fi
    RUSTFLAGS="-A dead_code" cargo check --quiet --manifest-path "$package/Cargo.toml" --target-dir "$target" "${flags[@]}"
}

mapfile -t pages < <(git ls-files '*.md' '*/src/lib.rs' | grep -v '^seqcopy-relay/')
number=0 checked=0
for page in "${pages[@]}"; do
    split "$page" "$here/$((++number))"
    for manifest in "$here/$number".*.toml; do
        [[ -e $manifest ]] || continue
        programs=("${manifest%.toml}".*.rs)
        # A line that stands alone below its dependency.
        [[ -e ${programs[0]} ]] || programs=("${manifest%.toml}".*.ignored)
        [[ -e ${programs[0]} ]] || programs=(/dev/null)
        for program in "${programs[@]}"; do
            check "$manifest" "$program" || { echo "pages: RED: $page, $(basename "$program"), with this in its Cargo.toml:" && cat "$manifest" && exit 1; }
            checked=$((checked + 1))
        done
    done
done
if ((checked < 5)); then
    echo "pages: RED: there are only $checked programs with a manifest"
    exit 1
fi

# answers <dependency> <program> <words> [<target>]: without what the program needs, the compiler says these words.
answers() {
    local said
    echo "$1" >"$here/without.toml"
    echo "$2" >"$here/without.rs"
    if said=$(check "$here/without.toml" "$here/without.rs" ${4:+"$4"} 2>&1) || ! grep -qF -- "$3" <<<"$said"; then
        echo "pages: RED: this is not answered with the words: $3"
        echo "$2"
        echo "$said"
        exit 1
    fi
}
answers 'seqcopy = { version = "0.1", default-features = false }' \
    'use seqcopy::{SeqCopy, SeqLock}; #[derive(SeqCopy)] pub struct Pose(u8); pub static POSE: SeqLock<Pose> = SeqLock::new(Pose(0));' \
    'enable the feature `derive` of seqcopy'
answers 'seqcopy = "0.1"' 'pub use seqcopy::Watched;' 'enable the feature `wait` of seqcopy'
if have_target i686-unknown-linux-gnu; then
    answers 'seqcopy-shm = "0.1"' 'pub use seqcopy_shm::Writer;' 'regions need a 64-bit Unix' i686-unknown-linux-gnu
    answers 'seqcopy-shm = "0.1"' 'pub use seqcopy_shm::Writer;' 'the item is gated here' i686-unknown-linux-gnu
fi
echo "pages: $checked programs build with the manifests above them, and what is missing is named"
