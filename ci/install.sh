#!/usr/bin/env bash
# Installs the C library as a user does, and uses what was installed:
#
#     ci/install.sh            the files, the packages, and programs that are built from them without Rust
#     ci/install.sh --root     the Debian packages in a system of their own that never had Rust, and the package for Conan
#
# The programs are those of seqcopy-shm/docs/guide/other-languages.md. Red if a file is missing, if a compiler warns, if the library exports
# other symbols than those of the header, each with a version, if a symbol or a struct differs from seqcopy-c/abi (abidiff; `--bless` writes it), if
# lintian finds an error, or if a program reads a wrong value while the library is replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
for program in cmake ninja:ninja-build meson pkg-config lintian abidw:abigail-tools; do
    have_program "${program%:*}" "${program#*:}" || { skipped "$program is not available here" && exit 0; }
done
tree=$PWD
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/install
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -name build ! -name root -exec rm -rf -- {} +
regions=$(mktemp -d /dev/shm/seqcopy-install-XXXXXX)
trap 'rm -rf -- "$regions"' EXIT

red() {
    echo "install: RED: $*"
    exit 1
}

# quietly <command>..: prints what it said only if it failed.
quietly() {
    "$@" >"$work/said" 2>&1 || { tail -n 30 "$work/said" && red "$*"; }
}

# listings <page> <language> <name>: the programs of a page in that language, each to a file: <name>-<number>.
listings() {
    awk -v mark="\`\`\`$2" -v name="$work/$3-" '$0 == mark { file = name (++n); next } /^```/ { file = "" } file { print > file }' \
        "$1"
}

for language in json cmake c cpp; do
    listings seqcopy-shm/docs/guide/other-languages.md "$language" "listing-$language"
    listings seqcopy-c/README.md "$language" "readme-$language"
