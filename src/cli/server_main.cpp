// thimble-server: the server of a fleet, and what looks after it. `thimble` starts it.
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/server/serve.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <string>

namespace {

using Action = std::function<thimble::Result<void>()>;

/// What the options of all commands say.
struct Options {
    std::string data;
    thimble::server::ServeOptions serve;
};

void declare_place(CLI::App& command, Options& options) {
    command.add_option(
        "--data", options.data, "Directory of the server (default: server in the state directory)");
    command.add_option(
        "--database",
        options.serve.database,
        "postgresql://.. or sqlite:FILE instead of the directory's own");
}

void declare_serve(CLI::App& app, Options& options, Action& action) {
    CLI::App* serve = app.add_subcommand("serve", "Serve the API and the agents");
    declare_place(*serve, options);
    serve->add_option("--listen", options.serve.listen, "ADDRESS:PORT (default: 0.0.0.0:8443)");
    serve->add_option(
        "--name", options.serve.names, "Name by which hosts and people reach it; repeatable");
    serve->callback([&] {
        action = [&options] {
            return thimble::server::serve(
                options.serve, thimble::host::SystemClock(), std::cout, std::cerr);
        };
    });
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    CLI::App app{"Thimble: the server of a fleet", "thimble"};
    app.require_subcommand(1);
    Options options;
    Action action;
    declare_serve(app, options, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? 0 : thimble::cli::kUsage;
    }
    options.serve.data = options.data.empty() ? thimble::cli::state_directory("") / "server"
                                              : std::filesystem::path(options.data);
    if (const auto done = action(); !done) {
        return thimble::cli::complain(std::cerr, done.error());
    }
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? 0 : thimble::cli::kCannotWrite;
}
