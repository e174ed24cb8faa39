#!/usr/bin/env bash
# What would be published, built from its packages alone.
set -euo pipefail
cd "$(dirname "$0")/.."
dirty=()
# In a working tree with changes, try what is there.
[ -z "$(git status --porcelain 2>/dev/null)" ] || dirty=(--allow-dirty)
cargo package "${dirty[@]}" -p seqcopy-derive -p seqcopy