done
contact="unknown packager <packager@debian.org>"
quietly cmake -S seqcopy-c -B "$work/build" -G Ninja -DCMAKE_INSTALL_PREFIX=/usr -DSEQCOPY_CARGO_TARGET="$target" -DCPACK_PACKAGE_CONTACT="$contact"
quietly cmake --build "$work/build"
DESTDIR=$work/files quietly cmake --install "$work/build"
folder=$work/files/usr/$(sed -n 's/^CMAKE_INSTALL_LIBDIR:PATH=//p' "$work/build/CMakeCache.txt")
# SEQCOPY_0.1, and the name that has that version.
node=$(sed 's/ .*//; q' "$work/build/seqcopy.map")
name=libseqcopy.so.${node#SEQCOPY_}
library=$folder/$name

# The files, their sizes, and what programs find in them.
for file in "$library" "$folder/libseqcopy.so" "$folder/libseqcopy.a" "$folder/pkgconfig/seqcopy.pc" "$folder/cmake/seqcopy/seqcopyConfig.cmake" \
    "$work"/files/usr/{include/seqcopy.h,include/seqcopy.hpp,bin/seqcopy,share/man/man1/seqcopy.1.gz}; do
    [[ -s $file ]] || red "there is no $file"
done
du -bL "$library" "$folder/libseqcopy.a" "$work/files/usr/bin/seqcopy" | awk '{ sub(".*/", "", $2); printf "%s %d kB\n", $2, $1 / 1000 }'
readelf -d "$library" | grep -q "SONAME.*\[$name\]" || red "the shared library has another name"
declared=$(cc -E -P seqcopy-c/include/seqcopy.h | tr '\n' ' ' | grep -oE '\bseqcopy_[a-z0-9_]+ ?\([^;{}()]*\);' | sed 's/ *(.*//' | sort)
[[ $(wc -l <<<"$declared") -gt 70 ]] || red "the header declares too few functions"
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort)
versioned=${declared//$'\n'/@@$node$'\n'}@@$node
[[ $exported == "$versioned" ]] || red "the shared library has other symbols: $(diff <(echo "$versioned") <(echo "$exported"))"
in_archive=$(nm -g --defined-only "$folder/libseqcopy.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort)
[[ $in_archive == "$declared" ]] || red "the static library has other symbols: $(diff <(echo "$declared") <(echo "$in_archive"))"
# It needs nothing that a C library of glibc 2.34 lacks. (Weak references, to functions that it can do without, are another kind of symbol.)
newer=$(nm -D "$library" | awk '$1 == "U" { print $2 }' | grep -vE '@GLIBC_2\.([0-9]|1[0-9]|2[0-9]|3[0-4])(\.[0-9]+)?$|@GCC_' || true)
[[ -z $newer ]] || red "the shared library needs $newer"

# The binary interface: what a C compiler makes of the header, with these symbols and their versions.
cc -E -P seqcopy-c/include/seqcopy.h | tr '\n' ' ' | sed -E 's/(\bseqcopy_[a-z0-9_]+ ?\([^;{}()]*\));/\1 { __builtin_trap(); }/g' >"$work/abi.c"
# In that folder, so that the description has no paths.
(cd "$work" && cc -w -g -shared -fPIC -o "$name" -Wl,-soname,"$name" -Wl,--version-script=build/seqcopy.map abi.c)
stored=seqcopy-c/abi/$(uname -m).abi
if [[ ${1-} == --bless ]]; then
    mkdir -p seqcopy-c/abi
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$stored" "$work/$name"
fi
if [[ -e $stored ]]; then
    abidiff --no-show-locs "$stored" "$work/$name" || red "the binary interface has changed. An added function: ci/install.sh --bless. Another change: raise SEQCOPY_ABI and the minor version, too"
else
    skipped "there is no stored interface of this processor"
fi

# uses <name> <options of CMake> <environment>..: builds the programs of the page in a folder of their own with CMake, and runs them.
uses() {
    local name=$1 place=$work/uses-$1 options=() language number read
    read -ra options <<<"$2"
    shift 2
    for language in c cpp; do
        mkdir -p "$place/$language"
        cp "$work/listing-json-1" "$place/$language/quote.json"
    done
    sed 's/^project.*/&\nadd_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)/' "$work/listing-cmake-1" >"$place/c/CMakeLists.txt"
    sed -e 's/LANGUAGES C)/LANGUAGES CXX)/; s/\.c)/.cpp)/; s/writes reads/writes reads polls owns/' -e 's/-Wshadow/& -Wold-style-cast/' "$place/c/CMakeLists.txt" >"$place/cpp/CMakeLists.txt"
    [[ $name != fetched ]] || for language in c cpp; do
        sed -i -e "/^find_package/ { r $work/listing-cmake-2
            d }" "$place/$language/CMakeLists.txt"
    done
    for read in writes:c:1 reads:c:2 writes:cpp:1 reads:cpp:2 polls:cpp:3 owns:cpp:5; do
        IFS=: read -r read language number <<<"$read"
        sed "s,/dev/shm/,$regions/," "$work/listing-$language-$number" >"$place/$language/$read.$language"
    done
    for language in c cpp; do
        quietly env "$@" cmake -S "$place/$language" -B "$place/$language/build" -G Ninja "${options[@]}"
        quietly env "$@" cmake --build "$place/$language/build"
    done
    quietly "$place/c/build/writes"
    [[ $("$place/c/build/reads") == "1 0.5" ]] || red "$name: the reader in C"
    "$place/cpp/build/writes" &
    read=$("$place/cpp/build/reads" | tail -n 1)
    wait $!
    [[ ${read%% *} -gt 50 && $("$place/cpp/build/owns") == "7 1" ]] || red "$name: C++ read $read"
    echo "$name: built by CMake and run, in C and in C++"
}

# Without Rust: a folder with links to all programs but those of Rust.
bare=$work/bare
mkdir -p "$bare"
for program in /usr/bin/* /bin/*; do
    case ${program##*/} in
        cargo | rustc | rustup | seqcopy) ;;
        *) ln -sf "$program" "$bare" ;;
    esac
