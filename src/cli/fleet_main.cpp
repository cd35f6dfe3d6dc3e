// thimble-fleet: what a server knows of its hosts, asked from a terminal. `thimble` starts it.
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/deployment_command.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/fleet_options.hpp"
#include "thimble/cli/policy_command.hpp"
#include "thimble/cli/rollout_command.hpp"
#include "thimble/client/affected_hosts.hpp"
#include "thimble/client/fleet_json.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/fleet_table.hpp"
#include "thimble/client/log_in.hpp"

#include <CLI/CLI.hpp>
#include <termios.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace {

using thimble::Result;
namespace client = thimble::client;

using thimble::cli::FleetOptions;
using Action = thimble::cli::FleetAction;
using thimble::cli::declare_fleet_command;
using thimble::cli::host_named;

/// A terminal does not show what is typed while this lives.
class NoEcho {
public:
    NoEcho() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            termios silent = before_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        }
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;
    ~NoEcho() {
        if (is_terminal_) {
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
            std::cerr << '\n';
        }
    }

private:
    termios before_{};
    bool is_terminal_;
};

/// A line of the input; the question is asked only of who sees it.
std::string ask(const char* question) {
    if (::isatty(STDIN_FILENO) == 1) {
        std::cerr << question << std::flush;
    }
    std::string line;
    std::getline(std::cin, line);
    return line;
}

std::string ask_secretly(const char* question) {
    const NoEcho silent;
    return ask(question);
}

Result<int> log_in(const FleetOptions& options) {
    THIMBLE_TRY(const std::string url, client::parse_server_url(options.url));
    std::string authority;
    if (!options.pin.empty()) {
        THIMBLE_TRY(authority, client::parse_authority(options.pin));
    }
    client::FleetContext context{url, authority, ""};
    if (options.sign_on) {
        client::SignOn begun = client::begin_sign_on(url);
        begun.administer = options.administer;
        std::cerr << "Open this address in a browser, on this machine or any other, and sign in:\n"
                  << "  " << begun.address << "\nIt shows a code.\n";
        THIMBLE_TRY(
            context, client::log_in_by_code(std::move(context), begun, ask_secretly("Code: ")));
    } else if (options.token_stdin) {
        context.token = ask_secretly("Token: ");
        // What could not be read back must not be saved, nor reach a header.
        THIMBLE_TRY(context, client::parse_fleet_context(client::format_fleet_context(context)));
        THIMBLE_TRY(context, client::log_in_with_token(std::move(context)));
    } else {
        client::LogIn wanted{url, authority, ask("Name: "), "", options.administer};
        wanted.password = ask_secretly("Password: ");
        THIMBLE_TRY(context, client::log_in(wanted));
    }
    THIMBLE_TRY(client::write_fleet_context(options.file(), context));
    std::cout << "Logged in at " << url << '\n';
    return 0;
}

Result<int> show_hosts(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto hosts, client::all_hosts(context, {"hosts"}));
    std::cout << (options.json ? client::hosts_json(hosts) + "\n" : client::host_table(hosts));
    return client::fleet_exit_status(hosts);
}

Result<int> show_patches_of_host(const FleetOptions& options, const client::FleetContext& context) {
    THIMBLE_TRY(const client::ListedHost host, host_named(context, options.host));
    THIMBLE_TRY(
        const auto patches,
        client::all_patches(context, {"patches", client::filter_of("host_id", host.id)}));
    std::cout
        << (options.json ? client::patches_json(patches, true) + "\n"
                         : client::patch_table(patches));
    if (!host.unknown_why.empty()) {
        std::cerr << "thimble: what " << thimble::printable(host.name)
                  << " misses is not wholly known: " << thimble::printable(host.unknown_why)
                  << '\n';
    }
    return client::fleet_exit_status(std::vector{host});
}

Result<int> show_patches(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    if (!options.host.empty()) {
        return show_patches_of_host(options, context);
    }
    THIMBLE_TRY(const auto patches, client::all_patches(context, {"fleet-patches"}));
    THIMBLE_TRY(const auto hosts, client::all_hosts(context, {"hosts"}));
    std::cout
        << (options.json ? client::patches_json(patches, false) + "\n"
                         : client::fleet_patch_table(patches));
    return client::fleet_exit_status(hosts);
}

