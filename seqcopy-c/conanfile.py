"""The C library of seqcopy for Conan 2: `conan create seqcopy-c` in a clone. It is built by CMakeLists.txt, which needs Rust."""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Seqcopy(ConanFile):
    name = "seqcopy"
    description = "Share a struct or a table between processes"
    license = "MIT OR Apache-2.0"
    topics = ("shared-memory", "seqlock", "ipc")
    # It has the static library, too: set SEQCOPY_STATIC before find_package.
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def set_version(self):
        manifest = load(self, os.path.join(self.recipe_folder, "..", "Cargo.toml"))
        self.version = re.search(r'^version = "([^"]+)"', manifest, re.MULTILINE).group(1)

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("seqcopy: the C library is for 64-bit Linux")

    def configure(self):
        # It has no C++ inside.
        self.settings.rm_safe("compiler.libcxx")
        self.settings.rm_safe("compiler.cppstd")

    def layout(self):
        cmake_layout(self)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..")
        copy(self, "*", root, self.export_sources_folder, excludes=("target/*", "*/target/*", ".git/*", "build/*"))

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder="seqcopy-c")
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The library's own files for find_package, which have seqcopy_generate.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "seqcopy"))
        self.cpp_info.set_property("pkg_config_name", "seqcopy")
        self.cpp_info.libs = ["seqcopy"]