done
clean=(-i PATH="$bare" HOME="$work" LC_ALL=C LD_LIBRARY_PATH="$folder")
uses installed "-DCMAKE_PREFIX_PATH=$work/files/usr" "${clean[@]}"
# The program of the first page that a user reads.
mkdir -p "$work/readme"
cp "$work/readme-json-1" "$work/readme/quote.json"
cp "$work/readme-cmake-1" "$work/readme/CMakeLists.txt"
sed "s,/dev/shm/,$regions/," "$work/readme-c-1" >"$work/readme/quotes.c"
quietly env "${clean[@]}" cmake -S "$work/readme" -B "$work/readme/build" "-DCMAKE_PREFIX_PATH=$work/files/usr"
quietly env "${clean[@]}" cmake --build "$work/readme/build"
[[ $("$work/readme/build/quotes") == "1 0.5" ]] || red "the program of seqcopy-c/README.md"
# A description that is wrong stops the build and leaves no header. After it was mended, the build goes on.
sed 's/"u64"/"u65"/' "$work/readme-json-1" >"$work/readme/quote.json"
! env "${clean[@]}" cmake --build "$work/readme/build" >"$work/said" 2>&1 || red "a wrong description was built"
grep -q '"u65" is not a type' "$work/said" || red "a wrong description: $(tail -n 3 "$work/said")"
rm -f -- "$work/readme/build/seqcopy-quotes/quote.h"
! env "${clean[@]}" cmake --build "$work/readme/build" >"$work/said" 2>&1 || red "a wrong description was built"
[[ ! -e $work/readme/build/seqcopy-quotes/quote.h ]] || red "a wrong description left a header"
cp "$work/readme-json-1" "$work/readme/quote.json"
quietly env "${clean[@]}" cmake --build "$work/readme/build"
uses static "-DCMAKE_PREFIX_PATH=$work/files/usr -DSEQCOPY_STATIC=ON" "${clean[@]}"
# In the tree as it is. A user names the repository.
uses fetched "-DFETCHCONTENT_SOURCE_DIR_SEQCOPY=$tree -DSEQCOPY_CARGO_TARGET=$target" LC_ALL=C

# Each standard, with each compiler, without a warning; linked as pkg-config says.
quietly env "${clean[@]}" "$work/files/usr/bin/seqcopy" header --type "$work/listing-json-1"
cp "$work/said" "$work/quote.h"
export PKG_CONFIG_PATH=$folder/pkgconfig
read -ra flags <<<"$(pkg-config --cflags --libs seqcopy)"
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I "$work")
compiled=0
declare -A plus=([gcc]=g++ [clang]=clang++)
for compiler in gcc clang; do
    have_program $compiler $compiler || { skipped "$compiler is not available here" && continue; }
    for standard in c11 c17 c2x; do
        $compiler -std=$standard "${warnings[@]}" -x c "$work/listing-c-1" "${flags[@]}" -o "$work/by-pkg-config"
        compiled=$((compiled + 1))
    done
    for standard in c++17 c++20; do
        for number in 1 2 3 4 5; do
            [[ $number -ne 4 ]] || "$work/files/usr/bin/seqcopy" header --type "$work/listing-json-2" >"$work/price.h"
            "${plus[$compiler]}" -std=$standard "${warnings[@]}" -Wold-style-cast -x c++ "$work/listing-cpp-$number" "${flags[@]}" -lstdc++ -o "$work/by-pkg-config"
            compiled=$((compiled + 1))
        done
    done
done
echo "pkg-config: $compiled programs, no warning"

