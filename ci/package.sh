#!/usr/bin/env bash
# Checks what would be published: that each package has the files it needs and builds from its tarball alone, that a crate outside
# the workspace builds on the tarballs, that no more packages come into its lock file than here, and that their pages show what
# they must.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

# The files of every package, and the additional ones of each.
everywhere="LICENSE-MIT LICENSE-APACHE CHANGELOG.md README.md"
declare -A besides=(
    [seqcopy]="src/lib.rs examples/layout.rs examples/top_of_book.rs docs/guide/choosing-a-lock.md docs/guide/payloads.md docs/guide/recipes.md docs/guide/migration.md docs/guide/performance.md docs/guide/real-time.md docs/guide/foreign-pages.md docs/guide/firmware.md docs/guide/how-it-works.md docs/guide/safety.md docs/reference/soundness.md docs/reference/evidence.md docs/reference/stability.md"
    [seqcopy-shm]="src/lib.rs docs/guide/guarantees.md docs/guide/maps.md docs/guide/more-than-one-machine.md docs/guide/new-version.md docs/reference/format.md examples/telemetry/main.rs examples/processes/main.rs"
    [seqcopy-map]="src/lib.rs docs/reference/soundness.md examples/moved_owners/main.rs"
    [seqcopy-derive]="src/lib.rs"
    [seqcopy-bindgen]="src/lib.rs src/c/type.h src/c/handles.h src/c/direct.h"
    [seqcopy-c]="src/lib.rs include/seqcopy.h include/seqcopy.hpp cbindgen.toml"
    [seqcopy-cli]="src/main.rs src/lib.rs"
)
# What the pages of a tarball must show: a file of the documentation, and text in it.
declare -A pages=(
    [seqcopy]="seqcopy/type.SeqLock.html:Progress
        seqcopy/trait.SeqCopy.html:interior mutability
        seqcopy/reference/soundness/index.html:P17"
    [seqcopy-shm]="seqcopy_shm/struct.Writer.html:take_over
        seqcopy_shm/guide/guarantees/index.html:SIGBUS"
    [seqcopy-map]="seqcopy_map/struct.SeqMap.html:Progress
        seqcopy_map/reference/soundness/index.html:linearizable"
    [seqcopy-bindgen]="seqcopy_bindgen/struct.Bindings.html:of_region
        seqcopy_bindgen/index.html:build script"
    [seqcopy-c]="seqcopy_c/fn.seqcopy_writer_write.html:Wait-free
        seqcopy_c/index.html:No panic gets out"
    [seqcopy-cli]="seqcopy_cli/fn.describe.html:read_description"
    [seqcopy-derive]="seqcopy_derive/derive.SeqCopy.html:all options"
)
# What a user writes, and how many packages are then in the lock file, the user's own among them. A lock file is the same on all targets
# and under every cfg: it has each dependency that some target needs, and each that a feature of the form `crate?/feature` names.
declare -A locked=(
    ['seqcopy = "@"']=7
    ['seqcopy = { version = "@", default-features = false }']=2
    ['seqcopy-map = "@"']=3
    ['seqcopy-shm = "@"']=18
    ['seqcopy-bindgen = "@"']=19
    ['seqcopy-c = "@"']=21
    ['seqcopy-cli = "@"']=47
    ['seqcopy-derive = "@"']=6
)
# What no package may contain.
never='(^|/)(target|ui|must_fail|mutants|models)/|\.patch$|\.stderr$'
# What no source of a package may ask but a file `primitive.rs`, which chooses the atomics: whether this is a test. Modules for tests are
# declared in the first column.
test_asks='^ +#\[cfg\(test\)\]|cfg!?\((all\()?not\(test|cfg!\((all\(|any\()?test'

red=0
complain() {
    echo "package: RED: $*"
    red=1
}

dirty=()
# In a working tree with changes, use them.
[ -z "$(git status --porcelain 2>/dev/null)" ] || dirty=(--allow-dirty)
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
mapfile -t crates < <(published_crates)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

for crate in "${crates[@]}"; do
    list=$(cargo package "${dirty[@]}" --list -p "$crate")
    if [[ -z ${besides[$crate]-} ]]; then
        complain "ci/package.sh does not say what must be in $crate"
    fi
    for file in $everywhere ${besides[$crate]-}; do
        grep -qxF -- "$file" <<<"$list" || complain "$crate lacks $file"
    done
    if grep -E -- "$never" <<<"$list"; then
        complain "$crate has what is above"
    fi
    mapfile -t sources < <(grep -E '^src/.*\.rs$' <<<"$list" | grep -vE '(^|/)primitive\.rs$' | sed "s|^|$crate/|")
    if grep -nE -- "$test_asks" "${sources[@]}"; then
        complain "$crate does in a test what it does not do in a program, as is above"
    fi
    # What crates.io and docs.rs show.
    for key in description readme documentation keywords categories; do
        grep -qE "^$key(\.workspace)? = " "$crate/Cargo.toml" || complain "the manifest of $crate has no $key"
    done
done
for crate in "${!besides[@]}"; do
    [[ " ${crates[*]} " == *" $crate "* ]] || complain "there is no crate $crate to publish"
