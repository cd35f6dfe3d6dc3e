#pragma once
/// @file The packages that a selection names. Pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// What one word means.
struct PackageWord {
    std::string text;          ///< as it was written
    std::string name;          ///< of a package or source, or a glob of fnmatch(3)
    std::string architecture;  ///< empty: any
    bool is_glob = false;
    bool operator==(const PackageWord&) const = default;
};

/// @param text  "openssl", "libc6:i386", "linux-image-*"
/// @error Invalid "apply.bad_package" says what is wrong with it
Result<PackageWord> parse_package_word(std::string_view text);

/// The words of a selection.
class NamedPackages {
public:
    /// @error Invalid "apply.bad_package"
    static Result<NamedPackages> of(std::span<const std::string> words);

    /// The words that mean a package or source of that name and architecture, in the order of the selection. A package for
    /// all architectures is meant by each of them.
    /// O(globs + words of that name)
    [[nodiscard]] std::vector<std::string_view> meaning(
        std::string_view name, std::string_view architecture) const;

private:
    std::vector<PackageWord> words_;
    std::vector<std::size_t> globs_;
    std::multimap<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace thimble::apply
