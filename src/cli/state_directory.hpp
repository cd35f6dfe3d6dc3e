#pragma once
/// @file Where Thimble keeps what it has learned: feeds, catalog, changelog evidence.

#include <filesystem>
#include <string>

namespace thimble::cli {

/// `wanted` when not empty; else $THIMBLE_STATE; else /var/lib/thimble for root, and
/// $XDG_STATE_HOME/thimble or ~/.local/state/thimble for others.
std::filesystem::path state_directory(const std::string& wanted);

/// `wanted` when not empty; else $THIMBLE_CONFIG; else /etc/thimble for root, and
/// $XDG_CONFIG_HOME/thimble or ~/.config/thimble for others.
std::filesystem::path config_directory(const std::string& wanted);

/// The compiled catalog within a state directory.
std::filesystem::path catalog_path(const std::filesystem::path& state);

}  // namespace thimble::cli
