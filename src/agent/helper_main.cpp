// The program thimble-agent-helper: the half of an agent that has rights, and no network.
#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/enrolment.hpp"
#include "thimble/agent/helper_serve.hpp"
#include "thimble/agent/helper_streams.hpp"
#include "thimble/agent/inventory_documents.hpp"
#include "thimble/agent/over_ssh_layout.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/inventory_document.hpp"

#include <CLI/CLI.hpp>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace agent = thimble::agent;
using thimble::Error;
using thimble::Result;

constexpr int kUsage = 64;
constexpr int kNoUser = 67;
constexpr int kFailed = 70;

struct Options {
    std::string state = "/var/lib/thimble-agent-helper";
    std::string patch_state = "/var/lib/thimble";
    std::string socket = "/run/thimble-agent-helper/socket";
    std::string user = "thimble-agent";
    std::string root;
    std::string approvers = "/etc/thimble/approvers";
    std::uint32_t approvals = 1;
    std::string document;
    bool stdio = false;
    bool takes_identity = false;
    bool prints_inventory = false;
    std::vector<std::string> reboot;
    std::string hooks = "/etc/thimble/hooks";
};

const thimble::Clock& system_clock() {
    static const thimble::host::SystemClock kClock;
    return kClock;
}

int complain(const Error& error) {
    std::cerr << "thimble-agent-helper: " << thimble::printable(error.text()) << " [" << error.code
              << "]" << '\n'
              << std::flush;
    return kFailed;
}

int status_of(const Result<void>& done) {
    return done ? 0 : complain(done.error());
}

agent::JobPlaces places_of(const Options& options, const char* inventory_program) {
    return {
        .patch = thimble::host::find_companion("thimble-patch"),
        .agent = thimble::host::find_companion(inventory_program),
        .state = options.patch_state,
        .plans = options.state + "/plans",
        .root = options.root,
        .control = thimble::host::find_companion("thimble-control"),
        .approvers = options.approvers,
        .approval = {},
        .approvals = options.approvals};
}

agent::RebootMeans reboot_of(const Options& options) {
    agent::RebootMeans means;
    if (!options.reboot.empty()) {
        means.program = options.reboot;
    }
    return means;
}

/// The agent of this host, over a socket, for as long as we live.
Result<void> listen(const agent::HelperOptions& options) {
    THIMBLE_TRY(agent::RootHelper helper, agent::RootHelper::open(options, system_clock()));
    return agent::serve_helper(options, helper, [](const std::string& line) {
        std::cout << "thimble-agent-helper: " << thimble::printable(line) << '\n' << std::flush;
    });
}

/// A relay that has started us over SSH; what we are started for outlives the connection.
int speak_over_streams(const Options& options) {
    return agent::outlive_connection([&] {
        return status_of(agent::serve_streams(
            {.state = options.state,
             .socket = options.state + "/socket",  // there is none: documents lie beside it
             .peer = 0,
             .peer_group = 0,
             .places = places_of(options, "thimble-agent-helper"),
             .reboot = reboot_of(options),
             .hooks = {.folder = options.hooks}},
            system_clock(),
            std::filesystem::path(thimble::host::find_companion("thimble-agent-helper"))
                .parent_path()));
    });
}

Result<void> take_identity(const Options& options) {
    constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
    std::string text(kMaxBytes, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    THIMBLE_TRY(const thimble::protocol::HostIdentity identity, agent::parse_identity(text));
    THIMBLE_TRY(agent::make_state_folder(options.state));
    THIMBLE_TRY(const auto lock, agent::wait_for_turn(options.state));
    return agent::keep_identity(options.state, identity);
}

int print_document(const Options& options) {
    if (!thimble::is_sha256(options.document)) {
        return kUsage;
    }
    const auto text = agent::read_state_file(
        options.state + "/documents/document-" + options.document + ".json",
        thimble::inventory::kMaxInventoryBytes);
    if (!text) {
        return text.error().kind == thimble::ErrorKind::NotFound ? agent::kNoSuchDocument
                                                                 : complain(text.error());
    }
    std::cout << *text << std::flush;
    return std::cout ? 0 : kFailed;
}

int serve_agent(const Options& options) {
    const passwd* const user = ::getpwnam(options.user.c_str());
    if (user == nullptr) {
        std::cerr << "thimble-agent-helper: there is no user " << thimble::printable(options.user)
                  << '\n'
                  << std::flush;
        return kNoUser;
    }
    return status_of(listen(
        {.state = options.state,
         .socket = options.socket,
         .peer = user->pw_uid,
         .peer_group = user->pw_gid,
         .places = places_of(options, "thimble-agent"),
         .reboot = reboot_of(options),
         .hooks = {.folder = options.hooks}}));
}

int act(const Options& options) {
    if (options.stdio) {
        agent::take_plain_surroundings();
        return speak_over_streams(options);
    }
    if (options.prints_inventory) {
        return status_of(agent::print_inventory({options.root, options.patch_state}, std::cout));
    }
    if (options.takes_identity) {
        return status_of(take_identity(options));
    }
    if (!options.document.empty()) {
        return print_document(options);
    }
    return serve_agent(options);
}

void declare(CLI::App& app, Options& options) {
    app.add_option("--state", options.state, "Directory of the root helper");
    app.add_option("--patch-state", options.patch_state, "Directory for runs and archives");
    app.add_option("--socket", options.socket, "Socket to listen at");
    app.add_option("--user", options.user, "The agent's user, who alone may connect");
    app.add_option(
        "--approvers",
        options.approvers,
        "Who must have signed what is applied, as ssh-keygen -Y reads it; where it is not there, "
        "nobody");
    app.add_option("--approvals", options.approvals, "How many of them must have")
        ->check(CLI::Range(1, 16));
    app.add_option("--root", options.root, "Directory that stands for the host");
    app.add_option("--reboot", options.reboot, "Program and arguments that restart the machine");
    app.add_option("--hooks", options.hooks, "Directory of the hooks that jobs may name");
    app.add_flag("--stdio", options.stdio, "One job over standard input and output, for a relay");
    app.add_flag("--take-identity", options.takes_identity, "Read who this host is, for a relay");
    app.add_option("--document", options.document, "Print what a job gave, for a relay");
    CLI::App* const inventory =
        app.add_subcommand("inventory", "Print the inventory as it is sent: two documents");
    inventory->add_option("--root", options.root, "Directory that stands for the host");
    inventory->add_option("--cache", options.patch_state, "Directory to keep changelogs in");
    inventory->callback([&] { options.prints_inventory = true; });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Thimble: carries out signed jobs on this host", "thimble-agent-helper"};
    Options options;
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream help;
        std::ostringstream wrong;
        const int status = app.exit(error, help, wrong);
        std::cout << thimble::narrowed(help.str());
        std::cerr << thimble::narrowed(wrong.str());
        return status == 0 ? 0 : kUsage;
    }
    return act(options);
}
