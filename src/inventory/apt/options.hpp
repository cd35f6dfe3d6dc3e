#pragma once
/// @file What thimble-apt is asked for.

#include "thimble/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::inventory::apt {

enum class Verb : std::uint8_t {
    Offers,   ///< what the repositories offer
    Resolve,  ///< the transaction of what stands on standard input
    Fetch,    ///< the archives that stand on standard input
};

struct Options {
    Verb verb = Verb::Offers;
    std::string root;  ///< a root directory; empty: this host
    // With a root: where of it apt is to look, see RootLists and RootSettings.
    std::string settings;  ///< what stands for /etc/apt
    std::string state;
    std::string lists;
    std::string status;                      ///< of dpkg
    std::string marks;                       ///< of what was installed as a dependency
    std::vector<std::string> architectures;  ///< native first; empty: apt asks dpkg (not in a root)
    std::string machine_id;                  ///< of the root; empty: apt reads this host's
    std::string cache;     ///< folder of ours for apt's index cache and the evidence; empty: none
    bool archive = false;  ///< the root comes as an archive on standard input
    bool changelogs = false;
    std::chrono::seconds time_limit{60};  ///< for fetching
    std::string folder;                   ///< of Fetch: where to
    int status_descriptor = -1;           ///< of Fetch: hears the progress; -1: nobody
};

/// Reads the command line after the program's name.
/// @error Invalid "inventory.apt_usage"
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace thimble::inventory::apt
