#include "thimble/cli/state_directory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace thimble::cli {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

}  // namespace

std::filesystem::path state_directory(const std::string& wanted) {
    if (!wanted.empty()) {
        return wanted;
    }
    if (const std::string_view state = environment("THIMBLE_STATE"); !state.empty()) {
        return state;
    }
    if (::geteuid() == 0) {
        return "/var/lib/thimble";
    }
    if (const std::string_view home = environment("XDG_STATE_HOME"); !home.empty()) {
        return std::filesystem::path(home) / "thimble";
    }
    return std::filesystem::path(environment("HOME")) / ".local/state/thimble";
}

std::filesystem::path config_directory(const std::string& wanted) {
    if (!wanted.empty()) {
        return wanted;
    }
    if (const std::string_view config = environment("THIMBLE_CONFIG"); !config.empty()) {
        return config;
    }
    if (::geteuid() == 0) {
        return "/etc/thimble";
    }
    if (const std::string_view home = environment("XDG_CONFIG_HOME"); !home.empty()) {
        return std::filesystem::path(home) / "thimble";
    }
    return std::filesystem::path(environment("HOME")) / ".config/thimble";
}

std::filesystem::path catalog_path(const std::filesystem::path& state) {
    return state / "catalog.thimble";
}

}  // namespace thimble::cli
