#include "thimble/model/plan.hpp"

namespace thimble::model {

bool is_missing(const LeftOut& patch) {
    return patch.code != "installed" && patch.code != "nothing_newer";
}

std::string_view planned_change_name(PlannedChange change) {
    switch (change) {
        case PlannedChange::Install: return "install";
        case PlannedChange::Upgrade: return "upgrade";
        case PlannedChange::Downgrade: return "downgrade";
        case PlannedChange::Reinstall: return "reinstall";
        case PlannedChange::Remove: return "remove";
    }
    return "upgrade";
}

std::string_view conffile_conflict_name(ConffileConflict conflict) {
    switch (conflict) {
        case ConffileConflict::Edited: return "edited";
        case ConffileConflict::Deleted: return "deleted";
        case ConffileConflict::Foreign: return "foreign";
        case ConffileConflict::Replaced: return "replaced";
    }
    return "edited";
}

bool is_architecture_of_step(const PlannedStep& step, std::string_view architecture) {
    const auto is_any = [](std::string_view one) {
        return one == "all" || one == "noarch";
    };
    return step.architecture == architecture || is_any(step.architecture) || is_any(architecture);
}

std::string_view upgrade_level_name(UpgradeLevel level) {
    switch (level) {
        case UpgradeLevel::SecurityOnly: return "security-only";
        case UpgradeLevel::Upgrade: return "upgrade";
        case UpgradeLevel::UpgradeWithNew: return "upgrade-with-new";
        case UpgradeLevel::Full: return "full";
    }
    return "security-only";
}

std::string_view probe_kind_name(ProbeKind kind) {
    switch (kind) {
        case ProbeKind::Tcp: return "tcp";
        case ProbeKind::Http: return "http";
        case ProbeKind::Command: return "command";
    }
    return "tcp";
}

std::string_view conffile_policy_name(ConffilePolicy policy) {
    return policy == ConffilePolicy::KeepOld ? "keep-old" : "refuse";
}

}  // namespace thimble::model
