#pragma once
/// @file What zypper answers with --xmlout, and the metadata of its repositories. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// One package of a transaction that zypper would make.
struct ZypperChange {
    std::string name;
    std::string architecture;
    std::string from_version;  ///< empty: not installed before
    std::string to_version;    ///< empty: removed
    auto operator<=>(const ZypperChange&) const = default;
};

struct ZypperSummary {
    std::vector<ZypperChange> changes;  ///< sorted
    std::string complaint;              ///< for people: errors, and why it cannot be solved
};

/// @error Corrupt "apply.bad_answer", as for all of these
Result<ZypperSummary> parse_zypper_summary(std::string_view text);

struct ZypperRepository {
    std::string alias;
    std::string url;
    bool is_enabled = false;
    bool is_checked = false;     ///< its packages' signatures, or those of its metadata
    std::int64_t priority = 99;  ///< less is more
    bool operator==(const ZypperRepository&) const = default;
};

/// Enabled or not, by priority, then alias.
Result<std::vector<ZypperRepository>> parse_zypper_repositories(std::string_view text);

/// The names, which may be patterns, that are locked.
Result<std::vector<std::string>> parse_zypper_locks(std::string_view text);

/// File name of each archive that was downloaded, to its path.
Result<std::map<std::string, std::string>> parse_zypper_downloads(std::string_view text);

/// Where repomd.xml says that the list of packages is: "repodata/…-primary.xml.gz".
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
