#pragma once
/// @file The machine restarts, and proves it: by the id of its boot, read through the host's door.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/shutdown_hold.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

/// Which start of the machine this is.
struct Boot {
    std::string id;      ///< of the kernel, new with each boot; empty: not known
    std::string kernel;  ///< release of the one that runs
    bool operator==(const Boot&) const = default;
};
Boot read_boot(host::Host& host);

/// What was known when a job asked for a restart. It lies on the disk before the machine goes down.
struct RebootMark {
    std::string job;
    std::string boot;  ///< id
    bool operator==(const RebootMark&) const = default;
};
std::string format_reboot_mark(const RebootMark& mark);
/// @error Corrupt "base.bad_json"
Result<RebootMark> parse_reboot_mark(std::string_view text);

/// How the machine restarts.
struct RebootMeans {
    /// Prints what is inhibited; empty: nobody is asked.
    std::vector<std::string> inhibitors = host::inhibition_question();
    std::vector<std::string> program{"/usr/bin/systemctl", "reboot"};
    std::chrono::milliseconds patience = std::chrono::minutes(5);  ///< to go down within
};

/// How a restart went, as far as the program that asked for it can see.
struct RebootEnd {
    bool has_restarted = false;
    int exit_status = 0;
    Boot before;
    Boot after;
    std::string why;  ///< why not; empty: it has
};

/// Where something inhibits a restart, or may, since logind is there and does not answer, none is asked for. Without logind nothing can.
/// Else leaves a mark in a file, asks for the restart, and waits: mostly for its own end.
RebootEnd reboot(
    host::Host& host,
    const RebootMeans& means,
    const std::string& job,
    const std::filesystem::path& mark_file);

/// What became of a restart that a job asked for before this program began anew.
RebootEnd rebooted(
    host::Host& host,
    std::chrono::milliseconds patience,
    const std::string& job,
    const std::filesystem::path& mark_file);

}  // namespace thimble::agent
