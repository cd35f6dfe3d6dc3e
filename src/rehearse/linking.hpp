#pragma once
/// @file Whether programs and libraries still find what they are linked with.

#include "thimble/rehearse/file_tree.hpp"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace thimble::rehearse {

/// Something that the dynamic linker will not find.
struct LinkProblem {
    std::string path;  ///< the program or library that needs it
    std::string what;  ///< "needs libfoo.so.1, which is not there"
    bool operator==(const LinkProblem&) const = default;
    auto operator<=>(const LinkProblem&) const = default;
};

struct LinkComparison {
    std::vector<LinkProblem> broken;   ///< by the transaction; sorted
    std::vector<LinkProblem> earlier;  ///< of the same files, were there before; sorted
    std::size_t changed = 0;           ///< programs and libraries that are not what they were
    std::size_t examined = 0;          ///< those, and all that depend on them
};

/// Compares, for every program and library that is changed or depends on one that is, what it needs with
/// what it finds: libraries, their versions, and symbols.
///
/// A plug-in takes symbols and libraries from the program that loads it, which nothing in the plug-in
/// names. So what it never found by itself counts as found when it is anywhere in the tree.
/// The RPATH of a program is not applied to the libraries of its libraries, except that what is loaded
/// already is found by its name.
/// @source ld.so(8); System V ABI, "Shared Object Dependencies"; LSB 5.0, symbol versioning
LinkComparison compare_linking(const FileTree& before, const FileTree& after);

/// The programs and libraries that load one of `files`, or are among them.
/// @param files  paths without links
std::set<std::string, std::less<>> find_dependents(
    const FileTree& tree, const std::set<std::string, std::less<>>& files);

}  // namespace thimble::rehearse
