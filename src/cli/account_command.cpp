#include "thimble/cli/account_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/ask_person.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/client/administration.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/log_in.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>
#include <system_error>

namespace thimble::cli {
namespace {

/// What to do about a server that is not believed.
Error explained(const Error& error, const client::FleetContext& context) {
    if (error.code != "client.not_authentic") {
        return error;
    }
    if (context.authority.empty()) {
        const std::size_t reason = error.message.find(": ");
        return failure(
            ErrorKind::Denied,
            "cli.unknown_authority",
            "this machine does not know the authority of " + context.url
                + " yet; each server makes its own. On the server's machine `thimble server check "
                  "--data DIRECTORY` prints it as \"Authority:\". Then: thimble login "
                + context.url + " --pin AUTHORITY (TLS says: "
                + error.message.substr(reason == std::string::npos ? 0 : reason + 2) + ")");
    }
    return because(
        context.url
            + " does not show the authority that --pin names, or its certificate is for another "
              "name. Compare the pin with the line \"Authority:\" of `thimble server check` on the "
              "server's machine; if they are the same, another machine answers in its place",
        error);
}

Result<int> log_in(const FleetOptions& options) {
    THIMBLE_TRY(const std::string url, client::parse_server_url(options.url));
    std::string authority;
    if (!options.pin.empty()) {
        THIMBLE_TRY(authority, client::parse_authority(options.pin));
    }
    client::FleetContext context{url, authority, ""};
    // Before a password is typed.
    if (const auto reached = client::reach(context); !reached) {
        return explained(reached.error(), context);
    }
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
        client::LogIn wanted{url, authority, ask_person("Name: "), "", options.administer};
        wanted.password = ask_secretly("Password: ");
        THIMBLE_TRY(context, client::log_in(wanted));
    }
    THIMBLE_TRY(client::write_fleet_context(options.file(), context));
    std::cout << "Logged in at " << url << "\n\nNext: thimble hosts\n";
    return kNothingDue;
}

Result<int> log_out(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    const auto done = client::log_out(context);
    // A token that the server does not take any more is as good as revoked.
    if (!done && done.error().kind != ErrorKind::Denied) {
        return because("the token is still good, and still kept", done.error());
    }
    std::error_code error;
    if (!std::filesystem::remove(options.file(), error)) {
        return failure(
            ErrorKind::Unavailable,
            "cli.cannot_remove",
            options.file().string() + " cannot be removed: " + error.message());
    }
    std::cout << "Logged out of " << context.url << '\n';
    return kNothingDue;
}

Result<int> show_users(const FleetOptions& options) {
    const client::ListView& view = *client::list_view_named("users");
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"users"}));
    std::cout
        << (options.json ? client::view_json(view.list, items) + "\n"
                         : client::view_table(view, items));
    return kNothingDue;
}

void print_link(const std::string& name, const std::string& link) {
    std::cout << "With this link " << printable(name)
              << " chooses a password, once, within 24 hours:\n  " << printable(link) << '\n';
}

Result<int> add_user(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string link, client::add_user(context, options.user));
    if (link.empty()) {
        std::cout << printable(options.user.name) << " signs in by the provider: " << context.url
                  << "/sso\n";
    } else {
        print_link(options.user.name, link);
    }
    return kNothingDue;
}

Result<int> link_for_user(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string link, client::link_for_user(context, options.user.name));
    print_link(options.user.name, link);
    return kNothingDue;
}

Result<int> change_user(const FleetOptions& options, client::UserWish wish, const char* said) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    wish.why = options.why;
    THIMBLE_TRY(client::change_user(context, options.user.name, wish));
    std::cout << printable(options.user.name) << ' ' << said << '\n';
    return kNothingDue;
}

Result<int> disable_user(const FleetOptions& options) {
    return change_user(
        options,
        {"", "true", ""},
        "cannot sign in any more; tokens do nothing until the account is enabled again");
}

Result<int> enable_user(const FleetOptions& options) {
    return change_user(options, {"", "false", ""}, "may sign in again");
}

Result<int> give_role(const FleetOptions& options) {
    return change_user(options, {options.user.role, "", ""}, ("is " + options.user.role).c_str());
}

Result<int> make_token(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string token, client::make_enrolment_token(context, options.wish));
    std::cout << "thimble-agent enrol " << context.url << ' ' << printable(token) << '\n';
    return kNothingDue;
}

