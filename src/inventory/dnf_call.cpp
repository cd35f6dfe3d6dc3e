#include "thimble/inventory/dnf_call.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/apt_answer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr const char* kDnf = "/usr/bin/dnf";
constexpr std::size_t kMaxScript = std::size_t{64} << 10;
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;
constexpr std::chrono::seconds kTimeToAsk{600};  // metadata of a large distribution

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || std::string_view("/._+-").contains(c);
}

Result<std::string> find_interpreter(host::Host& host, RunsAt where) {
    host::LocalHost here;
    host::Host& there = where == RunsAt::Host ? host : here;
    const auto script = there.read_file(kDnf, kMaxScript);
    std::string interpreter = script ? interpreter_of(*script) : std::string();
    if (interpreter.empty()) {
        return failure(
            ErrorKind::Unsupported,
            "inventory.no_dnf_library",
            "there is no dnf 4, whose Python library Thimble works with");
    }
    return interpreter;
}

void add_gap(model::Inventory& inventory, const std::string& why, std::string next) {
    inventory.gaps.push_back(
        {.code = "inventory.no_offers",
         .detail = "What the repositories offer is not known: " + why + ".",
         .next = std::move(next)});
}

Result<AptAnswer> ask(host::Host& host, const std::string& scripts, const std::string& cache) {
    const RunsAt where = host.local_root() == "/" ? RunsAt::Host : RunsAt::Here;
    THIMBLE_TRY(auto argv, dnf_argv(host, where, scripts, "offers", cache));
    THIMBLE_TRY(
        const host::Outcome outcome,
        host::run_command(
            {.argv = std::move(argv), .timeout = kTimeToAsk, .output_limit = kMaxAnswer}));
    if (outcome.exit_status != 0) {
        const std::size_t last = outcome.errors.find_last_not_of('\n');
        const std::string words = outcome.errors.substr(0, last + 1);
        return failure(
            ErrorKind::Unavailable,
            "inventory.dnf_not_asked",
            "dnf's library ended with status " + std::to_string(outcome.exit_status) + ": "
                + words.substr(words.rfind('\n') + 1));
    }
    return parse_apt_answer(outcome.output);
}

}  // namespace

std::string interpreter_of(std::string_view script) {
    if (!script.starts_with("#!")) {
        return {};
    }
    std::string_view line = trimmed(script.substr(2, script.find('\n') - 2));
    line = line.substr(0, line.find_first_of(" \t"));
    const bool plain = line.starts_with('/') && std::ranges::all_of(line, is_plain);
    return plain ? std::string(line) : std::string();
}

Result<std::vector<std::string>> dnf_argv(
    host::Host& host,
    RunsAt where,
    const std::string& scripts,
    const std::string& verb,
    const std::string& cache) {
    THIMBLE_TRY(std::string interpreter, find_interpreter(host, where));
    std::vector<std::string> argv{std::move(interpreter), "-I", "-B", scripts, verb, "--root"};
    argv.push_back(where == RunsAt::Host ? "/" : host.plain_root());
    if (where == RunsAt::Here) {
        std::string database = find_rpm_database(host);
        argv.emplace_back("--dbpath");
        argv.push_back(database.empty() ? "/var/lib/rpm" : std::move(database));
    }
    if (!cache.empty()) {
        argv.emplace_back("--cache");
        argv.push_back(cache);
    }
    return argv;
}

void read_dnf_offers(
    host::Host& host, const InventoryOptions& options, model::Inventory& inventory) {
    const std::string scripts = host::find_companion("thimble-dnf");
    if (scripts.empty()) {
        add_gap(
            inventory,
            "the folder thimble-dnf is not beside our programs",
            "Install all of Thimble.");
        return;
    }
    if (options.cache.empty()) {
        add_gap(inventory, "dnf needs a folder for its metadata", "");
        return;
    }
    auto answer = ask(host, scripts, options.cache + "/dnf");
    if (!answer) {
        add_gap(inventory, answer.error().text(), "Run `dnf check-update` on the host.");
        return;
    }
    inventory.index = std::move(answer->index);
    inventory.offers = std::move(answer->offers);
    std::ranges::move(answer->gaps, std::back_inserter(inventory.gaps));
}

}  // namespace thimble::inventory
