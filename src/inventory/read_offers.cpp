#include "thimble/inventory/read_offers.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/dnf_call.hpp"
#include "thimble/inventory/free_space.hpp"
#include "thimble/inventory/package_states.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/inventory/root_archive.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/inventory/zypper_call.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::chrono::seconds kTimeToAsk{60};
constexpr std::chrono::seconds kTimeToFetch{180};
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

void add_gap(model::Inventory& inventory, std::string why, std::string next) {
    inventory.gaps.push_back({
        .code = "inventory.no_offers",
        .detail = "What the repositories offer is not known: " + std::move(why) + ".",
        .next = std::move(next),
    });
}

/// The native architecture and those that dpkg was told to accept, with commas between.
std::string architectures(host::Host& host, const std::string& native) {
    std::string all = native;
    const auto text = host.read_file("/var/lib/dpkg/arch", 4096);
    if (!text) {
        return all;
    }
    Lines lines(*text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view name = trimmed(line);
        if (!name.empty() && name != native && !name.contains(',')) {
            all += ',';
            all += name;
        }
    }
    return all;
}

bool has_dpkg_packages(const model::Inventory& inventory) {
    return std::ranges::any_of(inventory.packages, [](const model::InstalledPackage& package) {
        return package.type == "deb";
    });
}

void read_rpm_offers(
    host::Host& host, const InventoryOptions& options, model::Inventory& inventory) {
    const auto there = [&](const char* path) {
        return host.look(path, host::Follow::Yes).has_value();
    };
    const bool asked = !host.local_root().empty() && !find_rpm_database(host).empty();
    if (asked && there("/etc/zypp/repos.d")) {
        read_zypper_offers(host, options, inventory);
    } else if (asked && (there("/usr/bin/dnf") || there("/etc/yum.repos.d"))) {
        read_dnf_offers(host, options, inventory);
    } else {
        add_gap(
            inventory,
            "only apt, dnf and zypper can be asked, the last two on this machine only",
            "");
    }
}

/// What is half done, and keeps apt from any transaction until it is finished, up to the command that does. Empty: nothing.
std::string unfinished_words(const model::Inventory& inventory) {
    if (inventory.package_manager_interrupted) {
        return "dpkg was interrupted, or is at work:";
    }
    const auto unfinished =
        std::ranges::find_if_not(inventory.packages, [](const model::InstalledPackage& package) {
            return package.state == model::PackageState::Installed;
        });
    if (unfinished == inventory.packages.end()) {
        return {};
    }
    const auto* const state = std::ranges::find(
        kPackageStates, unfinished->state, &decltype(kPackageStates)::value_type::first);
    const bool is_half = unfinished->state == model::PackageState::HalfInstalled;
    return unfinished->name + " is " + std::string(state->second)
        + (is_half ? ": install it again, then" : ":");
}

void take(AptAnswer answer, model::Inventory& inventory) {
    inventory.index = std::move(answer.index);
    inventory.offers = std::move(answer.offers);
    inventory.changelogs = std::move(answer.changelogs);
    std::ranges::move(answer.gaps, std::back_inserter(inventory.gaps));
    if (const std::string unfinished = unfinished_words(inventory); !unfinished.empty()) {
        for (model::Offer& offer : inventory.offers) {
            offer.blockers.push_back(
                {.kind = model::BlockerKind::PackageManagerInterrupted,
                 .detail = unfinished
                     + " run `thimble patch resume`, or `dpkg --configure -a` where no run is "
                       "unfinished"});
        }
    }
}

/// What apt reads on a host far away, as an archive. Files that the user there may not read are
/// missing in it; apt's own files are for everybody.
Result<std::string> fetch_apt_files(host::Host& host) {
    THIMBLE_TRY(
        host::Outcome outcome,
        host.run(host::Command{
            .argv = root_archive_command(),
            .timeout = kTimeToFetch,
            .output_limit = kMaxRootArchive}));
    constexpr int kSomeFilesMissing = 2;  // tar(1): extended_states, say, need not exist
    if (outcome.exit_status > kSomeFilesMissing || outcome.output.empty()) {
        return failure(
            ErrorKind::Unavailable,
            "inventory.no_apt_files",
            "tar there ended with status " + std::to_string(outcome.exit_status) + " "
                + printable(trimmed(outcome.errors), 300));
    }
    return std::move(outcome.output);
}

}  // namespace

std::vector<std::string> apt_command(
    host::Host& host,
    const InventoryOptions& options,
    const std::string& helper,
    const model::Inventory& inventory) {
    std::vector<std::string> argv{
        helper, "--architectures", architectures(host, inventory.architecture)};
    const auto add = [&](const char* name, const std::string& value) {
        argv.emplace_back(name);
        argv.push_back(value);
    };
    const bool is_this_host = host.local_root() == "/";
    if (host.local_root().empty()) {
        argv.emplace_back("--archive");
    } else if (!is_this_host) {
        add("--root", host.local_root());
    }
    if (!is_this_host) {
        add("--machine-id", inventory.machine_id);
    }
    if (!options.cache.empty() && !host.local_root().empty()) {
        add("--cache", options.cache);
    }
    // Archives of another system would be fetched from wherever its sources point.
    if (options.changelogs && !options.cache.empty() && is_this_host) {
        argv.emplace_back("--changelogs");
        add("--time-limit", std::to_string(options.changelog_time_limit.count()));
    }
    return argv;
}

void read_offers(host::Host& host, const InventoryOptions& options, model::Inventory& inventory) {
    if (!has_dpkg_packages(inventory)) {
        read_rpm_offers(host, options, inventory);
        return;
    }
    const std::string helper =
        options.helper.empty() ? host::find_companion("thimble-apt") : options.helper;
    if (helper.empty()) {
        add_gap(
            inventory,
            "the program thimble-apt is not beside ours",
            "Install thimble with all of its programs.");
        return;
    }
    host::Command ask{
        .argv = apt_command(host, options, helper, inventory),
        .timeout = kTimeToAsk
            + (options.changelogs ? options.changelog_time_limit : std::chrono::seconds(0)),
        .output_limit = kMaxAnswer,
        .show_errors = options.show_progress};
    if (host.local_root().empty()) {
        auto files = fetch_apt_files(host);
        if (!files) {
            add_gap(inventory, files.error().text(), "Run the scan on the host itself.");
            return;
        }
        ask.input = *std::move(files);
    }
    auto outcome = host::run_command(ask);
    if (!outcome) {
        add_gap(inventory, outcome.error().text(), "");
        return;
    }
    if (outcome->exit_status != 0) {
        add_gap(
            inventory,
            "thimble-apt ended with status " + std::to_string(outcome->exit_status) + " "
                + std::string(trimmed(outcome->errors)),
            "Run `apt-get check` on the host.");
        return;
    }
    auto answer = parse_apt_answer(outcome->output);
    if (!answer) {
        add_gap(inventory, answer.error().text(), "");
        return;
    }
    take(*std::move(answer), inventory);
    read_free_space(host, inventory);
}

}  // namespace thimble::inventory
