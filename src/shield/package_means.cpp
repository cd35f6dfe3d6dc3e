#include "thimble/shield/package_means.hpp"

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/fetched_archives.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/replace_file.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/package_steps.hpp"
#include "thimble/shield/system_program.hpp"

#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <span>
#include <system_error>
#include <utility>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;
using apply::DpkgDatabase;
using apply::DpkgEntry;
using apply::KeptArchive;

constexpr std::size_t kMostList = std::size_t{16} << 20;
constexpr std::size_t kMostNamed = 5;

/// A host of rpm has other ways, which are not ours yet.
Result<DpkgDatabase> read_database(host::Host& host) {
    auto database = apply::read_dpkg_database(host);
    if (!database && database.error().kind == ErrorKind::NotFound) {
        return failure(
            ErrorKind::Unsupported,
            "shield.no_dpkg",
            "packages are removed on hosts of dpkg and apt alone, and this is none");
    }
    return database;
}

/// What dpkg says that the package has put on the disk.
std::vector<std::string> listed_paths(const DpkgEntry& entry) {
    std::vector<std::string> paths;
    for (const std::string& name : {entry.name + ":" + entry.architecture, entry.name}) {
        host::LocalHost host;
        const auto text = host.read_file("/var/lib/dpkg/info/" + name + ".list", kMostList);
        if (!text) {
            continue;
        }
        Lines lines(*text);
        for (std::string_view line; lines.next(line);) {
            paths.emplace_back(line);
        }
        return paths;
    }
    return paths;
}

/// Those of the files that can be started, by the names that the kernel has for them.
std::set<std::string> programs_among(const std::vector<std::string>& paths) {
    constexpr auto kStart = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    std::set<std::string> programs;
    for (const std::string& path : paths) {
        std::error_code failed;
        const fs::file_status status = fs::symlink_status(path, failed);
        if (failed || status.type() != fs::file_type::regular
            || (status.permissions() & kStart) == fs::perms::none) {
            continue;
        }
        const fs::path real = fs::canonical(path, failed);
        if (!failed) {
            programs.insert(real.string());
        }
    }
    return programs;
}

/// "/usr/sbin/x (12)": processes of this host, not of its containers, that run one of the programs.
std::vector<std::string> running(const std::set<std::string>& programs) {
    std::vector<std::string> found;
    struct stat ours{};
    std::error_code failed;
    if (::stat("/", &ours) != 0) {
        return found;
    }
    for (fs::directory_iterator entry("/proc", failed);
         !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
        const std::string pid = entry->path().filename().string();
        struct stat root{};
        if (!number_in<int>(pid) || ::stat((entry->path() / "root").c_str(), &root) != 0
            || root.st_dev != ours.st_dev || root.st_ino != ours.st_ino) {
            continue;
        }
        std::error_code unknown;
        const std::string link = fs::read_symlink(entry->path() / "exe", unknown).string();
        const std::string program(program_of_link(link));
        if (programs.contains(program)) {
            std::string words = program;
            found.push_back(words.append(" (").append(pid).append(")"));
        }
    }
    return found;
}

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words.first(std::min(words.size(), kMostNamed))) {
        text.append(text.empty() ? "" : ", ").append(word);
    }
    return text;
}

class PackageMeans final : public ControlMeans {
public:
    PackageMeans(std::string package, std::string folder)
        : package_(std::move(package)), folder_(std::move(folder)) {}

    Result<std::vector<FormerState>> remember() override {
        THIMBLE_TRY(const DpkgDatabase database, read_database(host_));
        THIMBLE_TRY(const model::PlannedStep step, removal_step(database, package_));
        THIMBLE_TRY(check_files(*present_package(database, package_)));
        // dpkg takes no other package along; it refuses, and says which one needs this one.
        THIMBLE_TRY(output_of(
            {"dpkg",
             "--no-act",
             "--refuse-depends",
             "--refuse-remove-essential",
             "--remove",
             "--",
             package_}));
        return std::vector<FormerState>{
            {"version", step.from_version}, {"architecture", step.architecture}};
    }

