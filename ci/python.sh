#!/usr/bin/env bash
# The Python package: builds its wheel by maturin, installs that into a fresh virtual environment, and runs its tests there, the programs of its
# page among them; checks its stubs by mypy, and has it read and write what programs in Rust, C and C++ write and read. Without NumPy, or
# mypy, what needs them is skipped.
#
#     ci/python.sh
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
python_environment "$place/env" || exit 0
env=$place/env/bin
cargo fmt --check --manifest-path seqcopy-python/Cargo.toml
PYO3_PYTHON=$env/python cargo clippy --quiet --locked --manifest-path seqcopy-python/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}/python" -- -D warnings
python_package "$PWD" "$place/env"
"$env/python" -m unittest discover seqcopy-python/tests
if "$env/pip" install --quiet mypy >"$place/log" 2>&1; then
    "$env/mypy" --strict seqcopy-python/tests/typed.py
    "$env/python" -m mypy.stubtest seqcopy --ignore-disjoint-bases
else
    skipped "mypy can't be had here: $(complaint "$place/log")"
fi
# With a fourth language.
SEQCOPY_PYTHON=$env/python cargo test --quiet -p seqcopy-cli --test cli -- library described script
# Random types.
SEQCOPY_PYTHON=$env/python ci/header.sh 30
lines=$(cat seqcopy-python/src/*.rs seqcopy-python/python/seqcopy/*.py | awk '!/^ *(\/\/|#|$)/' | wc -l)
echo "python: $lines lines of code, without comments"
