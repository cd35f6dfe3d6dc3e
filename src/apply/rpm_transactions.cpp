#include "thimble/apply/rpm_transactions.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

using model::PlannedStep;

bool has_both(const PlannedStep& step, const std::vector<RpmEntry>& entries) {
    return !step.from_version.empty() && !step.to_version.empty()
        && find_entry(entries, step, step.from_version) != nullptr
        && find_entry(entries, step, step.to_version) != nullptr;
}

}  // namespace

/// A report: somebody else holds rpm's lock.
Result<std::optional<TransactionReport>> RpmTransactions::held(const Transaction& transaction) {
    THIMBLE_TRY(const auto holder, rpm_.wait_for_lock(transaction.policy.lock_timeout));
    std::optional<TransactionReport> report;
    if (holder) {
        report.emplace();
        report->ending = TransactionEnding::Locked;
        report->detail = words_of(*holder);
    }
    return report;
}

Result<TransactionReport> RpmTransactions::carry_out(
    RpmCarrier::Steps open, const Transaction& transaction, const RpmCarrier& carrier) {
    const std::set<std::string> changed_before = rpm_.touched(open, transaction);
    const ConfigLeftovers before = rpm_.leftovers(open);
    THIMBLE_TRY(TransactionReport report, carrier.transact(open));
    const std::string beside = rpm_.new_leftovers(open, before);
    if (!beside.empty()) {
        report.detail += (report.detail.empty() ? "" : "; ") + beside;
    }
    if (report.ending != TransactionEnding::Done) {
        THIMBLE_TRY(torn_, rpm_.is_torn(open, transaction, changed_before));
    }
    return report;
}

Result<TransactionReport> RpmTransactions::run(
    const Transaction& transaction, const RpmCarrier& carrier) {
    THIMBLE_TRY(check_rpm_steps(transaction.steps));
    THIMBLE_TRY(auto locked, held(transaction));
    if (locked) {
        return *std::move(locked);
    }
    THIMBLE_TRY(const std::vector<RpmEntry> now, rpm_.entries());
    const bool half_done = std::ranges::any_of(
        transaction.steps, [&](const PlannedStep& step) { return has_both(step, now); });
    if (torn_ || half_done) {
        return repair(transaction);
    }
    const std::vector<PlannedStep> open = open_steps(transaction.steps, now);
    if (open.empty()) {
        TransactionReport report;
        report.ending = TransactionEnding::Done;
        report.detail = "nothing was left to do";
        return report;
    }
    if (carrier.rehearse) {
        THIMBLE_TRY(auto refused, carrier.rehearse(open));
        if (refused) {
            return *std::move(refused);
        }
    }
    return carry_out(open, transaction, carrier);
}

Result<TransactionReport> RpmTransactions::repair(const Transaction& transaction) {
    THIMBLE_TRY(auto locked, held(transaction));
    if (locked) {
        return *std::move(locked);
    }
    THIMBLE_TRY(TransactionReport report, rpm_.finish(transaction));
    torn_ = torn_ && report.ending != TransactionEnding::Done;
    return report;
}

}  // namespace thimble::apply
