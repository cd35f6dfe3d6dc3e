#include "thimble/apply/way_back.hpp"

#include "thimble/base/name_list.hpp"
#include "thimble/model/plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace thimble::apply {
namespace {

model::PlannedChange opposite(model::PlannedChange change) {
    switch (change) {
        case model::PlannedChange::Install: return model::PlannedChange::Remove;
        case model::PlannedChange::Upgrade: return model::PlannedChange::Downgrade;
        case model::PlannedChange::Downgrade: return model::PlannedChange::Upgrade;
        case model::PlannedChange::Reinstall: return model::PlannedChange::Reinstall;
        case model::PlannedChange::Remove: return model::PlannedChange::Install;
    }
    return model::PlannedChange::Reinstall;
}

/// Of a kernel several are installed at once.
std::vector<std::string> versions_of(
    const model::PlannedStep& step, std::span<const PackageVersion> installed) {
    std::vector<std::string> versions;
    for (const PackageVersion& one :
         std::ranges::equal_range(installed, step.name, {}, &PackageVersion::name)) {
        if (model::is_architecture_of_step(step, one.architecture)) {
            versions.push_back(one.version);
        }
    }
    return versions;
}

}  // namespace

std::uint64_t unpacked_before(const model::PlannedStep& step) {
    const auto after = static_cast<std::int64_t>(step.unpacked_bytes);
    const bool is_known = step.unpacked_bytes > 0 || step.change == model::PlannedChange::Remove;
    return !is_known || step.growth_bytes > after
        ? 0
        : static_cast<std::uint64_t>(after - step.growth_bytes);
}

model::PlannedStep way_back(const model::PlannedStep& step) {
    model::PlannedStep back = step;
    back.change = opposite(step.change);
    std::swap(back.from_version, back.to_version);
    back.growth_bytes = -step.growth_bytes;
    back.unpacked_bytes = unpacked_before(step);
    back.origin.clear();
    back.archive.reset();
    return back;
}

bool is_end_of(const model::PlannedStep& step, std::string_view version) {
    return version == step.from_version || version == step.to_version;
}

std::vector<MovedOn> moved_on(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed) {
    std::vector<MovedOn> moved;
    for (const model::PlannedStep& step : steps) {
        if (step.from_version.empty()) {
            continue;
        }
        const std::vector<std::string> versions = versions_of(step, installed);
        const bool is_at_an_end = std::ranges::any_of(
            versions, [&](const std::string& version) { return is_end_of(step, version); });
        const bool is_gone_as_planned = versions.empty() && step.to_version.empty();
        if (!is_at_an_end && !is_gone_as_planned) {
            moved.push_back(
                {.name = step.name,
                 .architecture = step.architecture,
                 .installed = versions.empty() ? std::string() : versions.front()});
        }
    }
    return moved;
}

Absent absent_after(RunPhase phase, std::string_view word) {
    const bool was_all_there = phase == RunPhase::Examined
        || (phase == RunPhase::Applied && word == transaction_ending_name(TransactionEnding::Done));
    return was_all_there ? Absent::IsMoved : Absent::IsOurs;
}

std::string moved_words(
    std::span<const model::PlannedStep> steps,
    std::span<const PackageVersion> installed,
    Absent absent) {
    for (const MovedOn& moved : moved_on(steps, installed)) {
        if (!moved.installed.empty()) {
            return moved.name + " came to " + moved.installed;
        }
        if (absent == Absent::IsMoved) {
            return moved.name + " is not installed any more";
        }
    }
    return {};
}

std::string not_back_words(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed) {
    std::vector<std::string> names;
    for (const model::PlannedStep& step : steps) {
        if (standing_of(std::span(&step, 1), installed) != Standing::Before) {
            names.push_back(step.name);
        }
    }
    constexpr std::size_t kColumns = 200;
    return names.empty() ? std::string() : listed_names(names, ", ", kColumns);
}

model::Plan rest_of_way_back(
    const model::Plan& plan,
    std::span<const PackageVersion> installed,
    const PackageHealth& health) {
    const auto is_unfinished = [&](const model::PlannedStep& step) {
        return health.interrupted
            || std::ranges::any_of(health.unfinished, [&](const PackageVersion& package) {
                   return package.name == step.name
                       && model::is_architecture_of_step(step, package.architecture);
               });
    };
    model::Plan rest = plan;
    std::erase_if(rest.steps, [&](const model::PlannedStep& step) {
        return !is_unfinished(step)
            && standing_of(std::span(&step, 1), installed) == Standing::Before;
    });
    return rest;
}

std::vector<model::PlannedStep> without_moved(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed) {
    const std::vector<MovedOn> moved = moved_on(steps, installed);
    std::vector<model::PlannedStep> ours;
    std::ranges::copy_if(steps, std::back_inserter(ours), [&](const model::PlannedStep& step) {
        return std::ranges::none_of(moved, [&](const MovedOn& one) {
            return !one.installed.empty() && step.name == one.name
                && step.architecture == one.architecture;
        });
    });
    return ours;
}

}  // namespace thimble::apply
