#include "thimble/apply/way_back.hpp"

#include "thimble/model/plan.hpp"

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

}  // namespace

model::PlannedStep way_back(const model::PlannedStep& step) {
    model::PlannedStep back = step;
    back.change = opposite(step.change);
    std::swap(back.from_version, back.to_version);
    back.growth_bytes = -step.growth_bytes;
    back.origin.clear();
    back.archive.reset();
    return back;
}

}  // namespace thimble::apply
