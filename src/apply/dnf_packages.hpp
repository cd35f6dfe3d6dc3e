#pragma once
/// @file dnf as a package manager.

#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/rpm_host.hpp"
#include "thimble/apply/rpm_transactions.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// The files and folders that DnfPackages needs.
struct DnfPlaces {
    std::string script;       ///< the folder thimble-dnf, on this machine
    std::string script_seen;  ///< the same as the host sees it
    std::string cache;        ///< a folder of ours for repository metadata
    ArchivePaths archives = ArchivePaths::OfHost;
};

/// dnf 4 on one host: this machine, or a directory of this machine in an enclosure, or a bare install root.
///
/// What is asked of the repositories is asked by this machine's dnf; what changes the host is the host's own,
/// where it has one. Both through dnf's Python library, which the scripts in dnf/ speak for us. An interrupted
/// transaction is finished by rpm alone.
/// @source docs/adr/0012-rpm-package-managers.md
class DnfPackages final : public PackageManager {
public:
    /// @param host  outlives this; its local_root is not empty
    DnfPackages(host::Host& host, DnfPlaces places)
        : host_(host),
          places_(std::move(places)),
          rpm_(host, places_.archives),
          transactions_(rpm_) {}

    [[nodiscard]] std::string_view name() const override { return "dnf"; }

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
    /// A call of the script; `command.argv` holds what comes after its verb.
    Result<host::Command> call(
        inventory::RunsAt where, const std::string& verb, host::Command command);
    Result<std::string> ask(const std::string& verb, host::Command command);
    Result<std::vector<FetchedArchive>> fetch_wanted(
        const std::vector<WantedArchive>& wanted,
        const std::string& folder,
        const Progress& progress);
    Result<TransactionReport> transact(
        std::span<const model::PlannedStep> open, const Transaction& transaction);
    Result<host::Outcome> run_own(const std::string& verb, host::Command command);
    Result<bool> history_is_unfinished();
    Result<void> close_history(TransactionReport& report);

    host::Host& host_;
    DnfPlaces places_;
    RpmHost rpm_;
    RpmTransactions transactions_;
};

}  // namespace thimble::apply