done
# seqcopy-relay is published from a workspace of its own: `ci/relay.sh` builds it.
list=$(cargo package "${dirty[@]}" --list --manifest-path seqcopy-relay/Cargo.toml)
for file in $everywhere Cargo.lock src/main.rs; do
    grep -qxF -- "$file" <<<"$list" || complain "seqcopy-relay lacks $file"
done
for key in description license readme documentation keywords categories rust-version; do
    grep -q "^$key = " seqcopy-relay/Cargo.toml || complain "the manifest of seqcopy-relay has no $key"
done
[[ $red -eq 0 ]] || exit 1

# Built below and not by this command, which caches what it unpacks by name and version, and so would build an older package.
cargo package --quiet --no-verify "${dirty[@]}" "${crates[@]/#/--package=}"

# The tarballs as a user would get them, and a program that depends only on them.
outside=$target/outside/tree
rm -rf -- "$outside"
mkdir -p "$outside"
for crate in "${crates[@]}"; do
    # With the current time, or cargo would not notice changes.
    tar -xzm -f "$target/package/$crate-$version.crate" -C "$outside"
    for file in LICENSE-MIT LICENSE-APACHE CHANGELOG.md; do
        cmp -s -- "$file" "$outside/$crate-$version/$file" || complain "$file of the package $crate is another than that of the workspace"
    done
done
mkdir -p "$outside/user/src"
{
    printf '[package]\nname = "user"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
    published_crates --libraries | sed "s/.*/&.version = \"=$version\"/"
} >"$outside/user/Cargo.toml"
# One workspace around them, so that they depend on each other and not on published versions.
{
    printf '[workspace]\nresolver = "3"\nmembers = ["user"'
    printf ', "%s-'"$version"'"' "${crates[@]}"
    printf ']\n[patch.crates-io]\n'
    published_crates --libraries | sed "s/.*/&.path = \"&-$version\"/"
} >"$outside/Cargo.toml"
cat >"$outside/user/src/main.rs" <<'END'
#![forbid(unsafe_code)]
use seqcopy::{SeqCopy, SeqLock, Validate};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Pose { moving: bool, at: u64 }

static POSE: SeqLock<Pose> = SeqLock::new(Pose { moving: false, at: 0 });

fn main() {
    POSE.write(Pose { moving: true, at: 1 });
    assert_eq!(POSE.read(), Pose { moving: true, at: 1 });
}
END
cp Cargo.lock "$outside/Cargo.lock"
# One by one: built together, they would share their features.
for crate in "${crates[@]}"; do
    cargo build --quiet -p "$crate" --manifest-path "$outside/Cargo.toml" --target-dir "$target/outside"
done
cargo run --quiet -p user --manifest-path "$outside/Cargo.toml" --target-dir "$target/outside"
echo "package: a program outside the workspace runs on the tarballs of ${crates[*]}"

# An empty user next to that workspace, since the members of one share a lock file. The versions are those of our own: what others publish
# turns nothing red.
empty=$target/outside/empty
rm -rf -- "$empty"
mkdir -p "$empty/src"
: >"$empty/src/lib.rs"
for crate in "${crates[@]}"; do
    grep -q "^$crate = " <<<"$(printf '%s\n' "${!locked[@]}")" || complain "ci/package.sh does not say how many packages $crate puts into a lock file"
done
while read -r dependency; do
    {
        printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n%s\n' "${dependency//@/=$version}"
        printf '[patch.crates-io]\n'
        printf '%s\n' "${crates[@]}" | sed "s/.*/&.path = \"..\/tree\/&-$version\"/"
    } >"$empty/Cargo.toml"
    cp Cargo.lock "$empty/Cargo.lock"
    # Removes from that lock file what this user does not have.
    cargo tree --quiet --manifest-path "$empty/Cargo.toml" >/dev/null
    # Not `[[patch.unused]]`.
    mapfile -t found < <(grep -A1 -x '\[\[package\]\]' "$empty/Cargo.lock" | sed -n 's/^name = "\(.*\)"/\1/p')
    [[ ${#found[@]} -eq ${locked[$dependency]} ]] ||
        complain "${dependency//@/$version} puts ${#found[@]} packages into a lock file, not ${locked[$dependency]}: ${found[*]}"
    echo "package: ${#found[@]} packages in the lock file of a user with ${dependency//@/$version}"
done < <(printf '%s\n' "${!locked[@]}" | sort)

for crate in $(published_crates --libraries); do
    [[ -n ${pages[$crate]-} ]] || complain "ci/package.sh does not say what the pages of $crate must show"
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --all-features -p "$crate" --manifest-path "$outside/Cargo.toml" \
        --target-dir "$target/outside"
    while IFS=: read -r file words; do
        file=${file// /}
        [[ -n $file ]] || continue
        grep -qsF -- "$words" "$target/outside/doc/$file" || complain "the page $file of the package $crate does not show: $words"
    done <<<"${pages[$crate]-}"
done
[[ $red -eq 0 ]] || exit 1
echo "package: ${#crates[@]} packages are complete"
