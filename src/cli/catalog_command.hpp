#pragma once
/// @file `thimble catalog build`: compiles local feed files into a catalog.

#include <ostream>
#include <string>
#include <vector>

namespace thimble::cli {

struct CatalogBuildOptions {
    std::vector<std::string> feeds;  ///< "NAME=FILE_OR_DIRECTORY", any number, also of one name
    std::string output;
    bool json = false;
};

/// Reads every feed, compiles, replaces `output` atomically. Quarantined records and ranges that
/// cannot be ordered are counted and the first of them shown; they do not fail the build.
/// @return 0; 64 usage; 65 a feed is broken (nothing is written); 73 cannot write
int run_catalog_build(const CatalogBuildOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
