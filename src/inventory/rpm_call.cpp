#include "thimble/inventory/rpm_call.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/run_command.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr const char* kRpm = "/usr/bin/rpm";

bool has_database(host::Host& host, const std::string& folder) {
    constexpr std::array<std::string_view, 3> kFiles{"/rpmdb.sqlite", "/Packages.db", "/Packages"};
    return std::ranges::any_of(kFiles, [&](std::string_view file) {
        const auto info = host.look(folder + std::string(file), host::Follow::Yes);
        return info && info->size > 0;
    });
}

}  // namespace

std::vector<std::string> rpm_environment() {
    return {
        "LC_ALL=C",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };
}

Result<RunsAt> find_program(host::Host& host, const std::string& path) {
    const std::string root = host.local_root();
    if (root.empty() || root == "/") {
        return RunsAt::Host;
    }
    if (host.look(path, host::Follow::Yes)) {
        const auto outcome = host.run({.argv = {path, "--version"}});
        if (outcome && outcome->exit_status == 0) {
            return RunsAt::Host;
        }
        if (!outcome && outcome.error().code != "host.runs_nothing") {
            return outcome.error();
        }
    }
    const auto outcome = host::run_command({.argv = {path, "--version"}});
    if (outcome && outcome->exit_status == 0) {
        return RunsAt::Here;
    }
    return failure(
        ErrorKind::Unsupported,
        "inventory.no_program",
        path + " runs neither there nor on this machine");
}

std::string find_rpm_database(host::Host& host) {
    for (const char* folder : {"/usr/lib/sysimage/rpm", "/var/lib/rpm"}) {
        if (has_database(host, folder)) {
            return folder;
        }
    }
    return {};
}

std::vector<std::string> fenced(std::vector<std::string> argv) {
    std::vector<std::string> all{
        "unshare",
        "--mount",
        "--pid",
        "--ipc",
        "--uts",
        "--net",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--"};
    std::ranges::move(argv, std::back_inserter(all));
    return all;
}

std::vector<std::string> rpm_argv(
    host::Host& host, RunsAt where, std::vector<std::string> argv, RpmUse use) {
    if (where == RunsAt::Host) {
        return argv;
    }
    std::string database = find_rpm_database(host);
    if (database.empty()) {
        database = "/var/lib/rpm";
    }
    argv.insert(argv.begin() + 1, {"--root", host.local_root(), "--dbpath", database});
    return use == RpmUse::Change ? fenced(std::move(argv)) : argv;
}

Result<host::Outcome> run_rpm(host::Host& host, host::Command command, RpmUse use) {
    THIMBLE_TRY(const RunsAt where, find_program(host, kRpm));
    command.argv = rpm_argv(host, where, std::move(command.argv), use);
    return where == RunsAt::Host ? host.run(command) : host::run_command(command);
}

}  // namespace thimble::inventory
