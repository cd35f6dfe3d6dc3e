#pragma once
/// @file What the dynamic linker wants to know of an ELF file.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// A version of a library that an object needs: "GLIBC_2.34" of "libc.so.6".
struct VersionNeed {
    std::string library;
    std::string version;
    bool weak = false;  ///< the object runs without
    bool operator==(const VersionNeed&) const = default;
};

/// A symbol that another object must bring.
struct NeededSymbol {
    std::string name;
    std::string version;  ///< empty: of no version
    bool weak = false;    ///< the object runs without
    bool operator==(const NeededSymbol&) const = default;
};

/// The dynamic part of one executable or library.
struct ElfObject {
    bool is_64 = false;
    std::uint16_t machine = 0;  ///< e_machine
    bool has_interpreter = false;
    std::string soname;
    std::vector<std::string> needed;  ///< in its order
    std::string rpath;
    std::string runpath;
    std::vector<VersionNeed> version_needs;
    std::vector<std::string> version_definitions;
    bool has_versions = false;  ///< its own symbols have versions
    std::vector<std::uint64_t>
        defined;  ///< sorted: symbol_key of each symbol, with and without version
    std::vector<NeededSymbol> needed_symbols;
    bool operator==(const ElfObject&) const = default;
};

/// What stands for a symbol among those that an object defines. FNV-1a over name and version.
std::uint64_t symbol_key(std::string_view name, std::string_view version);

/// Reads at an offset of a file; the number of bytes that were there.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> into)>;

/// Reads the dynamic part as the dynamic linker does: from the program headers, not from the sections.
/// Either class and byte order. Nothing in the file is believed: every table is bounded, every offset
/// and name checked.
/// @error NotFound "rehearse.no_elf": not an ELF executable or library; Corrupt "rehearse.bad_elf"
/// @source System V ABI, chapters 4 and 5; Linux Standard Base 5.0, symbol versioning
Result<ElfObject> parse_elf(const ReadAt& read);

}  // namespace thimble::rehearse
