#include "thimble/apply/conffile_rule.hpp"

#include "thimble/model/plan.hpp"

#include <optional>

namespace thimble::apply {

std::optional<model::ConffileConflict> conffile_conflict(const ConffileDigests& digests) {
    const auto& [recorded, current, shipped] = digests;
    if (current == shipped) {
        return std::nullopt;
    }
    if (recorded.empty()) {
        return current.empty() ? std::nullopt : std::optional(model::ConffileConflict::Foreign);
    }
    if (current == recorded || shipped == recorded) {
        return std::nullopt;
    }
    return current.empty() ? model::ConffileConflict::Deleted : model::ConffileConflict::Edited;
}

}  // namespace thimble::apply