# Meson.
mkdir -p "$work/meson"
sed "s,/dev/shm/,$regions/," "$work/listing-c-2" >"$work/meson/reads.c"
cp "$work/listing-json-1" "$work/meson/quote.json"
cat >"$work/meson/meson.build" <<'MESON'
project('reads', 'c')
seqcopy = dependency('seqcopy')
header = custom_target('quote.h', input: 'quote.json', output: 'quote.h', capture: true, command: [find_program('seqcopy'), 'header', '--type', '@INPUT@'])
executable('reads', 'reads.c', header, dependencies: seqcopy)
MESON
quietly env PATH="$work/files/usr/bin:$PATH" meson setup "$work/meson/build" "$work/meson"
quietly env PATH="$work/files/usr/bin:$PATH" meson compile -C "$work/meson/build"
"$work/uses-installed/c/build/writes"
[[ $(LD_LIBRARY_PATH=$folder "$work/meson/build/reads") == "1 0.5" ]] || red "the program that Meson built"
echo "Meson: built and run"

# A library that is installed again under a program which uses it.
cat >"$work/follows.cpp" <<'CPP'
#include "quote.h"
#include <cstdio>
int main(int, char **argv)
{
    auto writer = seqcopy::Writer<seqcopy_Quote>::create(argv[1]);
    auto reader = seqcopy::Reader<seqcopy_Quote>::open(argv[1]);
    if (seqcopy_abi() != SEQCOPY_ABI || !writer || !reader)
        return 2;
    unsigned long wrong = 0, all = 0;
    seqcopy_Quote quote{};
    std::puts("begins");
    std::fflush(stdout);
    for (int c; (c = std::getchar()) != 'e';)
        for (int i = 0; i < 20000; i++) {
            quote.bid = static_cast<double>(++quote.at);
            auto found = writer->write(quote) ? reader->read() : std::nullopt;
            wrong += !found || found->at != quote.at || found->bid != quote.bid;
            all++;
        }
    std::printf("%lu %lu\n", wrong, all);
    return writer->close() ? 0 : 1;
}
CPP
g++ -std=c++17 -O1 -I "$work" "$work/follows.cpp" "${flags[@]}" -o "$work/follows"
coproc FOLLOWS { LD_LIBRARY_PATH=$folder "$work/follows" "$regions/follows"; }
follows=$FOLLOWS_PID
before=$(stat -Lc %i "$library")
read -r _ <&"${FOLLOWS[0]}"
exec 8<&"${FOLLOWS[0]}" 9>&"${FOLLOWS[1]}"
for _ in 1 2 3 4 5; do
    printf 'a' >&9
    # Without its time, so that CMake does not think that it is there already.
    touch "$(readlink -f "$work/build/$name")"
    DESTDIR=$work/files quietly cmake --install "$work/build"
    printf 'a' >&9
done
printf 'e' >&9
read -r wrong all <&8
wait "$follows"
[[ $(stat -Lc %i "$library") != "$before" ]] || red "the library was not replaced"
[[ $wrong == 0 && $all == 200000 ]] || red "$wrong of $all values were wrong while the library was replaced"
echo "replaced five times under a program: $wrong of $all values wrong"

# The packages.
(cd "$work/build" && rm -f -- *.deb *.tar.gz && quietly cpack -G DEB && quietly cpack -G TGZ)
(cd "$work/build" && lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs,maintscript-calls-ldconfig ./*.deb) || red "lintian"
tar -tzf "$work"/build/seqcopy-*.tar.gz >"$work/said"
grep -q "lib.*/$name\$" "$work/said" || red "the tarball has no library"
echo "packages: $(cd "$work/build" && du --apparent-size -k -- *.deb *.tar.gz | awk '{ printf "%s %s kB  ", $2, $1 }')"
[[ ${1-} == --root ]] || exit 0

# A system of its own, with compilers and without Rust, which has the packages.
root=$work/root
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -nE 's/^(deb( \[[^]]*\])?|URIs:) +([^ ]*:[^ ]+).*/\3/p' | head -n 1) || true
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
if ! have_program debootstrap debootstrap || [[ $(id -u) -ne 0 ]]; then
    skipped "debootstrap is not available here, or this is not root"
    exit 0
fi
if [[ ! -e $root/usr/bin/meson ]]; then
    rm -rf -- "$root"
    quietly debootstrap --variant=minbase --include=gcc,g++,cmake,ninja-build,meson,pkg-config "$release" "$root" "$mirror"
