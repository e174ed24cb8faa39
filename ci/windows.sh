#!/usr/bin/env bash
# The tests of seqcopy and seqcopy-map on Windows, under wine: unit tests, and tests of the locks with several threads. Regions are not among them: those need Linux. Needs wine and MinGW's gcc.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
windows=x86_64-pc-windows-gnu
have_target "$windows" || exit 0
if ! have_program x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64 || ! have_program wine wine; then
    skipped "wine or gcc-mingw-w64-x86-64 is not available here: nothing ran on Windows"
    exit 0
fi
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}/windows" && cd "${CARGO_TARGET_DIR:-target}/windows" && pwd)
# A Windows of its own. It asks for neither Mono nor Gecko.
export WINEPREFIX=$target/wine WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
wine wineboot --init >/dev/null 2>&1 || { skipped "wine does not start here: nothing ran on Windows"; exit 0; }

# std takes the seeds of its hash maps from this library, which wine 8 does not have. One that wine has is found before it.
x86_64-w64-mingw32-gcc -shared -o "$target/bcryptprimitives.dll" -x c - -ladvapi32 <<'END'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length) {
    return SystemFunction036(bytes, (ULONG)length);
}
END
WINEPATH=$(wine winepath --windows "$target" | tr -d '\r')
export WINEPATH CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
# Longer runs take a minute there, and the loops are those of Linux (ci/test.sh).
export SEQCOPY_LONGEST=600
cargo test --quiet -p seqcopy -p seqcopy-map --lib --target "$windows" --target-dir "$target"
cargo test --quiet -p seqcopy-tests --test locks --test racing --target "$windows" --target-dir "$target"
echo "windows: the tests of seqcopy and seqcopy-map pass under $(wine --version)"
