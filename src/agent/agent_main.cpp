// The program thimble-agent: the unprivileged half of an agent. It has the network, and no rights.
#include "thimble/agent/agent_run.hpp"
#include "thimble/agent/enrolment.hpp"
#include "thimble/agent/exit_status.hpp"
#include "thimble/agent/relay.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/told_error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/os_release.hpp"

#include <CLI/CLI.hpp>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

namespace {

using thimble::Error;
using thimble::ErrorKind;
using thimble::Result;
namespace agent = thimble::agent;

/// What the options of all commands say.
struct Options {
    std::string state = "/var/lib/thimble-agent";
    std::string helper_state = "/var/lib/thimble-agent-helper";
    std::string socket = "/run/thimble-agent-helper/socket";
    std::string root;
    std::string cache;
    std::string user;
    std::string url;
    std::string token;
    std::string name;
    std::string relay = "/var/lib/thimble-relay";
    agent::OverSshOrder over;
    std::ptrdiff_t at_once = 16;
    bool once = false;
    bool json = false;
};

using Action = std::function<Result<void>()>;

void complain(const Error& error) {
    std::cerr << "thimble-agent: " << thimble::printable(error.text(), 8192) << " [" << error.code
              << "]" << '\n'
              << std::flush;
}

agent::HostFacts host_facts(const std::string& name) {
    constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
    utsname names{};
    ::uname(&names);
    thimble::host::LocalHost host;
    const auto text = host.read_file("/etc/os-release", kMaxBytes);
    const auto os =
        text ? thimble::inventory::parse_os_release(*text) : thimble::model::OsRelease();
    const auto machine = host.read_file("/etc/machine-id", kMaxBytes);
    return {
        .name = name.empty() ? &names.nodename[0] : name,
        .operating_system = os.id.empty() ? "unknown" : os.id + " " + os.version_id,
        .architecture = &names.machine[0],
        .machine = agent::machine_digest(machine ? *machine : "")};
}

Result<std::string> enrol_this(const Options& options) {
    return agent::enrol(
        {.url = options.url,
         .token = options.token,
         .agent = {options.state},
         .get_ready = [&] { return agent::make_state_folder(options.helper_state); },
         .tell_helper =
             [&](const thimble::protocol::HostIdentity& identity) {
                 return agent::keep_identity(options.helper_state, identity);
             },
         .facts = host_facts(options.name),
         .agent_user = options.user});
}

Result<std::string> enrol_other(const Options& options) {
    agent::OverSshOrder order = options.over;
    order.url = options.url;
    order.token = options.token;
    order.name = options.name;
    order.relay = options.relay;
    return agent::enrol_over_ssh(order);
}

/// What an enrolment has written, for whom, and in the place of what.
/// @param before  nullptr: this is the first one
std::string kept_words(const Options& options, const agent::KnownServer* before) {
    std::string text;
    if (before != nullptr) {
        text += thimble::wrapped_text(
            "It was " + before->host + " of " + before->url
                + " before; what was not reported to it is dropped.",
            {});
    }
    text += thimble::wrapped_text(
        "Its key and certificate are in " + options.state + ", for "
            + (options.user.empty() ? "whoever runs this" : options.user)
            + "; who it is, for the root helper, in " + options.helper_state + ".",
        {});
    return text;
}

Result<void> enrol(const Options& options) {
    const bool is_this = options.over.address.empty();
    const auto before = agent::enrolled_server({options.state});
    THIMBLE_TRY(const std::string host, is_this ? enrol_this(options) : enrol_other(options));
    std::cout << (is_this ? "This host is " : "The host is ") << host << '\n' << std::flush;
    if (is_this) {
        std::cerr << kept_words(options, before ? &*before : nullptr);
    }
    return {};
}

Result<agent::AgentRun> open_run(const Options& options) {
    static const thimble::host::SystemClock kClock;
    return agent::AgentRun::open(
        {.folder = {options.state},
         .reach = std::make_unique<agent::LocalReach>(options.socket, options.root)},
        kClock,
        complain);
}

Result<void> relay(const Options& options) {
    static const thimble::host::SystemClock kClock;
    return agent::run_relay(
        {.folder = options.relay, .at_once = options.at_once, .once = options.once},
        kClock,
        [](const std::string& host, const Error& error) {
            complain(thimble::because(host, error));
        });
}

Result<void> show_status(const Options& options) {
    const agent::AgentFolder folder{options.state};
    THIMBLE_TRY(const agent::KnownServer server, agent::enrolled_server(folder));
    const auto bytes = agent::read_state_file(folder.reports(), agent::kMaxJournalBytes);
    if (!bytes && bytes.error().kind != ErrorKind::NotFound) {
        return bytes.error();
    }
    // Before the first run there is none.
    THIMBLE_TRY(const agent::ParsedJournal journal, agent::parse_journal(bytes.value_or("")));
    const std::uint64_t last = journal.reports.empty() ? 0 : journal.reports.back().sequence;
    if (options.json) {
        std::string out;
        thimble::JsonWriter json(out);
        json.open_object().member("host", server.host).member("server", server.url);
        json.key("report_sequence").number(static_cast<std::int64_t>(last)).close_object();
        std::cout << out << "\n";
    } else {
        std::cout << "host " << thimble::printable(server.host) << "\nserver "
                  << thimble::printable(server.url) << "\nreports written " << last << "\n";
    }
    return {};
}

CLI::App* declare(CLI::App& app, const char* verb, const char* what, Options& options) {
    CLI::App* command = app.add_subcommand(verb, what);
    command->add_option("--state", options.state, "Directory of the agent");
    return command;
}

void declare_over_ssh(CLI::App& enrolling, CLI::Option& over, Options& options) {
    const std::array<CLI::Option*, 4> its{
        enrolling.add_option(
            "--host-key", options.over.host_key, "Its key: SHA256:…, or the line of its .pub file"),
        enrolling.add_option("--key", options.over.key, "File of the SSH key to sign in with"),
        enrolling.add_flag("--sudo", options.over.sudo, "Become root there by sudo"),
        enrolling.add_option("--relay", options.relay, "Directory of the relay that serves it")};
    for (CLI::Option* const option : its) {
        option->needs(&over);
    }
}

void declare_all(CLI::App& app, Options& options, Action& action) {
    CLI::App* enrolling = declare(app, "enrol", "Make this host one of a server's fleet", options);
    enrolling->add_option("URL", options.url, "https://NAME:PORT of the server")->required();
    enrolling->add_option("TOKEN", options.token, "The enrolment token")->required();
    enrolling->add_option("--name", options.name, "What the host is called (default: its own)");
    CLI::Option* helper = enrolling->add_option(
        "--helper-state", options.helper_state, "Directory of the root helper");
    CLI::Option* user =
        enrolling->add_option("--user", options.user, "Who runs the agent then: thimble-agent");
    CLI::Option* over = enrolling->add_option(
        "--over", options.over.address, "Another host, without an agent: ssh://[user@]name[:port]");
    over->excludes(helper, user, enrolling->get_option("--state"));
    declare_over_ssh(*enrolling, *over, options);
    enrolling->callback([&] {
        action = [&] {
            return enrol(options);
        };
    });

    CLI::App* running = declare(app, "run", "Check in, carry jobs to the root helper", options);
    CLI::App* once = declare(app, "check-in", "Check in once, send what is due", options);
    for (CLI::App* command : {running, once}) {
        command->add_option("--root", options.root, "Directory that stands for the host");
        command->add_option("--helper", options.socket, "Socket of the root helper");
    }
    running->callback([&] {
        action = [&]() -> Result<void> {
            THIMBLE_TRY(agent::AgentRun run, open_run(options));
            return run.run();
        };
    });
    once->callback([&] {
        action = [&]() -> Result<void> {
            THIMBLE_TRY(agent::AgentRun run, open_run(options));
            return run.check_in_once();
        };
    });

    CLI::App* relaying =
        app.add_subcommand("relay", "Check in and carry jobs for hosts without an agent, over SSH");
    relaying->add_option("--relay", options.relay, "Directory of the relay");
    relaying->add_option("--at-once", options.at_once, "Connections at once, of each kind")
        ->check(CLI::Range(1, 256));
    relaying->add_flag("--once", options.once, "Check in once for each host, send what is due");
    relaying->callback([&] {
        action = [&] {
            return relay(options);
        };
    });

    CLI::App* status = declare(app, "status", "Whose host this is, and what is unsent", options);
    status->add_flag("--json", options.json, "Print JSON");
    status->callback([&] {
        action = [&] {
            return show_status(options);
        };
    });

    CLI::App* inventory =
        app.add_subcommand("inventory", "Print the inventory as it is sent: two documents");
    inventory->add_option("--root", options.root, "Directory that stands for the host");
    inventory->add_option(
        "--cache", options.cache, "Directory to keep changelogs of updates in; else none is read");
    inventory->callback([&] {
        action = [&] {
            return agent::print_inventory({options.root, options.cache}, std::cout);
        };
    });
}

}  // namespace

int main(int argc, char** argv) {
    // A server that goes away while it is written to is an error like others.
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail
    CLI::App app{"Thimble: this host as one of a fleet", "thimble-agent"};
    app.require_subcommand(1);
    Options options;
    Action action;
    declare_all(app, options, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream help;
        std::ostringstream wrong;
        const int status = app.exit(error, help, wrong);
        std::cout << thimble::narrowed(help.str());
        std::cerr << thimble::narrowed(wrong.str());
        return status == 0 ? 0 : agent::kUsage;
    }
    if (const auto done = action(); !done) {
        complain(done.error());
        if (options.json) {
            const Error& error = done.error();
            std::cout << thimble::told_error_json(
                {.code = error.code, .message = thimble::printable(error.text(), 8192), .next = {}})
                      << '\n';
        }
        return agent::exit_status_of(done.error());
    }
    std::cout.flush();
    return std::cout ? 0 : agent::kCannotWrite;
}
