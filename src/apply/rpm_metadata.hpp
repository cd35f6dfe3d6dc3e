#pragma once
/// @file The metadata of repositories of rpm packages (rpm-md). Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace thimble::apply {

/// Where repomd.xml says that the list of packages is: "repodata/…-primary.xml.gz".
/// @error Corrupt "apply.bad_metadata"
Result<std::string> parse_repomd(std::string_view text);

/// A package that a repository offers.
struct RepositoryPackage {
    PackageVersion package;
    std::string sha256;  ///< empty: its repository tells none
    std::string location;
    std::string source_rpm;
    std::uint64_t size = 0;
    std::int64_t installed_bytes = 0;
    bool operator==(const RepositoryPackage&) const = default;
};

/// Reads primary.xml piece by piece: it may be hundreds of megabytes.
class PrimaryReader {
public:
    using Found = std::function<void(RepositoryPackage)>;
    explicit PrimaryReader(Found found) : found_(std::move(found)) {}

    /// A package that cannot be read is left out. @error Corrupt: one of them is larger than 16 MiB
    Result<void> take(std::string_view piece);

private:
    Found found_;
    std::string rest_;
};

}  // namespace thimble::apply
