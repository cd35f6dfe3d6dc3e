#pragma once
/// @file For tests: reads the corpora that come as zip files, with the unzip program.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace thimble::model {

/// The text of one entry; nothing when unzip is not installed or there is no such entry.
std::optional<std::string> read_zip_entry(
    const std::filesystem::path& archive, const std::string& entry);

/// The names of all entries; empty when unzip is not installed.
std::vector<std::string> list_zip(const std::filesystem::path& archive);

}  // namespace thimble::model
