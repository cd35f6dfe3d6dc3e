#pragma once
/// @file For tests: where the published corpora are, if they are at hand.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

namespace thimble::model {

/// The file or directory `name` below THIMBLE_DATA, or below shared/data beside the repository.
inline std::optional<std::filesystem::path> corpus_path(std::string_view name) {
    namespace fs = std::filesystem;
    const char* variable = std::getenv("THIMBLE_DATA");
    const auto repository = fs::path(THIMBLE_TESTDATA).parent_path().parent_path().parent_path();
    for (const auto& root :
         {variable == nullptr ? fs::path() : fs::path(variable),
          repository / "../shared/data",
          repository / "../../shared/data"}) {
        if (!root.empty() && fs::exists(root / name)) {
            return root / name;
        }
    }
    return std::nullopt;
}

}  // namespace thimble::model