fi
rm -rf -- "$root/packages" "$root/programs" "$root/regions"
mkdir -p "$root/packages" "$root/programs" "$root/regions"
cp "$work"/build/*.deb "$root/packages"
quietly chroot "$root" sh -c 'dpkg -i /packages/*.deb'
for place in c cpp; do
    cp -r "$work/uses-installed/$place" "$root/programs"
    rm -rf -- "$root/programs/$place/build"
    sed -i "s,$regions,/regions," "$root/programs/$place"/*.c*
    quietly chroot "$root" sh -c "! command -v cargo && cmake -S /programs/$place -B /programs/$place/build -G Ninja && cmake --build /programs/$place/build"
done
mkdir -p "$root/programs/meson"
cp "$work"/meson/{reads.c,quote.json,meson.build} "$root/programs/meson"
sed -i "s,$regions,/regions," "$root/programs/meson/reads.c"
quietly chroot "$root" sh -c 'meson setup /programs/meson/build /programs/meson && meson compile -C /programs/meson/build'
# A writer in Rust, outside.
mkdir -p "$work/rust/src"
"$work/files/usr/bin/seqcopy" header --lang rust --type "$work/listing-json-1" >"$work/rust/src/main.rs"
cat >>"$work/rust/src/main.rs" <<'RUST'
fn main() {
    let mut writer = seqcopy_shm::Writer::<Quote>::create(std::env::args().nth(1).unwrap()).unwrap();
    let (symbol, limit) = (seqcopy::SeqStr::literal("RUST"), seqcopy::SeqOption::None);
    writer.write(Quote { at: 1, bid: 0.5, side: Side::Sell, symbol, limit }).unwrap();
}
RUST
printf '[package]\nname = "outside"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\nseqcopy = { path = "%s" }\nseqcopy-shm = { path = "%s" }\n\n[workspace]\n' \
    "$tree/seqcopy" "$tree/seqcopy-shm" >"$work/rust/Cargo.toml"
cp Cargo.lock "$work/rust"
cargo run --quiet --manifest-path "$work/rust/Cargo.toml" --target-dir "$target/install-rust" -- "$root/regions/quote"
for program in c/build/reads meson/build/reads; do
    [[ $(chroot "$root" "/programs/$program") == "1 0.5" ]] || red "$program in the other system"
done
quietly chroot "$root" /programs/cpp/build/owns
chroot "$root" readelf -d /programs/c/build/reads | grep -E 'NEEDED.*libseqcopy|RUNPATH' || true
echo "Debian packages in a system without Rust: built by CMake and Meson, and what Rust wrote was read"

# Conan: the package is made here, and used without Rust.
if ! python3 -m venv "$work/conan" || ! "$work/conan/bin/pip" install --quiet conan; then
    skipped "Conan is not available here"
    exit 0
fi
export CONAN_HOME=$work/conan/home
quietly "$work/conan/bin/conan" profile detect
quietly "$work/conan/bin/conan" create seqcopy-c
cp -r "$work/uses-installed/c" "$work/uses-conan"
rm -rf -- "$work/uses-conan/build"
printf '[requires]\nseqcopy/%s\n[generators]\nCMakeDeps\nCMakeToolchain\n' "$(sed -n 's/^Version: //p' "$folder/pkgconfig/seqcopy.pc")" >"$work/uses-conan/conanfile.txt"
cd "$work/uses-conan"
clean=(-i PATH="$work/conan/bin:$bare" HOME="$work" LC_ALL=C CONAN_HOME="$CONAN_HOME")
quietly env "${clean[@]}" conan install . --output-folder build --build never
quietly env "${clean[@]}" cmake -S . -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE=build/conan_toolchain.cmake -DCMAKE_BUILD_TYPE=Release
quietly env "${clean[@]}" cmake --build build
build/writes
[[ $(build/reads) == "1 0.5" ]] || red "the program with Conan's package"
echo "Conan: built and run"
