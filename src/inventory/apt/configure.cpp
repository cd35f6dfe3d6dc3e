#include "configure.hpp"

#include "options.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/init.h>
#include <apt-pkg/pkgsystem.h>

#include <array>
#include <string_view>
#include <vector>

namespace thimble::inventory::apt {
namespace {

/// What decides about upgrades, and names no program.
constexpr std::array kDecidingSettings{
    "APT::Default-Release",
    "APT::Install-Recommends",
    "APT::Install-Suggests",
    "APT::Ignore-Hold",
    "APT::Never-Include-Phased-Updates",
    "APT::Always-Include-Phased-Updates",
    "APT::Get::Never-Include-Phased-Updates",
    "APT::Get::Always-Include-Phased-Updates",
    "Update-Manager::Never-Include-Phased-Updates",
    "Update-Manager::Always-Include-Phased-Updates",
    "Acquire::Check-Valid-Until",
};

constexpr std::array kStatePaths{
    "Dir::Etc",
    "Dir::State",
    "Dir::Cache",
};

Error apt_failure(std::string_view what) {
    return failure(
        ErrorKind::Unavailable,
        "inventory.apt_configuration",
        std::string(what) + ": " + take_apt_errors());
}

/// The part of a root's configuration that is taken over.
void take_deciding_settings(const std::string& settings) {
    Configuration theirs;
    const std::string folder = settings + "/apt.conf.d";
    const std::string file = settings + "/apt.conf";
    if (DirectoryExists(folder)) {
        ReadConfigDir(theirs, folder);
    }
    if (RealFileExists(file)) {
        ReadConfigFile(theirs, file);
    }
    for (const char* name : kDecidingSettings) {
        _config->Clear(name);
        if (theirs.Exists(name)) {
            _config->Set(name, theirs.Find(name));
        }
    }
}

void point_at_root(const Options& options) {
    for (const char* name : kStatePaths) {
        _config->Clear(name);
    }
    _config->Set("Dir", options.root);
    _config->Set("Dir::Etc", options.settings + "/");
    // Passwords are read by the programs that fetch, for which what we have open is not open.
    _config->Set("Dir::Etc::netrc", options.root + "/etc/apt/auth.conf");
    _config->Set("Dir::Etc::netrcparts", options.root + "/etc/apt/auth.conf.d");
    _config->Set("Dir::Etc::sourcelist", "sources.list");
    _config->Set("Dir::Etc::sourceparts", "sources.list.d");
    _config->Set("Dir::Etc::preferences", "preferences");
    _config->Set("Dir::Etc::preferencesparts", "preferences.d");
    _config->Set("Dir::Etc::trusted", "trusted.gpg");
    _config->Set("Dir::Etc::trustedparts", "trusted.gpg.d");
    _config->Set("Dir::Etc::main", "apt.conf");
    _config->Set("Dir::Etc::parts", "apt.conf.d");
    _config->Set("Dir::State", options.state + "/");
    _config->Set("Dir::State::lists", options.lists + "/");
    _config->Set("Dir::State::extended_states", options.marks);
    _config->Set("Dir::State::status", options.status);
    _config->Set("Dir::Cache", "var/cache/apt/");
    _config->Set("APT::Machine-ID", options.machine_id);
    take_deciding_settings(options.settings);
}

void set_architectures(const std::vector<std::string>& architectures) {
    if (architectures.empty()) {
        return;
    }
    _config->Set("APT::Architecture", architectures.front());
    _config->Clear("APT::Architectures");
    for (const std::string& architecture : architectures) {
        _config->Set("APT::Architectures::", architecture);
    }
}

/// Nothing on the host is written: apt's caches go to our own folder, or stay in memory.
void keep_hands_off(const std::string& cache) {
    _config->Set("Dir::Cache::pkgcache", cache.empty() ? "" : cache + "/pkgcache.bin");
    _config->Set("Dir::Cache::srcpkgcache", cache.empty() ? "" : cache + "/srcpkgcache.bin");
    _config->Set("Debug::NoLocking", "true");
    _config->Set("APT::Get::List-Cleanup", "false");
    _config->Clear("APT::Solver");
    _config->Clear("APT::Planner");
    _config->Clear("Dir::Log");
    _config->Set("quiet", "2");
}

}  // namespace

std::string take_apt_errors() {
    std::string errors;
    while (!_error->empty(GlobalError::DEBUG)) {
        std::string message;
        if (_error->PopMessage(message)) {
            errors += errors.empty() ? message : "; " + message;
        }
    }
    return errors;
}

Result<void> configure(const Options& options) {
    if (!pkgInitConfig(*_config)) {
        return apt_failure("apt's configuration cannot be read");
    }
    if (!options.root.empty()) {
        point_at_root(options);
    }
    set_architectures(options.architectures);
    keep_hands_off(options.cache);
    if (!pkgInitSystem(*_config, _system)) {
        return apt_failure("apt cannot start");
    }
    return {};
}

}  // namespace thimble::inventory::apt
