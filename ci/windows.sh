#!/usr/bin/env bash
# Tests on Windows, under wine: unit tests of seqcopy, seqcopy-map and seqcopy-shm, tests of the locks with several threads, and tests of
# regions with several processes. Needs wine and MinGW's gcc.
#
#     ci/windows.sh
#
# Of the programs in tests/tests these do not run there: those about descriptors, sockets and forks (shm_descriptors, shm_sockets, shm_forks,
# map_forks), about signals and processes that are stepped (map_faults, and the modules of shm that are for Linux), about the directory of the
# process (shm_relative), system calls and stacks (system_calls, stack), lost wake-ups by signals (wakes: shm_processes has its own), and documents,
# which are the same on each system.
#
# wine 8 forgets on which volume an open file is, once another handle has renamed the file. So its times and its races are not those of
# Windows, and what it can't show is in the table of seqcopy-shm/src/lib.rs.
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
cargo test --quiet -p seqcopy-shm --lib --target "$windows" --target-dir "$target"
cargo test --quiet -p seqcopy-shm --doc --target "$windows" --target-dir "$target"
cargo test --quiet -p seqcopy-tests --test shm --test shm_layouts --test shm_values --target "$windows" --target-dir "$target"
cargo test --quiet -p seqcopy-cli --lib --target "$windows" --target-dir "$target"
# A hundred killed writers, two hundred pairs that start at once, and 20,000 wake-ups from one process to another.
SEQCOPY_LONG=1 cargo test --quiet -p seqcopy-tests --test shm_processes --target "$windows" --target-dir "$target"
echo "windows: the tests of locks, maps, regions and the command pass under $(wine --version)"
