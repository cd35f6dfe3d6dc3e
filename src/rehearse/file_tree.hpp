#pragma once
/// @file What the examination knows of the files of a root: plain values, read once before the
/// transaction and once after it.

#include "thimble/rehearse/elf_object.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// An executable or library. Two trees share the object of a file that is the same in both.
using ElfFile = std::shared_ptr<const ElfObject>;

/// A file that gives rights to who runs it, or that anybody may write.
struct PrivilegedFile {
    std::uint32_t mode = 0;  ///< permission bits with setuid and setgid
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string capabilities;  ///< hex of security.capability; empty: none
    bool operator==(const PrivilegedFile&) const = default;
};

struct FileTree {
    std::map<std::string, ElfFile, std::less<>> elf;        ///< by path, without links
    std::map<std::string, std::string, std::less<>> links;  ///< symbolic links: path to target
    std::map<std::string, PrivilegedFile, std::less<>> privileged;
    std::map<std::string, std::uint32_t, std::less<>> etc_modes;  ///< of the files in /etc
    std::vector<std::string> schedules;       ///< timers and cron tables, sorted
    std::vector<std::string> loader_folders;  ///< where the dynamic linker looks, in its order
    std::uint64_t files_seen = 0;
    bool complete = true;  ///< false: a limit was reached
};

/// Where a path leads when every link in it is followed within the tree; unchanged where there is none.
/// Empty beyond 40 links.
std::string resolve_links(const FileTree& tree, std::string_view path);

/// A folder that holds programs and libraries of the tree.
std::string_view folder_of(std::string_view path);

}  // namespace thimble::rehearse
