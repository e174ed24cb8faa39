#!/usr/bin/env bash
# Documentation without warnings: every link leads somewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps -p seqcopy -p seqcopy-derive
