#include "thimble/rehearse/service_trial.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/net_table.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/parse_unit.hpp"
#include "thimble/rehearse/trial.hpp"
#include "thimble/verify/read_health.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Variables = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kUnitLimit = std::size_t{1} << 20;
constexpr std::size_t kNetLimit = std::size_t{16} << 20;
constexpr std::size_t kOutputLimit = 4096;
constexpr std::chrono::milliseconds kPause{100};
// A service that has run for so long without a probe to ask counts as started.
constexpr std::chrono::milliseconds kSteady{1000};

/// In the order in which systemd looks.
constexpr auto kUnitFolders = std::to_array<std::string_view>(
    {"/etc/systemd/system/",
     "/usr/local/lib/systemd/system/",
     "/usr/lib/systemd/system/",
     "/lib/systemd/system/"});

bool is_unit_name(std::string_view name) {
    return name.ends_with(".service") && !name.contains('/') && !name.contains('\0');
}

/// "web@one.service" is described by "web@.service".
std::string template_of(const std::string& name) {
    const std::size_t at = name.find('@');
    return at == std::string::npos ? name : name.substr(0, at + 1) + ".service";
}

void add_drop_ins(host::Host& clone, const std::string& unit, std::vector<std::string>& texts) {
    // A name in an earlier folder hides the same name in a later one; all are taken by name.
    std::vector<std::pair<std::string, std::string>> found;
    for (const std::string_view folder : kUnitFolders) {
        const std::string drop_ins = std::string(folder) + unit + ".d";
        const auto names = clone.list(drop_ins);
        for (const std::string& name : names ? *names : std::vector<std::string>()) {
            const auto is_same = [&](const auto& known) {
                return known.first == name;
            };
            if (name.ends_with(".conf") && std::ranges::none_of(found, is_same)) {
                std::string path = drop_ins;
                found.emplace_back(name, path.append("/").append(name));
            }
        }
    }
    std::ranges::sort(found);
    for (const auto& [name, path] : found) {
        if (auto text = clone.read_file(path, kUnitLimit)) {
            texts.push_back(*std::move(text));
        }
    }
}

Result<ServiceUnit> read_unit(host::Host& clone, const std::string& name) {
    if (!is_unit_name(name)) {
        return failure(ErrorKind::Invalid, "rehearse.bad_unit", "only services can be started");
    }
    std::vector<std::string> texts;
    for (const std::string& file : {name, template_of(name)}) {
        for (const std::string_view folder : kUnitFolders) {
            if (auto text = clone.read_file(std::string(folder) + file, kUnitLimit);
                text && texts.empty()) {
                texts.push_back(*std::move(text));
            }
        }
    }
    if (texts.empty()) {
        return failure(ErrorKind::NotFound, "rehearse.no_unit", "there is no unit " + name);
    }
    add_drop_ins(clone, name, texts);
    return parse_unit(texts, name);
}

/// A unit that is being started.
struct Service {
    TrialResult result;
    std::unique_ptr<host::BackgroundProgram> program;
};

class Starting {
public:
    Starting(host::Enclosure& clone, const ServiceUnit& unit) : clone_(clone), unit_(unit) {}

    Result<std::unique_ptr<host::BackgroundProgram>> start() {
        THIMBLE_TRY(prepare_folders());
        THIMBLE_TRY(read_environment());
        for (const UnitCommand& command : unit_.start_pre) {
            THIMBLE_TRY(run_to_its_end("ExecStartPre", command));
        }
        // All but the last of a oneshot's commands are done before the next begins.
        for (std::size_t at = 0; at + 1 < unit_.start.size(); ++at) {
            THIMBLE_TRY(run_to_its_end("ExecStart", unit_.start[at]));
        }
        return clone_.start(command_of(unit_.start.back()));
    }

private:
    Result<void> run_to_its_end(const char* setting, const UnitCommand& command) {
        THIMBLE_TRY(const host::Outcome outcome, clone_.run(command_of(command)));
        if (outcome.exit_status != 0 && !command.may_fail) {
            return failure(
                ErrorKind::Unavailable,
                "rehearse.not_started",
                std::string(setting) + " failed: " + outcome.output + outcome.errors);
        }
        return {};
    }

