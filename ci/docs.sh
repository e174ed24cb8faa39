#!/usr/bin/env bash
# Builds the documentation without warnings, with every feature, as docs.rs does, so that no link is broken. On a nightly compiler
# also with the flags of docs.rs, so that each item says which feature it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
mapfile -t crates < <(published_crates --libraries)
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features "${crates[@]/#/--package=}"
# Comments of private items lead somewhere, too.
RUSTDOCFLAGS="-D rustdoc::broken_intra_doc_links -A rustdoc::redundant_explicit_links -A rustdoc::private_intra_doc_links" \
    cargo doc --quiet --no-deps --all-features --document-private-items "${crates[@]/#/--package=}" --target-dir "${CARGO_TARGET_DIR:-target}/private_docs"
if have_toolchain nightly; then
    target=${CARGO_TARGET_DIR:-target}/docsrs
    RUSTDOCFLAGS="-D warnings --cfg docsrs -Z unstable-options --generate-link-to-definition" \
        cargo +nightly doc --no-deps --all-features "${crates[@]/#/--package=}" --target-dir "$target"
    # The badge of an item that needs a feature.
    if ! grep -q 'crate features\? <code>alloc</code>' "$target/doc/seqcopy/type.ArcWriter.html"; then
        echo "docs: RED: the page of ArcWriter does not say that it needs the feature alloc"
        exit 1
    fi
    if ! grep -q 'crate feature <code>derive</code>' "$target/doc/seqcopy/derive.SeqCopy.html"; then
        echo "docs: RED: the page of the derive does not say that it needs the feature derive"
        exit 1
    fi
    echo "docs: ${crates[*]} as docs.rs builds them"
fi
