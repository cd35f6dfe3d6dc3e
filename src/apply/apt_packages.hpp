#pragma once
/// @file apt as a package manager.

#include "thimble/apply/apt_call.hpp"
#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

struct DpkgEntry;

/// The programs and folders that AptPackages needs.
struct AptPlaces {
    std::string thimble_apt;   ///< the program, on this machine
    std::string gate;          ///< the program thimble-gate, as the host sees it
    std::string scratch;       ///< a folder of ours, on this machine
    std::string scratch_seen;  ///< the same as the host sees it; it need not be able to write there
    std::string empty_cache;   ///< a folder that the host is to make in place of apt's cache
    std::string
        cache;  ///< a folder of ours for apt's index cache; empty: the index is read every time
    /// A folder of ours for archives that are fetched ahead, on this machine; empty: none are.
    std::string fetched = {};  // NOLINT(readability-redundant-member-init): g++ warns else
};

/// apt and dpkg on one host: this machine, or a directory of this machine in an enclosure.
///
/// What is asked of the repositories is asked by thimble-apt, which runs on this machine; what changes
/// the host are its own apt-get and dpkg. Between the two stands thimble-gate: dpkg is not started
/// unless apt's list of actions is the transaction's.
class AptPackages final : public PackageManager {
public:
    /// @param host  outlives this; its local_root is not empty
    AptPackages(host::Host& host, AptPlaces places);

    [[nodiscard]] std::string_view name() const override { return "apt"; }

    /// Every version that is offered no more is a problem "apply.version_gone" of the resolution.
    Result<Resolution> resolve(const Resolving& wanted) override;
    Result<void> fetch(
        std::span<const model::PlannedStep> steps,
        const std::string& folder,
        const Progress& progress) override;
    Result<std::vector<model::PlannedConffile>> predict_conffiles(
        std::span<const model::PlannedStep> steps, const std::string& folder) override;
    Result<std::vector<std::string>> configuration_files(
        std::span<const model::PlannedStep> steps, const std::string& folder) override;
    void fetch_current(std::span<const model::PlannedStep> steps) override;
    Result<std::vector<KeptArchive>> keep_current(
        std::span<const model::PlannedStep> steps, const std::string& folder) override;
    Result<TransactionReport> run(const Transaction& transaction) override;
    Result<PackageHealth> health() override;
    Result<TransactionReport> repair(const Transaction& limits) override;
    Result<std::vector<std::string>> forget(
        std::span<const model::PlannedStep> added, std::span<const std::string> files) override;
    /// dpkg takes the record in by its own journal, under its own locks: docs/adr/0059.
    /// @error Unavailable "apply.record_not_returned" names the packages; Conflict "apply.lock_held"
    Result<void> return_records(const std::string& folder) override;
    Result<std::optional<LockHolder>> lock_holder() override;
    Result<std::vector<PackageVersion>> installed() override;
    Result<std::string> host_state() override;

    /// After whoever started a transaction was killed, before it is judged what there is: an apt that was left behind and
    /// has not begun is stopped by the gate, which finds nothing expected any more; one that has begun holds dpkg's lock
    /// from before the gate to its end, and is waited for.
    /// @error Conflict "apply.lock_held" names who still holds it after `most`; Denied: that cannot be seen;
    ///        Unavailable "apply.cannot_write"
    Result<void> outlast(std::chrono::seconds most);

private:
    Result<std::string> ask(std::vector<std::string> verb, host::Command command);
    Result<TransactionReport> carry_out(const Transaction& transaction, FixBroken fix_broken);
    /// @return how it ended, where it did not end well; none: nothing is torn any more
    Result<std::optional<TransactionReport>> unpack_torn(const Transaction& transaction);
    Result<TransactionReport> carry_out_despite_others(const Transaction& transaction);
    Result<TransactionReport> listen(std::vector<std::string> argv, const Transaction& transaction);
    [[nodiscard]] AptGate gate() const;
    Result<void> wait_for_lock(std::chrono::seconds timeout);
    Result<void> merge_dpkg_journal(std::chrono::seconds lock_timeout);
    Result<TransactionReport> finish_begun(const Transaction& limits);
    Result<void> set_marks(const Transaction& transaction);
    TransactionReport with_marks(TransactionReport report, const Transaction& transaction);
    /// One package whose version before has to be kept.
    struct ToKeep {
        const DpkgEntry* entry = nullptr;
        std::size_t at = 0;  ///< of its step back
        std::string file_name;
    };
    static Result<void> keep_records(
        const std::vector<ToKeep>& repacked, const std::string& folder);
    Result<void> return_records_once(const std::vector<DpkgEntry>& records);
    bool was_fetched(const DpkgEntry& entry, const std::string& file_name);
    std::string take_from_here(
        const DpkgEntry& entry, const std::string& file_name, const std::string& folder);
    std::vector<bool> fetch_missing(const std::vector<ToKeep>& missing, const std::string& folder);
    Result<std::vector<FetchedArchive>> fetch_wanted(
        const std::vector<WantedArchive>& wanted,
        const std::string& folder,
        const Progress& progress);

    host::Host& host_;
    AptPlaces places_;
};

}  // namespace thimble::apply
