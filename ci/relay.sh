#!/usr/bin/env bash
# Regions on other hosts: builds seqcopy-relay, a workspace of its own because of what it depends on, and runs its tests over loopback TCP:
# each of four programs killed in turn, damaged samples, a hostile peer, a type that changes, a full file system, lost packets, TLS,
# and what other programs of zenoh get, also beside a router (router/).
#
#     ci/relay.sh          16 kills of a value, and of a map, and 3 of a router
#     ci/relay.sh --all    200 of each, 50 of a router, lints, and how long a value takes from region to region
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/relay
cd seqcopy-relay
if ! cargo fetch --quiet --locked 2>/dev/null; then
    skipped "the crate zenoh, or one that it depends on, can't be had here"
    exit 0
fi
cargo fmt --check
# Two hosts with a network between them that loses packets.
have_program ip iproute2 || true # the test says what is missing
have_program iptables iptables || true
began=$SECONDS
cargo test --quiet --locked --features tls --no-run --target-dir "$target"
echo "relay: built in $((SECONDS - began)) s"
if [[ ${1-} == --all ]]; then
    cargo clippy --quiet --locked --features tls --all-targets --target-dir "$target" -- -D warnings
    RELAY_KILLS=200 cargo test --quiet --locked --features tls --target-dir "$target" -- --nocapture --test-threads=1 |
        tee "$target/output"
    cargo build --quiet --locked --release --bins --examples --target-dir "$target"
    cargo run --quiet --locked --release --example latency --target-dir "$target"
else
    cargo test --quiet --locked --features tls --target-dir "$target" -- --nocapture --test-threads=1 | tee "$target/output"
fi
skipped_in "$target/output"
# Beside a router, with programs that know nothing of seqcopy: curl, an MQTT client, and zenoh's package for Python.
have_program curl curl || true # the tests say what is missing
have_program mosquitto_sub mosquitto-clients || true
python=$target/python
if python3 -m venv "$python" >"$target/venv" 2>&1 && "$python/bin/pip" install --quiet eclipse-zenoh >>"$target/venv" 2>&1; then
    export PYTHON=$python/bin/python
fi
began=$SECONDS
cargo build --quiet --locked --features tls --target-dir "$target"
cargo build --quiet --locked --manifest-path ../Cargo.toml -p seqcopy-cli --target-dir "$target"
cd router
cargo fmt --check
if [[ ${1-} == --all ]]; then
    cargo clippy --quiet --locked --all-targets --target-dir "$target" -- -D warnings
    export ROUTER_KILLS=50
fi
cargo test --quiet --locked --no-run --target-dir "$target"
echo "relay: router built in $((SECONDS - began)) s"
RELAY=$target/debug/seqcopy-relay SEQCOPY=$target/debug/seqcopy \
    cargo test --quiet --locked --target-dir "$target" -- --nocapture --test-threads=1 | tee "$target/beside"
skipped_in "$target/beside"
cd ..
# The lock files of other packages; only those of this one and of its router have zenoh.
for lock in ../Cargo.lock ../[!s]*/*/Cargo.lock; do
    if grep -q '^name = "zenoh' "$lock"; then
        echo "relay: RED: $lock has dependencies of seqcopy-relay"
        exit 1
    fi
done
lines=$(cat src/*.rs | awk '/^#\[cfg\(test\)\]/ { skip = 1 } /^\/\/! / { skip = 0 } !skip && !/^ *(\/\/|$)/' | wc -l)
echo "relay: $lines lines without comments and tests"