    Result<void> prepare_folders() {
        // "user:" stands for the user and its own group.
        const std::string owner = (unit_.user.empty() ? "root" : unit_.user) + ":" + unit_.group;
        std::vector<std::string> folders;
        folders.reserve(unit_.runtime_directories.size() + unit_.state_directories.size());
        for (const std::string& name : unit_.runtime_directories) {
            folders.push_back("/run/" + name);
        }
        for (const std::string& name : unit_.state_directories) {
            folders.push_back("/var/lib/" + name);
        }
        for (const std::string& folder : folders) {
            if (!clone_.look(folder, host::Follow::Yes)) {
                THIMBLE_TRY(clone_.run({.argv = {"mkdir", "-p", "-m", "755", "--", folder}}));
                THIMBLE_TRY(clone_.run({.argv = {"chown", "--", owner, folder}}));
            }
        }
        return {};
    }

    Result<void> read_environment() {
        variables_ = unit_.environment;
        for (const std::string& file : unit_.environment_files) {
            const bool optional = file.starts_with('-');
            auto text = clone_.read_file(optional ? file.substr(1) : file, kUnitLimit);
            if (!text && !optional) {
                return because("EnvironmentFile", std::move(text).error());
            }
            const Variables more = text ? parse_environment_file(*text) : Variables();
            variables_.insert(variables_.end(), more.begin(), more.end());
        }
        if (!unit_.runtime_directories.empty()) {
            variables_.emplace_back("RUNTIME_DIRECTORY", "/run/" + unit_.runtime_directories[0]);
        }
        return {};
    }

    /// setpriv for the user, env for the folder: both are of the system's essential packages.
    [[nodiscard]] host::Command command_of(const UnitCommand& command) const {
        host::Command whole{
            .argv = {},
            .timeout = std::chrono::seconds(60),
            .output_limit = std::size_t{64} << 10,
            .overflow = host::Overflow::Drop};
        if (!unit_.working_directory.empty()) {
            whole.argv = {"env", "-C", unit_.working_directory, "--"};
        }
        if (!unit_.user.empty() && unit_.user != "root") {
            const auto words = as_user(clone_, unit_.user, unit_.group);
            whole.argv.insert(whole.argv.end(), words.begin(), words.end());
        }
        const std::vector<std::string> words = with_variables(command, variables_);
        whole.argv.insert(whole.argv.end(), words.begin(), words.end());
        for (const auto& [name, value] : std::views::reverse(variables_)) {
            std::string variable = name;
            whole.environment.push_back(variable.append("=").append(value));  // the first wins
        }
        return whole;
    }

    host::Enclosure& clone_;
    const ServiceUnit& unit_;
    Variables variables_;
};

Service start_service(host::Enclosure& clone, const std::string& name) {
    Service service{
        .result = {.name = "service " + name, .passed = false, .output = {}}, .program = {}};
    const auto unit = read_unit(clone, name);
    if (!unit) {
        service.result.output = unit.error().text();
        return service;
    }
    auto program = Starting(clone, *unit).start();
    if (!program) {
        service.result.output = program.error().text();
        return service;
    }
    service.program = *std::move(program);
    for (const std::string& setting : unit->unsupported) {
        service.result.output += setting + "= is not carried out in a clone\n";
    }
    return service;
}

/// A command is a trial like any other, for what it says; the rest is asked as on the host.
TrialResult try_probe(host::Enclosure& clone, const model::HealthProbe& probe) {
    const std::string name = "probe " + probe.name;
    if (probe.kind == model::ProbeKind::Command) {
        return run_trial(
            clone,
            Trial{.name = name, .argv = probe.argv, .user = {}, .run_folder = {}},
            probe.timeout);
    }
    verify::ProbeResult asked = verify::ask_probe(clone, probe);
    return {.name = name, .passed = asked.passed, .output = std::move(asked.detail)};
}

