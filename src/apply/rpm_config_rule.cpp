#include "thimble/apply/rpm_config_rule.hpp"

namespace thimble::apply {

std::optional<model::ConffileConflict> rpm_config_conflict(const RpmConfig& config) {
    using model::ConffileConflict;
    if (config.current.empty()) {
        return config.recorded.empty() ? std::nullopt : std::optional(ConffileConflict::Deleted);
    }
    if (config.current == config.shipped || config.current == config.recorded) {
        return std::nullopt;
    }
    if (config.recorded == config.shipped) {
        return std::nullopt;  // nothing new: rpm leaves the host's file alone
    }
    if (!config.is_noreplace) {
        return ConffileConflict::Replaced;
    }
    return config.recorded.empty() ? ConffileConflict::Foreign : ConffileConflict::Edited;
}

}  // namespace thimble::apply
