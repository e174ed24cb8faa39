#!/usr/bin/env bash
# The wheels of the Python package, manylinux2014 for x86-64 and aarch64 (zig links them): their symbols are those of that system (auditwheel) and
# of the stable interface (abi3audit), and the one for this processor passes the tests in a clean environment of each Python from 3.11 on that
# is found here.
#
#     ci/wheels.sh            3 min; they are left in target/wheels
#     ci/wheels.sh --long     eight threads on one reader and one writer for a minute
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
python_environment "$place/env" || exit 0
if ! "$place/env/bin/pip" install --quiet auditwheel abi3audit ziglang==0.13.0 >"$place/log" 2>&1; then
    skipped "zig or what looks at wheels can't be had here: $(complaint "$place/log")"
    exit 0
fi
export PATH=$place/env/bin:$PATH
wheels=${CARGO_TARGET_DIR:-$PWD/target}/wheels
rm -rf -- "$wheels"
for target in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu; do
    have_target "$target" || continue
    (cd seqcopy-python &&
        CARGO_TARGET_DIR=$place/target maturin build --quiet --release --locked --zig --compatibility manylinux2014 --target "$target" \
            --out "$wheels" >"$place/log" 2>&1) || { echo "wheels: RED: $(complaint "$place/log")" && exit 1; }
done
for wheel in "$wheels"/*.whl; do
    auditwheel show "$wheel" >"$place/log" 2>&1
    grep -q 'consistent with the following platform tag: "manylinux_2_17_' <(tr '\n' ' ' <"$place/log") ||
        { echo "wheels: RED: $(cat "$place/log")" && exit 1; }
    abi3audit --strict "$wheel"
done

[[ ${1-} != --long ]] || export SEQCOPY_LONG=1
seen=()
for python in python3.{11,12,13,14} "$(pyenv root 2>/dev/null || true)"/versions/3.1[1-4]*/bin/python; do
    version=$("$python" -c 'import sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    [[ " ${seen[*]-} " != *" $version "* ]] || continue
    clean=$place/$version
    if ! "$python" -m venv "$clean" >"$place/log" 2>&1; then
        skipped "there is no environment of Python $version: $(complaint "$place/log")"
        continue
    fi
    seen+=("$version")
    "$clean/bin/pip" install --quiet --no-index --no-deps "$wheels"/*"$(uname -m)".whl
    "$clean/bin/pip" install --quiet numpy >"$place/log" 2>&1 || skipped "NumPy can't be had for Python $version: $(complaint "$place/log")"
    (cd seqcopy-python && "$clean/bin/python" -m unittest discover tests 2>&1 | grep -E "^(eight|Ran|OK|FAIL|ERROR|AssertionError)")
    echo "wheels: Python $version ok"
done
[[ ${#seen[@]} -gt 0 ]] || skipped "no Python from 3.11 on could be tested"
echo "wheels: $(find "$wheels" -name '*.whl' | wc -l) wheels, tested by Python ${seen[*]-}"