Result<int> show_affected(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto affected, client::affected_hosts(context, options.vulnerability));
    std::cout
        << (options.json ? client::affected_json(affected) + "\n"
                         : client::affected_table(affected));
    return client::affected_exit_status(affected);
}

Result<int> make_token(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string token, client::make_enrolment_token(context, options.wish));
    std::cout << "thimble-agent enrol " << context.url << ' ' << thimble::printable(token) << '\n';
    return 0;
}

void declare_log_in(CLI::App& app, FleetOptions& options, Action& action) {
    CLI::App* command = declare_fleet_command(app, "login", "Become known to a server", options);
    command->add_option("URL", options.url, "https://NAME:PORT of the server")->required();
    command->add_option("--pin", options.pin, "Authority, as thimble server check prints it");
    command->add_flag(
        "--token-stdin", options.token_stdin, "Read an API token instead of name and password");
    command
        ->add_flag(
            "--sso", options.sign_on, "Sign in by the server's provider, in a browser anywhere")
        ->excludes("--token-stdin");
    command->add_flag(
        "--administer", options.administer, "Let this terminal administer, too: users add");
    command->callback([&] {
        action = [&] {
            return log_in(options);
        };
    });
}

void declare_lists(CLI::App& app, FleetOptions& options, Action& action) {
    CLI::App* hosts = declare_fleet_command(app, "hosts", "The hosts of the fleet", options);
    CLI::App* patches =
        declare_fleet_command(app, "patches", "The patches that hosts miss", options);
    patches->add_option("--host", options.host, "Name or id of one host");
    for (CLI::App* command : {hosts, patches}) {
        command->add_flag("--json", options.json, "Print JSON");
    }
    hosts->callback([&] {
        action = [&] {
            return show_hosts(options);
        };
    });
    patches->callback([&] {
        action = [&] {
            return show_patches(options);
        };
    });
}

void declare_affected(CLI::App& app, FleetOptions& options, Action& action) {
    CLI::App* command = declare_fleet_command(
        app, "affected", "The hosts on which a vulnerability is open", options);
    command->add_option("VULNERABILITY", options.vulnerability, "CVE-…, as advisories name it")
        ->required();
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&] {
        action = [&] {
            return show_affected(options);
        };
    });
}

void declare_tokens(CLI::App& app, FleetOptions& options, Action& action) {
    CLI::App* tokens = app.add_subcommand("tokens", "Tokens of the server");
    tokens->require_subcommand(1);
    CLI::App* enrol = declare_fleet_command(
        *tokens, "enrol", "Print the line that makes a host one of the fleet", options);
    enrol->add_option("--group", options.wish.group, "Host group (default: default)");
    enrol->add_flag("--reusable", options.wish.reusable, "Good for more than one host");
    enrol->add_option("--days", options.wish.days, "How long it is good (default: 1)")
        ->check(CLI::Range(1, 3650));
    enrol->callback([&] {
        action = [&] {
            return make_token(options);
        };
    });
}

}  // namespace

CLI::App* thimble::cli::declare_fleet_command(
    CLI::App& parent, const char* name, const char* what, FleetOptions& options) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->add_option("--config", options.config, "Directory of the configuration");
    return command;
}

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    CLI::App app{"Thimble: what a server knows of its hosts", "thimble"};
    app.require_subcommand(1);
    FleetOptions options;
    Action action;
    declare_log_in(app, options, action);
    declare_lists(app, options, action);
    declare_affected(app, options, action);
    declare_tokens(app, options, action);
    thimble::cli::declare_deployments(app, options, action);
    thimble::cli::declare_views(app, options, action);
    thimble::cli::declare_halt(app, options, action);
    thimble::cli::declare_policies(app, options, action);
    thimble::cli::declare_rollouts(app, options, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? 0 : thimble::cli::kUsage;
    }
    const auto status = action();
    if (!status) {
        return thimble::cli::complain(std::cerr, status.error());
    }
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? *status : thimble::cli::kCannotWrite;
}
