#pragma once
/// @file `thimble feeds sync | status | import | export`: the local copy of the public feeds.

#include <iosfwd>
#include <string>
#include <vector>

namespace thimble::cli {

/// What the command line says; empty strings are defaults.
struct FeedsOptions {
    std::vector<std::string> feeds;       ///< names or aliases; none: every enabled feed
    std::vector<std::string> ecosystems;  ///< of OSV; none: the configuration's, else Debian
    std::string state;
    std::string config;  ///< directory with feeds.json and trusted-keys/
    std::string mirror;  ///< directory to take files from; also $THIMBLE_MIRROR
    std::string file;    ///< the bundle of import and export
    std::string key;     ///< import: a public key, or a file that holds one
    bool allow_older = false;
    bool json = false;
};

/// Each prints a table of at most 80 columns, or one JSON document, to `out`; progress, failures and
/// what to do about them to `err`.
/// @return 0 every feed is fresh; 1 a feed failed, is missing or stale, and what is in force is used;
///         2 there is no usable data at all; 64 and above as exit_status.hpp
int run_feeds_sync(const FeedsOptions& options, std::ostream& out, std::ostream& err);
int run_feeds_status(const FeedsOptions& options, std::ostream& out, std::ostream& err);
int run_feeds_import(const FeedsOptions& options, std::ostream& out, std::ostream& err);
int run_feeds_export(const FeedsOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
