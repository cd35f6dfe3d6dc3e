#pragma once
/// @file Which patches runs took back: thimble-patch writes it, and a scan says so without reading runs.
/// Format: docs/formats/taken-back.md.

#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {

/// A version that a run on a host took back.
struct TakenBackPatch {
    std::string root;  ///< of the host: "/" or a directory
    std::string source;
    std::string version;  ///< of the source package
    std::string run;
    bool operator==(const TakenBackPatch&) const = default;
};

/// Lines that cannot be read are skipped. O(bytes).
std::vector<TakenBackPatch> parse_taken_back(std::string_view text);
/// Patches with a tab or a line end in a field are left out: no root and no version has one.
std::string format_taken_back(std::span<const TakenBackPatch> patches);

/// The file of a state directory.
std::filesystem::path taken_back_path(const std::filesystem::path& state);

/// Blocks the offers of what was taken back on the host `root`.
void block_taken_back(
    std::span<const TakenBackPatch> patches, const std::string& root, model::Inventory& inventory);

/// Reads the file of a state directory; none: nothing was taken back.
std::vector<TakenBackPatch> read_taken_back(const std::filesystem::path& state);

}  // namespace thimble::cli
