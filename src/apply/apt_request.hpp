#pragma once
/// @file What thimble-apt is asked to resolve or to fetch, and what it answers: JSON on its standard
/// input and output, written and read by these functions on both sides.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

std::string format_resolving(const Resolving& wanted);
/// @error Corrupt "base.bad_json"
Result<Resolving> parse_resolving(std::string_view text);

std::string format_resolution(const Resolution& resolution);
/// @error Corrupt "base.bad_json"
Result<Resolution> parse_resolution(std::string_view text);

/// One archive to fetch.
struct WantedArchive {
    PackageVersion package;
    std::string sha256;     ///< empty: whatever the index says
    std::string file_name;  ///< what it is to be called in the folder
    bool operator==(const WantedArchive&) const = default;
};

std::string format_wanted_archives(const std::vector<WantedArchive>& archives);
/// @error Corrupt "base.bad_json"
Result<std::vector<WantedArchive>> parse_wanted_archives(std::string_view text);

/// Why an archive was not fetched.
enum class FetchEnding : std::uint8_t {
    Done,
    VersionGone,  ///< no index offers that version, or the server has it no more
    WrongDigest,  ///< other bytes than the index or the plan tells
    Unreachable,  ///< no network, no answer, no such name
    Untrusted,    ///< no signed index vouches for it
    NoSpace,
    Failed,
};

/// One archive after fetching, in the order of asking.
struct FetchedArchive {
    std::string file_name;
    FetchEnding ending = FetchEnding::Failed;
    std::string why;     ///< for people; empty when done
    std::string uri;     ///< where from
    std::string sha256;  ///< as the index tells
    std::uint64_t size = 0;
    bool operator==(const FetchedArchive&) const = default;
};

std::string format_fetched_archives(const std::vector<FetchedArchive>& archives);
/// @error Corrupt "base.bad_json"
Result<std::vector<FetchedArchive>> parse_fetched_archives(std::string_view text);

}  // namespace thimble::apply