    Result<void> put_up(ControlRecord& /*record*/) override {
        THIMBLE_TRY(
            const apply::RunLock lock, apply::RunLock::take("/", apply::LockPurpose::Other));
        THIMBLE_TRY(const auto manager, open_manager());
        THIMBLE_TRY(outlast_what_was_begun(*manager));
        THIMBLE_TRY(const DpkgDatabase database, read_database(host_));
        const DpkgEntry* const entry = present_package(database, package_);
        if (entry == nullptr) {
            return {};  // it was removed, and is put up again
        }
        THIMBLE_TRY(const model::PlannedStep step, removal_step(database, package_));
        THIMBLE_TRY(const auto kept, manager->keep_current(std::span(&step, 1), archives()));
        std::string programs;
        for (const std::string& program : programs_among(listed_paths(*entry))) {
            programs += program + "\n";
        }
        THIMBLE_TRY(host::replace_file(programs_file(), programs, host::Readers::Owner));
        THIMBLE_TRY(
            host::replace_file(kept_file(), apply::format_kept(kept), host::Readers::Owner));
        return carry_out(*manager, step);
    }

    void look(const ControlRecord& record, ControlReport& report) override {
        const auto database = read_database(host_);
        const DpkgEntry* const entry = database ? present_package(*database, package_) : nullptr;
        report.checks.push_back(
            {.name = "package " + package_,
             .expected = "not installed",
             .seen = database ? package_words(entry) : database.error().text(),
             .passed = database && entry == nullptr});
        report.checks.push_back(check_programs());
        const auto kept = kept_archive(record);
        // Without it the package stays away, which is what the control is for.
        report.checks.push_back(
            {.name = "archive to put it back",
             .expected = "kept",
             .seen = kept ? "kept, of version " + kept->step.to_version : kept.error().text(),
             .passed = kept ? std::optional(true) : std::nullopt});
    }

    Result<void> take_away(const ControlRecord& record) override {
        THIMBLE_TRY(
            const apply::RunLock lock, apply::RunLock::take("/", apply::LockPurpose::Other));
        THIMBLE_TRY(const auto manager, open_manager());
        THIMBLE_TRY(outlast_what_was_begun(*manager));
        THIMBLE_TRY(const DpkgDatabase database, read_database(host_));
        if (is_whole(database)) {
            return {};  // it never went, or somebody has put it there since
        }
        THIMBLE_TRY(const KeptArchive kept, kept_archive(record));
        if (present_package(database, package_) != nullptr) {  // broken off in the middle
            THIMBLE_TRY(manager->repair(transaction(kept.step)));
            THIMBLE_TRY(const DpkgDatabase repaired, read_database(host_));
            if (is_whole(repaired)) {
                return {};
            }
        }
        return carry_out(*manager, kept.step);
    }

    void look_for(const ControlRecord& record, ControlReport& report) override {
        const auto database = read_database(host_);
        const DpkgEntry* const entry = database ? present_package(*database, package_) : nullptr;
        const auto kept = kept_archive(record);
        const std::string version = kept ? kept->step.to_version : former(record, "version");
        ControlCheck check{
            .name = "package " + package_,
            .expected = "installed " + version,
            .seen = database ? package_words(entry) : database.error().text(),
            .passed = entry != nullptr && entry->is_finished()};
        if (check.passed == std::optional(true) && entry->version != version) {
            check.seen += ", which somebody has installed since, and which stays";
            check.passed.reset();
        }
        report.checks.push_back(std::move(check));
    }

    Result<void> restore(const ControlRecord& /*record*/) override { return {}; }  // it stays away

private:
    [[nodiscard]] bool is_whole(const DpkgDatabase& database) const {
        const DpkgEntry* const entry = present_package(database, package_);
        return entry != nullptr && entry->is_finished();
    }

    [[nodiscard]] std::string archives() const { return folder_ + "/archives"; }
    [[nodiscard]] std::string kept_file() const { return folder_ + "/kept.json"; }
    [[nodiscard]] std::string programs_file() const { return folder_ + "/programs"; }

    [[nodiscard]] Result<void> check_files(const DpkgEntry& entry) const {
        std::error_code failed;
        const std::string own = fs::read_symlink("/proc/self/exe", failed).string();
        utsname kernel{};
        THIMBLE_CHECK(::uname(&kernel) == 0);
        const std::string needed =
            needed_file(listed_paths(entry), own, static_cast<const char*>(kernel.release));
        if (!needed.empty()) {
            return failure(
                ErrorKind::Conflict,
                "shield.not_removable",
                package_ + " is not removed: this host needs its file " + needed);
        }
        return {};
    }

