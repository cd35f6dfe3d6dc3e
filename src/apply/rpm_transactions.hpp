#pragma once
/// @file A transaction of rpm packages from beginning to end, whoever carries it out: dnf or zypper.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/rpm_host.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <functional>
#include <optional>
#include <span>

namespace thimble::apply {

/// What the package managers do differently. The steps are those that are not done yet.
struct RpmCarrier {
    using Steps = std::span<const model::PlannedStep>;
    /// Asked before anything is changed: a report refuses. Empty: nothing is asked.
    std::function<Result<std::optional<TransactionReport>>(Steps)> rehearse;
    std::function<Result<TransactionReport>(Steps)> transact;
};

/// What dnf and zypper do alike: wait for the lock, leave out what is done, tell what rpm put beside
/// configuration files, and know that a transaction was killed within a package.
class RpmTransactions {
public:
    /// @param rpm  outlives this
    explicit RpmTransactions(RpmHost& rpm) : rpm_(rpm) {}

    /// PackageManager::run. After a transaction that was killed within a package it is rpm that puts the
    /// whole set there, because the database says of such a package that nothing is to be done.
    Result<TransactionReport> run(const Transaction& transaction, const RpmCarrier& carrier);

    /// PackageManager::repair, but for what the package manager keeps beside rpm.
    Result<TransactionReport> repair(const Transaction& transaction);

    /// Whether a transaction of this object was killed within a package, and nothing has mended it since.
    /// A process that comes later does not know: the journal of the run leads it to the repair.
    [[nodiscard]] bool is_torn() const { return torn_; }

private:
    Result<std::optional<TransactionReport>> held(const Transaction& transaction);
    Result<TransactionReport> carry_out(
        RpmCarrier::Steps open, const Transaction& transaction, const RpmCarrier& carrier);

    RpmHost& rpm_;
    bool torn_ = false;
};

}  // namespace thimble::apply
