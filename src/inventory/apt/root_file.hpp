#pragma once
/// @file One file of a root directory, as that root itself would open it, for a library that opens it by name on this machine.

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::inventory::apt {

/// "inventory.odd_root": what libapt-pkg is not to open.
Error odd_root(const std::string& path, std::string_view why);

/// Whether it is not there, or no link of the root leads to it.
bool leads_nowhere(const Error& error);

/// Owners mask a file of settings by a link to it. It ends at once.
bool is_null_device(const std::filesystem::path& place);

/// The name of what is open, whatever somebody does to the name that it was opened by. Of this process alone.
std::string opened_path(const host::Descriptor& opened);

/// The regular file that a path of the root leads to in it; none where that is something else, or nothing.
/// @error as host::RootHost::open_file, where it is there and cannot be opened
Result<std::optional<host::Descriptor>> file_in_root(host::RootHost& root, const std::string& path);

/// Whether a name on this machine leads to what the root has there.
bool is_same(const std::string& name, const host::Descriptor& opened);

Result<void> link_to(const std::filesystem::path& target, const std::filesystem::path& place);

}  // namespace thimble::inventory::apt