    [[nodiscard]] Result<std::unique_ptr<apply::AptPackages>> open_manager() {
        apply::AptPlaces places{
            .thimble_apt = host::find_companion("thimble-apt"),
            .gate = host::find_companion("thimble-gate"),
            .scratch = folder_ + "/scratch",
            .scratch_seen = folder_ + "/scratch",
            .empty_cache = folder_ + "/scratch/empty-cache",
            .cache = {}};
        if (places.thimble_apt.empty() || places.gate.empty()) {
            return failure(
                ErrorKind::Unavailable,
                "shield.program_missing",
                "thimble-apt and thimble-gate are not installed beside this program; install all "
                "of Thimble");
        }
        return std::make_unique<apply::AptPackages>(host_, std::move(places));
    }

    /// Whoever began to remove the package, or to put it back, may have been killed, and what it has started goes on.
    /// Who held the lock all that time is not waited for a second time, to take away what was not put up.
    [[nodiscard]] Result<void> outlast_what_was_begun(apply::AptPackages& manager) {
        const auto most =
            is_held_ ? std::chrono::seconds(0) : apply::Transaction().policy.lock_timeout;
        auto outlasted = manager.outlast(most);
        is_held_ = !outlasted && outlasted.error().code == "apply.lock_held";
        return outlasted;
    }

    [[nodiscard]] apply::Transaction transaction(const model::PlannedStep& step) const {
        apply::Transaction work;
        work.steps = {step};
        work.archives = archives();
        return work;
    }

    /// Behind the gate: what would take another package along is refused before anything changes.
    [[nodiscard]] Result<void> carry_out(
        apply::PackageManager& manager, const model::PlannedStep& step) const {
        THIMBLE_TRY(const auto report, manager.run(transaction(step)));
        if (report.ending != apply::TransactionEnding::Done) {
            return failure(
                ErrorKind::Unavailable,
                "shield.package_manager",
                "apt did not do it: " + (report.detail.empty() ? report.output : report.detail));
        }
        return {};
    }

    /// @error NotFound, Corrupt: it cannot be put back from here
    [[nodiscard]] Result<KeptArchive> kept_archive(const ControlRecord& record) const {
        const auto gone = [&](const Error& why) {
            return because(
                package_ + " " + former(record, "version")
                    + " cannot be put back: its archive is not there any more. Install it by hand, "
                      "then remove the control again",
                why);
        };
        const auto text = text_of(kept_file());
        if (!text) {
            return gone(text.error());
        }
        const auto kept = apply::parse_kept(*text);
        if (!kept) {
            return gone(kept.error());
        }
        const auto archive = kept->size() == 1 ? kept->front().step.archive : std::nullopt;
        if (!archive) {
            return gone(failure(ErrorKind::Corrupt, "shield.bad_record", kept_file()));
        }
        if (const auto sound = apply::check_archive(archives(), *archive); !sound) {
            return gone(sound.error());
        }
        return kept->front();
    }

    /// Scripts run as their interpreter, and are not seen.
    [[nodiscard]] ControlCheck check_programs() const {
        ControlCheck check{
            .name = "programs of " + package_,
            .expected = "none runs",
            .seen = "none runs",
            .passed = {}};
        const auto text = text_of(programs_file());
        if (!text) {
            check.seen = text.error().text();
            return check;
        }
        std::set<std::string> programs;
        Lines lines(*text);
        for (std::string_view line; lines.next(line);) {
            programs.emplace(line);
        }
        const auto found = running(programs);
        check.passed = found.empty();
        if (!found.empty()) {
            check.seen = joined(found);
        }
        return check;
    }

    std::string package_;
    std::string folder_;
    host::LocalHost host_;
    bool is_held_ = false;
};

}  // namespace

std::string removal_refusal(const mitigate::RemovedPackage& settings) {
    const auto asked = PackageMeans(settings.package, {}).remember();
    return asked ? std::string() : asked.error().text();
}

std::unique_ptr<ControlMeans> package_means(
    const mitigate::RemovedPackage& settings, const std::string& folder) {
    return std::make_unique<PackageMeans>(settings.package, folder);
}

}  // namespace thimble::shield
