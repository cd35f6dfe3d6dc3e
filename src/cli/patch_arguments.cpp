#include "thimble/cli/patch_arguments.hpp"

#include "thimble/apply/named_packages.hpp"
#include "thimble/apply/origin_patterns.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/selectable_name.hpp"
#include "thimble/model/vulnerability_id.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace thimble::cli {
namespace {

Error bad_option(std::string message) {
    return failure(ErrorKind::Invalid, "cli.bad_option", std::move(message));
}

constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!word.empty()) {
            words.emplace_back(word);
        }
    }
    return words;
}

/// "127.0.0.1:5432", "[::1]:5432", "localhost:5432"
bool is_host_and_port(std::string_view text) {
    constexpr unsigned kLastPort = 65535;
    const std::size_t colon = text.rfind(':');
    if (colon == 0 || colon == std::string_view::npos) {
        return false;
    }
    const std::string digits(text.substr(colon + 1));
    const char* const end = digits.data() + digits.size();
    unsigned port = 0;
    const auto [at, failed] = std::from_chars(digits.data(), end, port);
    return failed == std::errc() && at == end && port > 0 && port <= kLastPort;
}

/// What a transaction reads or writes whatever its packages are: without one of them nothing is rehearsed.
constexpr auto kNeeded = std::to_array<std::string_view>(
    {"/bin",
     "/dev",
     "/etc/alternatives",
     "/etc/apt",
     "/etc/dnf",
     "/etc/dpkg",
     "/etc/group",
     "/etc/ld.so.cache",
     "/etc/passwd",
     "/etc/rpm",
     "/etc/zypp",
     "/lib",
     "/lib64",
     "/proc",
     "/run",
     "/sbin",
     "/tmp",
     "/usr/bin",
     "/usr/lib",
     "/usr/lib/dpkg",
     "/usr/lib/rpm",
     "/usr/lib/sysimage/rpm",
     "/usr/lib64",
     "/usr/sbin",
     "/usr/share",
     "/var/lib/apt",
     "/var/lib/dpkg",
     "/var/lib/rpm",
     "/var/tmp"});
/// Of these also no part.
constexpr auto kNeededWhole =
    std::to_array<std::string_view>({"/usr/lib/sysimage/rpm", "/var/lib/dpkg", "/var/lib/rpm"});

/// Of normal paths.
bool is_within(std::string_view path, std::string_view folder) {
    return folder == "/" || path == folder
        || (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

Result<void> check_mask(const std::string& mask) {
    std::string path = std::filesystem::path(mask).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    if (!path.starts_with('/')) {
        return bad_option("--mask " + mask + ": give a path from the root on, /srv/data");
    }
    const auto is_needed = [&](std::string_view needed) {
        return is_within(needed, path);
    };
    const auto has_part = [&](std::string_view needed) {
        return is_within(path, needed);
    };
    const auto* const needed = std::ranges::find_if(kNeeded, is_needed);
    const auto* const whole = std::ranges::find_if(kNeededWhole, has_part);
    if (needed != kNeeded.end() || whole != kNeededWhole.end()) {
        return bad_option(
            "--mask " + mask + ": a transaction needs "
            + std::string(needed != kNeeded.end() ? *needed : *whole)
            + "; mask secrets and bulk data, /srv/data");
    }
    return {};
}

}  // namespace

Result<model::HealthProbe> parse_probe(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::size_t colon = equals == std::string_view::npos ? equals : text.find(':', equals);
    const Error bad = bad_option(
        "--probe " + std::string(text)
        + ": give NAME=tcp:HOST:PORT (1 to 65535), NAME=http:URL or NAME=command:PROGRAM "
          "ARGUMENTS");
    if (equals == 0 || colon == std::string_view::npos) {
        return bad;
    }
    model::HealthProbe probe;
    probe.name = text.substr(0, equals);
    const std::string_view kind = text.substr(equals + 1, colon - equals - 1);
    const std::string_view rest = text.substr(colon + 1);
    if (kind == "tcp" && is_host_and_port(rest)) {
        probe.kind = model::ProbeKind::Tcp;
        probe.target = rest;
    } else if (kind == "http" && (rest.starts_with("http://") || rest.starts_with("https://"))) {
        probe.kind = model::ProbeKind::Http;
        probe.target = rest;
    } else if (kind == "command" && !words_of(rest).empty()) {
        probe.kind = model::ProbeKind::Command;
        probe.argv = words_of(rest);
    } else {
        return bad;
    }
    return probe;
}

Result<void> finish_patch_options(PatchOptions& options) {
    const auto* const level = std::ranges::find_if(kLevels, [&](model::UpgradeLevel candidate) {
        return model::upgrade_level_name(candidate) == options.level;
    });
    if (level == kLevels.end()) {
        return bad_option(
            "--level " + options.level + ": give security-only, upgrade, upgrade-with-new or full");
    }
    options.selection.level = *level;
    THIMBLE_TRY(apply::parse_origin_patterns(options.policy.origins));
    THIMBLE_TRY(apply::NamedPackages::of(options.selection.packages));
    for (std::string& id : options.selection.vulnerabilities) {
        THIMBLE_TRY(model::vulnerability_id_of(id));
        id = model::as_vulnerability_id(std::move(id));
    }
    for (const std::string& id : options.selection.advisories) {
        if (!model::is_selectable_name(id)) {
            return bad_option(
                "--advisory '" + printable(id)
                + "' is no id of an advisory: give one as DSA-5477-1");
        }
    }
    if (options.conffiles != "keep-old" && options.conffiles != "refuse") {
        return bad_option("--conffiles " + options.conffiles + ": give keep-old or refuse");
    }
    options.policy.conffiles = options.conffiles == "refuse" ? model::ConffilePolicy::Refuse
                                                             : model::ConffilePolicy::KeepOld;
    const model::PlanSelection& selection = options.selection;
    const bool names = !selection.packages.empty() || !selection.vulnerabilities.empty()
        || !selection.advisories.empty();
    options.selection.security = options.security || (!selection.all && !names);
    options.policy.roll_back_on_failure = !options.no_rollback;
    options.policy.settle = std::chrono::seconds(options.settle_seconds);
    options.policy.settle_tries = options.settle_tries;
    options.policy.transaction_timeout = std::chrono::seconds(options.transaction_seconds);
    options.policy.silence_timeout = std::chrono::seconds(options.silence_seconds);
    for (const std::string& mask : options.masked) {
        THIMBLE_TRY(check_mask(mask));
    }
    for (const std::string& text : options.probes) {
        THIMBLE_TRY(model::HealthProbe probe, parse_probe(text));
        std::vector<model::HealthProbe>& probes = options.policy.probes;
        if (std::ranges::find(probes, probe.name, &model::HealthProbe::name) != probes.end()) {
            return bad_option(
                "--probe " + printable(probe.name) + ": give each probe its own name");
        }
        probe.timeout = std::chrono::seconds(options.probe_seconds);
        probes.push_back(std::move(probe));
    }
    return {};
}

}  // namespace thimble::cli
