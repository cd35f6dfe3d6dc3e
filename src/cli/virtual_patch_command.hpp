#pragma once
/// @file thimble control virtual-patch: proves a virtual patch on the real engine, and writes its rules.

#include <ostream>
#include <string>

namespace thimble::cli {

struct VirtualPatchOptions {
    std::string file;
    std::string output;  ///< file of the rules; empty: they are shown
    std::string mode = "detect";
    std::string beside;  ///< file of rules of somebody else; empty: none
    bool json = false;
    bool all = false;  ///< every variant is listed, not only those that pass
};

/// @return 0 it holds; 1 it does not, and no rules are written
int run_virtual_patch(const VirtualPatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
