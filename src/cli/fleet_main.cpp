// thimble-fleet: what a server knows of its hosts, asked from a terminal. `thimble` starts it.
#include "thimble/cli/account_command.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/deployment_command.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exception_command.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/fleet_control_command.hpp"
#include "thimble/cli/fleet_options.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/cli/policy_command.hpp"
#include "thimble/cli/rollout_command.hpp"
#include "thimble/cli/taken_back_command.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/usage.hpp"
#include "thimble/cli/view_command.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

CLI::App* thimble::cli::declare_fleet_command(
    CLI::App& parent, const char* name, const char* what, FleetOptions& options) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->add_option("--config", options.config, "Directory of the configuration");
    return command;
}

CLI::App* thimble::cli::declare_fleet_verb(
    CLI::App& parent,
    std::pair<const char*, const char*> name_and_what,
    FleetOptions& options,
    FleetAction& action,
    Result<int> (*work)(const FleetOptions&)) {
    CLI::App* command =
        declare_fleet_command(parent, name_and_what.first, name_and_what.second, options);
    command->callback([&options, &action, work] {
        action = [&options, work] {
            return work(options);
        };
    });
    return command;
}

namespace {

int run(int argc, char** argv) {
    CLI::App app{"Thimble: what a server knows of its hosts", "thimble"};
    app.require_subcommand(1);
    thimble::cli::FleetOptions options;
    thimble::cli::FleetAction action;
    thimble::cli::declare_log_in(app, options, action);
    thimble::cli::declare_hosts(app, options, action);
    thimble::cli::declare_deployments(app, options, action);
    thimble::cli::declare_views(app, options, action);
    thimble::cli::declare_halt(app, options, action);
    thimble::cli::declare_policies(app, options, action);
    thimble::cli::declare_rollouts(app, options, action);
    thimble::cli::declare_taken_back(app, options, action);
    thimble::cli::declare_exceptions(app, options, action);
    thimble::cli::declare_controls(app, options, action);
    thimble::cli::declare_users(app, options, action);
    thimble::cli::declare_tokens(app, options, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        thimble::cli::parse_arguments(app, argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    const auto status = action();
    if (!status) {
        return thimble::cli::complain(std::cerr, status.error());
    }
    return *status;
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    thimble::cli::ErrorDocument errors(std::cout, std::cerr, {argv, argv + argc});
    const int status = errors.finish(run(argc, argv));
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? status : thimble::cli::kCannotWrite;
}
