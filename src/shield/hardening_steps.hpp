#pragma once
/// @file Hardening: which file says it, and how what the host tells is read. Pure.

#include "thimble/mitigate/control.hpp"
#include "thimble/shield/owned_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::shield {

/// The file of ours that keeps it so over a start of the machine; a disabled unit and a removed package
/// need none.
std::optional<OwnedFile> hardening_file(std::string_view id, const mitigate::Hardening& hardening);

/// What is hardened: "unit cups.service", "module dccp", "setting a.b", "package cups". Two controls of one would undo
/// each other.
std::string hardening_target(const mitigate::Hardening& hardening);

/// Where the kernel tells and takes a setting.
std::string path_of_setting(std::string_view name);

/// Blanks between words are one, as different writers of a setting have it.
std::string normal_value(std::string_view value);

/// A line `name=value` of `systemctl show`; empty: there is none.
std::string shown_property(std::string_view shown, std::string_view name);

/// How many use a module of /proc/modules; nothing: it is not loaded.
std::optional<int> users_of_module(std::string_view modules, std::string_view name);

}  // namespace thimble::shield
