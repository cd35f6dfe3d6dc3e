#include "thimble/inventory/zypper_call.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/zypper_offers.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr const char* kZypper = "/usr/bin/zypper";
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;
constexpr std::chrono::seconds kTimeToAsk{1800};  // metadata of a large distribution
constexpr std::chrono::seconds kTimeToScan{600};  // as long as a scan waits for one answer
constexpr std::size_t kMaxWords = 300;

/// rpm learns from a file in HOME, and from nothing else that zypper hands on, where the database is.
Result<void> write_settings(host::Host& host, const std::string& folder) {
    const std::string database = find_rpm_database(host);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    std::ofstream file(folder + "/.rpmmacros", std::ios::trunc);
    file << "%_dbpath " << (database.empty() ? "/var/lib/rpm" : database) << "\n";
    file.close();
    if (error || !file) {
        return failure(
            ErrorKind::Unavailable,
            "inventory.no_scratch",
            folder + " cannot be written, which zypper needs");
    }
    return {};
}

void add_gap(model::Inventory& inventory, const std::string& why) {
    inventory.gaps.push_back(
        {.code = "inventory.no_offers",
         .detail = "What the repositories offer is not known: " + why + ".",
         .next = "Run `zypper list-updates` on the host."});
}

/// zypper's questions of one scan.
class Asking {
public:
    Asking(host::Host& host, ZypperFolders folders) : host_(host), folders_(std::move(folders)) {}

    Result<ZypperAnswers> answers();
    /// Empty: the metadata are fresh.
    Result<std::string> refresh();

private:
    Result<host::Outcome> ask(std::vector<std::string> arguments) {
        const RunsAt where = host_.local_root() == "/" ? RunsAt::Host : RunsAt::Here;
        THIMBLE_TRY(
            host::Command command, zypper_command(host_, where, folders_, std::move(arguments)));
        command.timeout = kTimeToScan;
        return host::run_command(command);
    }
    /// What zypper would change. What it cannot solve it would not do.
    Result<std::vector<ZypperChange>> changes(std::vector<std::string> arguments) {
        THIMBLE_TRY(const host::Outcome outcome, ask(std::move(arguments)));
        THIMBLE_TRY(ZypperSummary summary, parse_zypper_summary(outcome.output));
        constexpr int kFirstWell =
            100;  // zypper(8): from here on it ended well, and has something to say
        const bool well = outcome.exit_status == 0 || outcome.exit_status >= kFirstWell;
        return well ? std::move(summary.changes) : std::vector<ZypperChange>();
    }

    host::Host& host_;
    ZypperFolders folders_;
};

Result<std::string> Asking::refresh() {
    THIMBLE_TRY(const host::Outcome outcome, ask({"refresh"}));
    if (outcome.exit_status == 0) {
        return std::string();
    }
    const auto summary = parse_zypper_summary(outcome.output);
    const std::string why = summary ? summary->complaint : std::string();
    return "zypper could not refresh its repositories (status "
        + std::to_string(outcome.exit_status) + "): " + printable(why, kMaxWords);
}

Result<ZypperAnswers> Asking::answers() {
    ZypperAnswers answers;
    THIMBLE_TRY(const host::Outcome repositories, ask({"--no-refresh", "repos", "--uri"}));
    constexpr int kNone = 6;  // ZYPPER_EXIT_NO_REPOS
    if (repositories.exit_status == kNone) {
        return answers;
    }
    THIMBLE_TRY(answers.repositories, parse_zypper_repositories(repositories.output));
    THIMBLE_TRY(const host::Outcome updates, ask({"--no-refresh", "list-updates", "--all"}));
    THIMBLE_TRY(answers.updates, parse_zypper_updates(updates.output));
    if (answers.updates.empty()) {
        return answers;
    }
    THIMBLE_TRY(const host::Outcome locks, ask({"--no-refresh", "locks"}));
    THIMBLE_TRY(answers.locks, parse_zypper_locks(locks.output));
    THIMBLE_TRY(
        answers.upgrade, changes({"--no-refresh", "update", "--dry-run", "--no-recommends"}));
    // Patches of zypper itself come alone; those that wait for them are not told before the next scan.
    THIMBLE_TRY(
        answers.security,
        changes(
            {"--no-refresh", "patch", "--dry-run", "--no-recommends", "--category", "security"}));
    return answers;
}

}  // namespace

Result<host::Command> zypper_command(
    host::Host& host,
    RunsAt where,
    const ZypperFolders& folders,
    std::vector<std::string> arguments) {
    host::Command command;
    command.argv = {kZypper, "--xmlout", "--non-interactive", "--no-color"};
    command.environment = rpm_environment();
    if (where == RunsAt::Here) {
        command.argv.insert(command.argv.end(), {"--root", host.plain_root()});
        THIMBLE_TRY(write_settings(host, folders.scratch));
        command.environment.push_back("HOME=" + folders.scratch);
    }
    if (!folders.cache.empty()) {
        command.argv.insert(command.argv.end(), {"--cache-dir", folders.cache});
    }
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.output_limit = kMaxAnswer;
    command.timeout = kTimeToAsk;
    return command;
}

void read_zypper_offers(
    host::Host& host, const InventoryOptions& options, model::Inventory& inventory) {
    if (options.cache.empty()) {
        add_gap(inventory, "zypper needs a folder for its metadata");
        return;
    }
    Asking asking(
        host,
        {.scratch = options.cache + "/zypper-home", .cache = options.cache + "/zypper-cache"});
    const auto stale = asking.refresh();
    if (!stale) {
        add_gap(inventory, stale.error().text());
        return;
    }
    auto answers = asking.answers();
    if (!answers) {
        add_gap(inventory, answers.error().text());
        return;
    }
    inventory.index.asked = true;
    if (stale->empty()) {
        inventory.index.refreshed_at = inventory.taken_at;
    } else {
        inventory.index.problems.push_back(*stale);
    }
    inventory.offers = zypper_offers(*answers, inventory.packages);
}

}  // namespace thimble::inventory