/// Whether a service that is gone went well: a oneshot does nothing else.
bool is_up(Service& service) {
    return service.program != nullptr
        && (service.program->is_running() || service.program->exit_status() == 0);
}

bool all_pass(const std::vector<TrialResult>& results) {
    return std::ranges::all_of(results, &TrialResult::passed);
}

/// Asks all probes again and again, until all pass, the time is up, or there is nobody to wait for.
std::vector<TrialResult> ask_until(
    host::Enclosure& clone,
    std::vector<Service>& services,
    const std::vector<model::HealthProbe>& probes,
    std::chrono::milliseconds settle) {
    const auto begin = SteadyClock::now();
    std::vector<TrialResult> asked;
    for (;;) {
        std::this_thread::sleep_for(kPause);
        asked.clear();
        for (const model::HealthProbe& probe : probes) {
            asked.push_back(try_probe(clone, probe));
        }
        const auto passed = SteadyClock::now() - begin;
        const bool is_steady = !probes.empty() || passed >= kSteady;
        if ((all_pass(asked) && is_steady) || passed >= settle
            || std::ranges::none_of(services, is_up)) {
            return asked;
        }
    }
}

}  // namespace

ServiceResults try_services(
    host::Enclosure& clone,
    const std::vector<std::string>& units,
    const std::vector<model::HealthProbe>& probes,
    std::chrono::milliseconds settle) {
    ServiceResults all;
    std::vector<Service> services;
    services.reserve(units.size());
    for (const std::string& unit : units) {
        services.push_back(start_service(clone, unit));
    }
    const std::vector<TrialResult> asked = ask_until(clone, services, probes, settle);
    all.listeners = read_listeners(clone);
    for (Service& service : services) {
        service.result.passed = is_up(service);
        if (service.program != nullptr) {
            service.result.output += service.program->output(kOutputLimit);
        }
        all.results.push_back(service.result);
    }
    all.results.insert(all.results.end(), asked.begin(), asked.end());
    return all;
}

Result<void> check_unit(host::Host& host, const std::string& unit) {
    THIMBLE_TRY(read_unit(host, unit));
    return {};
}

std::vector<std::string> service_names(host::Host& host) {
    std::vector<std::string> names;
    for (const std::string_view folder : kUnitFolders) {
        for (std::string& name : host.list(folder).value_or(std::vector<std::string>{})) {
            if (is_unit_name(name)) {
                names.push_back(std::move(name));
            }
        }
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    return names;
}

verify::PortRange read_port_range(host::Host& clone) {
    // The file tells of the network of whoever reads it, so that somebody in the clone has to.
    const auto told = clone.run({.argv = {"cat", "/proc/sys/net/ipv4/ip_local_port_range"}});
    const auto ports = told ? verify::parse_port_range(told->output) : verify::PortRange{};
    return ports == verify::PortRange{} ? verify::kUsualPorts : ports;
}

std::vector<std::string> read_listeners(host::Host& clone) {
    std::vector<std::string> listeners;
    constexpr auto kTables = std::to_array<std::pair<const char*, const char*>>(
        {{"tcp", "/proc/1/net/tcp"},
         {"tcp", "/proc/1/net/tcp6"},
         {"udp", "/proc/1/net/udp"},
         {"udp", "/proc/1/net/udp6"}});
    for (const auto& [protocol, path] : kTables) {
        const auto table = clone.read_file(path, kNetLimit);
        if (!table) {
            continue;
        }
        for (const auto& socket : inventory::parse_net_table(*table, protocol)) {
            const bool is_v6 = socket.address.contains(':');
            listeners.push_back(
                socket.protocol + " " + (is_v6 ? "[" + socket.address + "]" : socket.address) + ":"
                + std::to_string(socket.port));
        }
    }
    std::ranges::sort(listeners);
    const auto twice = std::ranges::unique(listeners);
    listeners.erase(twice.begin(), twice.end());
    return listeners;
}

}  // namespace thimble::rehearse
