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
python=${PYTHON:-python3}
if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    skipped "there is no Python from 3.11 on with the module venv"
    exit 0
fi
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/python
if ! cargo fetch --quiet --locked --manifest-path seqcopy-python/Cargo.toml 2>/dev/null; then
    skipped "the crate pyo3, or one that it depends on, can't be had here"
    exit 0
fi
cargo fmt --check --manifest-path seqcopy-python/Cargo.toml
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
# Some systems have the module and not what it installs.
if ! "$python" -m venv "$place/env" >"$place/log" 2>&1 || ! "$place/env/bin/pip" install --quiet maturin >>"$place/log" 2>&1; then
    skipped "there is no virtual environment with maturin: $(complaint "$place/log")"
    exit 0
fi
env=$place/env/bin
"$env/pip" install --quiet numpy >"$place/log" 2>&1 || skipped "NumPy can't be had here: $(complaint "$place/log")"
PYO3_PYTHON=$env/python cargo clippy --quiet --locked --manifest-path seqcopy-python/Cargo.toml --target-dir "$target" -- -D warnings
(cd seqcopy-python && CARGO_TARGET_DIR=$target "$env/maturin" build --quiet --release --locked --interpreter "$env/python" --out "$place/wheel" 2>/dev/null)
"$env/pip" install --quiet --no-index "$place"/wheel/*.whl
"$env/python" -m unittest discover seqcopy-python/tests
if "$env/pip" install --quiet mypy >"$place/log" 2>&1; then
    "$env/mypy" --strict seqcopy-python/tests/typed.py
    "$env/python" -m mypy.stubtest seqcopy --ignore-disjoint-bases
else
    skipped "mypy can't be had here: $(complaint "$place/log")"
fi
# With a fourth language.
SEQCOPY_PYTHON=$env/python cargo test --quiet -p seqcopy-cli --test cli -- library described
lines=$(cat seqcopy-python/src/*.rs seqcopy-python/python/seqcopy/*.py | awk '!/^ *(\/\/|#|$)/' | wc -l)
echo "python: $lines lines of code, without comments"
[[ $lines -le 1200 ]] || { echo "python: RED: more than 1200"; exit 1; }
