// The thimble command: lean, so that a scan is over before the terminal has drawn its prompt. What
// needs the network, archives or apt is in programs of its own, started when they are needed.
#include "thimble/cli/complain.hpp"
#include "thimble/cli/control_program.hpp"
#include "thimble/cli/cvss_command.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/explain_command.hpp"
#include "thimble/cli/nearest_word.hpp"
#include "thimble/cli/scan_arguments.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/cli/sibling_program.hpp"
#include "thimble/cli/usage.hpp"
#include "thimble/cli/version_order_command.hpp"
#include "thimble/model/vulnerability_id.hpp"

#include <CLI/CLI.hpp>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// `feeds` and `catalog` are thimble-feeds, arguments and all.
bool belongs_to_feeds(std::string_view command) {
    return command == "feeds" || command == "catalog";
}

/// These are thimble-patch.
bool belongs_to_patch(std::string_view command) {
    return command == "patch" || command == "verify" || command == "history" || command == "doctor";
}

/// These are thimble-server.
bool belongs_to_server(std::string_view command) {
    return command == "serve" || command == "server" || command == "audit";
}

/// These are thimble-fleet.
constexpr std::array<std::string_view, 27> kFleetCommands{
    "login",    "logout",      "hosts",           "groups",     "tags",
    "patches",  "findings",    "vulnerabilities", "advisories", "packages",
    "affected", "feed-states", "deployments",     "jobs",       "patch-states",
    "plans",    "runs",        "audit-log",       "users",      "tokens",
    "halt",     "policy",      "rollout",         "reviews",    "exception",
    "board",    "taken-back"};

bool belongs_to_fleet(std::string_view command) {
    return std::ranges::find(kFleetCommands, command) != kFleetCommands.end();
}

/// Every command, those of the other programs too.
std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) {
        names.push_back(command->get_name());
    }
    names.insert(
        names.end(),
        {"feeds",
         "catalog",
         "patch",
         "verify",
         "history",
         "doctor",
         "serve",
         "server",
         "audit",
         "control"});
    names.insert(names.end(), kFleetCommands.begin(), kFleetCommands.end());
    return names;
}

/// "invalid: …" is an answer like others, unless somebody asks to be told of it by the status.
int filter_status(int status, bool strict) {
    const bool forgiven = status == thimble::cli::kSomeLineInvalid && !strict;
    return forgiven ? thimble::cli::kEveryLineAnswered : status;
}

/// What other programs do; each of them has a --help of its own.
constexpr const char* kOtherCommands =
    "Also: thimble feeds sync|status|import|export, thimble catalog build,\n"
    "      thimble patch plan|rehearse|apply|rollback|unblock|resume|prune|show,\n"
    "      thimble verify, thimble history, thimble doctor,\n"
    "      thimble serve, thimble server check|backup|restore,\n"
    "      thimble audit verify|export, thimble login, logout, hosts, groups, tags,\n"
    "      patches, patch-states, findings, vulnerabilities, advisories, packages,\n"
    "      affected, feed-states, deployments, jobs, plans, runs, audit-log, users,\n"
    "      halt, tokens, reviews, board, thimble policy, thimble rollout,\n"
    "      thimble taken-back, thimble exception, thimble control";

int run(int argc, char** argv) {
    CLI::App app{"Thimble: which patches this machine is missing, ranked and explained", "thimble"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "thimble " THIMBLE_VERSION);
    app.footer(kOtherCommands);

    thimble::cli::ScanOptions scan_options;
    CLI::App* scan = app.add_subcommand("scan", "Rank the patches that a host is missing");
    thimble::cli::ScanArguments scan_arguments(*scan, scan_options);
    scan_arguments.offer_formats(*scan);

    thimble::cli::ScanOptions explain_options;
    std::string subject;
    CLI::App* explain = app.add_subcommand(
        "explain", "Show the whole reasoning about a vulnerability or a package");
    explain->add_option("SUBJECT", subject, "CVE id, binary package or source package")->required();
    thimble::cli::ScanArguments explain_arguments(*explain, explain_options);
    explain_arguments.offer_json(*explain, "explain.md");

    std::string ecosystem;
    CLI::App* version_order = app.add_subcommand(
        "version-order", "Compare pairs of versions: a<TAB>b per line in, one of < = > out");
    version_order->add_option("ECOSYSTEM", ecosystem, "dpkg, rpm, apk, npm, PyPI, crates.io or Go")
        ->required();
    CLI::App* cvss =
        app.add_subcommand("cvss", "Score CVSS vectors: one per line in, score<TAB>severity out");
    bool strict = false;
    for (CLI::App* filter : {version_order, cvss}) {
        filter->add_flag("--strict", strict, "End with status 1 when a line was invalid");
    }

    const std::vector<std::string> known = commands_of(app);
    if (argc < 2) {
        std::cerr << "thimble: which of its commands?\n";
        thimble::cli::list_commands("thimble", known, std::cerr);
        return thimble::cli::kUsage;
    }
    if (const std::string_view word = argv[1]; !word.empty() && word[0] != '-') {
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            return thimble::cli::refuse_command("thimble", word, known, std::cerr);
        }
    }
    try {
        thimble::cli::parse_arguments(app, argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    if (version_order->parsed()) {
        return filter_status(
            thimble::cli::run_version_order(ecosystem, std::cin, std::cout, std::cerr), strict);
    }
    if (cvss->parsed()) {
        return filter_status(thimble::cli::run_cvss(std::cin, std::cout), strict);
    }
    auto& arguments = explain->parsed() ? explain_arguments : scan_arguments;
    if (const auto said = arguments.finish(); !said) {
        return thimble::cli::complain(std::cerr, said.error());
    }
    if (explain->parsed()) {
        subject = thimble::model::as_vulnerability_id(subject);
        return thimble::cli::run_explain(explain_options, subject, std::cout, std::cerr);
    }
    return thimble::cli::run_scan(scan_options, std::cout, std::cerr);
}

/// Memory goes back when the program ends, a few milliseconds from now: pages that are given back
/// earlier would only be asked for again, each at the price of a fault.
void keep_memory() {
    constexpr int kKept = 64 << 20;
    constexpr int kStep = 1 << 20;
    ::mallopt(M_MMAP_THRESHOLD, kKept);
    ::mallopt(M_TRIM_THRESHOLD, kKept);
    ::mallopt(M_TOP_PAD, kStep);
}

/// The command's own program, or this one.
int start(int argc, char** argv) {
    if (argc > 1 && belongs_to_feeds(argv[1])) {
        return thimble::cli::become_sibling("thimble-feeds", argv, std::cerr);
    }
    if (argc > 1 && belongs_to_patch(argv[1])) {
        return thimble::cli::become_sibling("thimble-patch", argv, std::cerr);
    }
    if (argc > 1 && belongs_to_server(argv[1])) {
        return thimble::cli::become_sibling("thimble-server", argv, std::cerr);
    }
    if (argc > 1 && std::string_view(argv[1]) == "control") {
        const char* const program = thimble::cli::control_program({argv + 2, argv + argc});
        return thimble::cli::become_sibling(program, argv, std::cerr);
    }
    if (argc > 1 && belongs_to_fleet(argv[1])) {
        return thimble::cli::become_sibling("thimble-fleet", argv, std::cerr);
    }
    return run(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
    keep_memory();
    std::ios::sync_with_stdio(false);
    thimble::cli::ErrorDocument errors(std::cout, std::cerr, {argv, argv + argc});
    const int status = errors.finish(start(argc, argv));
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? status : thimble::cli::kCannotWrite;
}
