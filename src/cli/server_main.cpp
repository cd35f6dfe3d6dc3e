// thimble-server: the server of a fleet, and what looks after it. `thimble` starts it.
#include "thimble/base/counted.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/ask_person.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/usage.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/server/maintenance.hpp"
#include "thimble/server/serve.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <iostream>
#include <string>

namespace {

using Action = std::function<thimble::Result<void>()>;

/// What the options of all commands say.
struct Options {
    std::string data;
    thimble::server::ServeOptions serve;
    std::int64_t keep_days = 400;
    std::int64_t keep_documents_days = 30;
    std::string file;
    std::string head;
    std::string user;

    [[nodiscard]] thimble::server::ServerPlace place() const {
        return {serve.data, serve.database};
    }
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
    serve->add_option(
        "--catalog",
        options.serve.catalog,
        "Catalog by which hosts are judged (default: that of thimble feeds sync)");
    constexpr std::int64_t kLongest = 36'500;
    serve
        ->add_option(
            "--keep-days",
            options.keep_days,
            "How long closed jobs, reports, runs and plans are kept (default: 400)")
        ->check(CLI::Range(std::int64_t{30}, kLongest));
    serve
        ->add_option(
            "--keep-documents-days",
            options.keep_documents_days,
            "How long documents that nothing names are kept (default: 30)")
        ->check(CLI::Range(std::int64_t{1}, kLongest));
    serve->callback([&] {
        action = [&options] {
            options.serve.keep = {
                thimble::Days(options.keep_days), thimble::Days(options.keep_documents_days)};
            return thimble::server::serve(
                options.serve, thimble::host::SystemClock(), std::cout, std::cerr);
        };
    });
}

thimble::Instant now() {
    return thimble::host::SystemClock().now();
}

void print(const thimble::server::CheckReport& report) {
    std::cout << "Audit log: "
              << thimble::counted(
                     static_cast<std::uint64_t>(report.audit_entries), "entry", "entries")
              << ", head " << report.audit_entries << ':' << report.audit_head << '\n';
}

thimble::Result<void> check(const Options& options) {
    THIMBLE_TRY(const auto report, thimble::server::check_server(options.place(), now()));
    std::cout << "Database: whole, version " << report.schema_version << '\n';
    print(report);
    std::cout << "Authority: " << report.authority << '\n';
    if (!report.leader.empty()) {
        std::cout << "Leads: " << report.leader << '\n';
    }
    return {};
}

thimble::Result<void> verify(const Options& options) {
    THIMBLE_TRY(
        const auto report, thimble::server::verify_audit_log(options.place(), options.head));
    print(report);
    return {};
}

/// Read twice from a terminal: what is not seen is easily mistyped.
thimble::Result<void> set_password(const Options& options) {
    const std::string password = thimble::cli::ask_secretly("Password: ");
    if (::isatty(STDIN_FILENO) == 1 && thimble::cli::ask_secretly("Again: ") != password) {
        return thimble::failure(
            thimble::ErrorKind::Invalid, "cli.other_password", "these are two passwords");
    }
    THIMBLE_TRY(thimble::server::set_user_password(options.place(), options.user, password, now()));
    std::cout << thimble::printable(options.user) << " has a new password; their sessions ended\n";
    return {};
}

struct Described {
    const char* name;
    const char* description;
};

/// A command whose work is a function of the options.
template <class Work>
CLI::App* declare(
    CLI::App& parent, Described described, Options& options, Action& action, Work work) {
    CLI::App* command = parent.add_subcommand(described.name, described.description);
    declare_place(*command, options);
    command->callback([&options, &action, work] {
        action = [&options, work] {
            return work(options);
        };
    });
    return command;
}

void declare_maintenance(CLI::App& app, Options& options, Action& action) {
    CLI::App* server = app.add_subcommand("server", "Look after the server");
    server->require_subcommand(1);
    declare(*server, {"check", "Database, audit chain and keys"}, options, action, check);
    declare(
        *server,
        {"set-password", "Give somebody a password: read from the terminal or the input"},
        options,
        action,
        set_password)
        ->add_option("NAME", options.user, "Who; the first start makes admin")
        ->required();
    CLI::App* backup = declare(
        *server,
        {"backup", "Database and keys in one new file"},
        options,
        action,
        [](const Options& wanted) {
            return thimble::server::back_up_server(wanted.place(), wanted.file);
        });
    backup->add_option("FILE", options.file, "The file to write; it holds every key")->required();
    CLI::App* restore = declare(
        *server,
        {"restore", "A new directory from a backup"},
        options,
        action,
        [](const Options& wanted) {
            return thimble::server::restore_server(wanted.file, wanted.place(), now());
        });
    restore->add_option("FILE", options.file, "The backup")->required();
}

void declare_audit(CLI::App& app, Options& options, Action& action) {
    CLI::App* audit = app.add_subcommand("audit", "The log of every decision and change");
    audit->require_subcommand(1);
    declare(*audit, {"verify", "Follow the chain of hashes"}, options, action, verify)
        ->add_option("--head", options.head, "SEQUENCE:HASH that was noted before");
    declare(*audit, {"export", "Print it as NDJSON"}, options, action, [](const Options& wanted) {
        return thimble::server::export_audit_log(wanted.place(), std::cout);
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
    declare_maintenance(app, options, action);
    declare_audit(app, options, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        thimble::cli::parse_arguments(app, argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    options.serve.data = options.data.empty() ? thimble::cli::state_directory("") / "server"
                                              : std::filesystem::path(options.data);
    if (options.serve.catalog.empty()) {
        options.serve.catalog = thimble::cli::catalog_path(thimble::cli::state_directory(""));
    }
    if (const auto done = action(); !done) {
        return thimble::cli::complain(std::cerr, done.error());
    }
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? 0 : thimble::cli::kCannotWrite;
}
