#include "thimble/apply/taken_back.hpp"

#include <map>
#include <utility>

namespace thimble::apply {

std::vector<TakenBack> taken_back_patches(std::span<const EarlierRun> runs) {
    std::map<std::pair<std::string, std::string>, std::string> taken_back;
    for (const EarlierRun& run : runs) {
        const bool back = run.result == "rolled_back" || run.result == "rollback_failed";
        for (const model::PlannedPatch& patch : run.patches) {
            const std::pair key(patch.source, patch.to_version);
            if (back) {
                taken_back[key] = run.id;
            } else if (run.result == "applied") {
                taken_back.erase(key);
            }
        }
    }
    std::vector<TakenBack> all;
    all.reserve(taken_back.size());
    for (const auto& [key, run] : taken_back) {
        all.push_back({.source = key.first, .version = key.second, .run = run});
    }
    return all;
}

}  // namespace thimble::apply
