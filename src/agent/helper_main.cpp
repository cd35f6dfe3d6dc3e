// The program thimble-agent-helper: the half of an agent that has rights, and no network.
#include "thimble/agent/helper_serve.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/system_clock.hpp"

#include <CLI/CLI.hpp>
#include <pwd.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace agent = thimble::agent;

constexpr int kUsage = 64;
constexpr int kNoUser = 67;
constexpr int kFailed = 70;

struct Options {
    std::string state = "/var/lib/thimble-agent-helper";
    std::string patch_state = "/var/lib/thimble";
    std::string socket = "/run/thimble-agent-helper/socket";
    std::string user = "thimble-agent";
    std::string root;
    std::vector<std::string> reboot;
    std::string hooks = "/etc/thimble/hooks";
};

thimble::Result<void> serve(const agent::HelperOptions& options) {
    static const thimble::host::SystemClock kClock;
    THIMBLE_TRY(agent::RootHelper helper, agent::RootHelper::open(options, kClock));
    return agent::serve_helper(options, helper, [](const std::string& line) {
        std::cout << "thimble-agent-helper: " << thimble::printable(line) << '\n' << std::flush;
    });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Thimble: carries out signed jobs on this host", "thimble-agent-helper"};
    Options options;
    app.add_option("--state", options.state, "Directory of the root helper");
    app.add_option("--patch-state", options.patch_state, "Directory for runs and archives");
    app.add_option("--socket", options.socket, "Socket to listen at");
    app.add_option("--user", options.user, "The agent's user, who alone may connect");
    app.add_option("--root", options.root, "Directory that stands for the host");
    app.add_option("--reboot", options.reboot, "Program and arguments that restart the machine");
    app.add_option("--hooks", options.hooks, "Directory of the hooks that jobs may name");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kUsage;
    }
    const passwd* user = ::getpwnam(options.user.c_str());
    if (user == nullptr) {
        std::cerr << "thimble-agent-helper: there is no user " << thimble::printable(options.user)
                  << '\n'
                  << std::flush;
        return kNoUser;
    }
    agent::RebootMeans reboot;
    if (!options.reboot.empty()) {
        reboot.program = options.reboot;
    }
    const auto served = serve(
        {.state = options.state,
         .socket = options.socket,
         .peer = user->pw_uid,
         .peer_group = user->pw_gid,
         .places =
             {.patch = thimble::host::find_companion("thimble-patch"),
              .agent = thimble::host::find_companion("thimble-agent"),
              .state = options.patch_state,
              .plans = options.state + "/plans",
              .root = options.root},
         .reboot = std::move(reboot),
         .hooks = {.folder = options.hooks}});
    if (!served) {
        std::cerr << "thimble-agent-helper: " << thimble::printable(served.error().text()) << " ["
                  << served.error().code << "]" << '\n'
                  << std::flush;
        return kFailed;
    }
    return 0;
}