/// Those that can still be used, of both kinds that who asks may see.
Result<int> list_tokens(const FleetOptions& options) {
    static constexpr std::array kLists{"enrolment-tokens", "api-tokens"};
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    for (const char* list : kLists) {
        const client::ListView& view = *client::list_view_named(list);
        THIMBLE_TRY(const auto items, client::all_items(context, {list, "&revoked_at=null"}));
        if (options.json) {
            std::cout << client::view_json(list, items) << '\n';
        } else {
            std::cout << view.what << '\n' << client::view_table(view, items);
        }
    }
    return kNothingDue;
}

Result<int> revoke_token(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string name, client::revoke_token(context, options.token));
    std::cout << "Revoked the token " << printable(name) << '\n';
    return kNothingDue;
}

}  // namespace

void declare_log_in(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* command =
        declare_fleet_verb(app, {"login", "Become known to a server"}, options, action, log_in);
    command->add_option("URL", options.url, "https://NAME:PORT of the server")->required();
    command->add_option("--pin", options.pin, "Authority, as thimble server check prints it");
    command->add_flag(
        "--token-stdin", options.token_stdin, "Read an API token instead of name and password");
    command
        ->add_flag(
            "--sso", options.sign_on, "Sign in by the server's provider, in a browser anywhere")
        ->excludes("--token-stdin");
    command->add_flag(
        "--administer", options.administer, "Also to change users and to revoke tokens");
    declare_fleet_verb(
        app, {"logout", "Have the token revoked, and forget it"}, options, action, log_out);
}

void declare_users(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* users = declare_fleet_command(app, "users", "Who may sign in", options);
    users->add_flag("--json", options.json, "Print JSON");
    users->require_subcommand(0, 1);
    users->callback([&options, &action, users] {
        if (users->get_subcommands().empty()) {
            action = [&options] {
                return show_users(options);
            };
        }
    });
    const auto verb =
        [&](const char* name, const char* what, Result<int> (*work)(const FleetOptions&)) {
            CLI::App* command = declare_fleet_verb(*users, {name, what}, options, action, work);
            command->add_option("NAME", options.user.name, "The name to sign in with")->required();
            return command;
        };
    CLI::App* added = verb("add", "Let somebody sign in, by a link or by the provider", add_user);
    added->add_option(
        "--role", options.user.role, "viewer (the default), operator, approver or administrator");
    added->add_option(
        "--group", options.user.group, "The one host group that they see (default: all)");
    added->add_option(
        "--oidc", options.user.subject, "Who they are at the server's provider: the subject");
    verb("link", "Print another such link", link_for_user);
    CLI::App* role = verb("role", "Give somebody another role", give_role);
    role->add_option("ROLE", options.user.role, "viewer, operator, approver or administrator")
        ->required();
    CLI::App* disabled = verb("disable", "Let somebody in no more", disable_user);
    CLI::App* enabled = verb("enable", "Let somebody in again", enable_user);
    for (CLI::App* command : {role, disabled, enabled}) {
        command->add_option("--why", options.why, "The reason; it is recorded");
    }
}

void declare_tokens(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* tokens = app.add_subcommand("tokens", "Tokens of the server");
    tokens->require_subcommand(1);
    CLI::App* enrol = declare_fleet_verb(
        *tokens,
        {"enrol", "Print the line that makes a host one of the fleet"},
        options,
        action,
        make_token);
    enrol->add_option("--group", options.wish.group, "Host group (default: default)");
    enrol->add_option(
        "--tag", options.wish.tags, "Tag of the hosts, WORD or KEY=VALUE; repeatable");
    enrol->add_flag("--reusable", options.wish.reusable, "Good for more than one host");
    enrol->add_option("--days", options.wish.days, "How long it is good (default: 1)")
        ->check(CLI::Range(1, 3650));
    declare_fleet_verb(
        *tokens, {"list", "Those that are not revoked"}, options, action, list_tokens)
        ->add_flag("--json", options.json, "Print JSON, one line for each kind");
    declare_fleet_verb(
        *tokens, {"revoke", "Let nobody use a token any more"}, options, action, revoke_token)
        ->add_option("TOKEN", options.token, "How its id begins")
        ->required();
}

}  // namespace thimble::cli
