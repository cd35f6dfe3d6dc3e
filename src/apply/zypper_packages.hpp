#pragma once
/// @file zypper as a package manager.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/rpm_host.hpp"
#include "thimble/apply/rpm_transactions.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/zypper_answer.hpp"

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// zypper on one host: this machine, or a directory of this machine in an enclosure, or a bare install root.
///
/// What is asked of the repositories is asked by this machine's zypper; what changes the host is the host's
/// own, where it has one. zypper's own metadata cache in the host is used and refreshed.
/// @source docs/adr/0012-rpm-package-managers.md
class ZypperPackages final : public PackageManager {
public:
    /// @param host     outlives this; its local_root is not empty
    /// @param scratch  a folder of ours, for rpm's settings when this machine's zypper works on the host
    ZypperPackages(
        host::Host& host, std::string scratch, ArchivePaths archives = ArchivePaths::OfHost)
        : host_(host), scratch_(std::move(scratch)), rpm_(host, archives), transactions_(rpm_) {}

    [[nodiscard]] std::string_view name() const override { return "zypper"; }

    Result<Resolution> resolve(const Resolving& wanted) override;
    Result<void> fetch(
        std::span<const model::PlannedStep> steps,
        const std::string& folder,
        const Progress& progress) override;
    Result<std::vector<model::PlannedConffile>> predict_conffiles(
        std::span<const model::PlannedStep> steps, const std::string& folder) override {
        return rpm_.predict_conffiles(steps, folder);
    }
    Result<std::vector<std::string>> configuration_files(
        std::span<const model::PlannedStep> steps, const std::string& folder) override {
        return rpm_.configuration_files(steps, folder);
    }
    Result<std::vector<KeptArchive>> keep_current(
        std::span<const model::PlannedStep> steps, const std::string& folder) override;
    Result<TransactionReport> run(const Transaction& transaction) override;
    Result<PackageHealth> health() override;
    Result<TransactionReport> repair(const Transaction& limits) override;
    Result<std::optional<LockHolder>> lock_holder() override { return rpm_.lock_holder(); }
    Result<std::vector<PackageVersion>> installed() override { return rpm_.installed(); }
    Result<std::string> host_state() override;

private:
    struct Metadata;

    Result<host::Command> call(inventory::RunsAt where, std::vector<std::string> arguments);
    Result<host::Outcome> ask(std::vector<std::string> arguments);
    Result<std::vector<inventory::ZypperRepository>> repositories();
    Result<Metadata> read_metadata(std::set<std::string, std::less<>> names);
    Result<void> read_repository(const inventory::ZypperRepository& repository, Metadata& metadata);
    Result<std::vector<std::string>> installable(
        const Resolving& wanted, const Metadata& metadata, Resolution& resolution);
    static model::PlannedStep step_of(
        const inventory::ZypperChange& change,
        const Resolving& wanted,
        const std::vector<RpmEntry>& now,
        const Metadata& metadata);
    static void judge_step(
        const model::PlannedStep& step,
        const Resolving& wanted,
        const Metadata& metadata,
        Resolution& resolution);
    Result<void> check_signatures(
        std::span<const model::PlannedStep> steps, const std::string& folder);
    Result<std::vector<FetchedArchive>> fetch_wanted(
        const std::vector<WantedArchive>& wanted, const std::string& folder);
    static Result<FetchedArchive> take_download(
        const WantedArchive& archive, const std::string& path, const std::string& folder);
    Result<std::optional<TransactionReport>> rehearse(
        std::span<const model::PlannedStep> open, const Transaction& transaction);
    Result<TransactionReport> transact(
        std::span<const model::PlannedStep> open, const Transaction& transaction);

    host::Host& host_;
    std::string scratch_;
    RpmHost rpm_;
    RpmTransactions transactions_;
};

}  // namespace thimble::apply
