#pragma once
/// @file Where rpm, dnf and zypper run for a host, and rpm itself.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::inventory {

enum class RunsAt : std::uint8_t {
    Host,  ///< the host's own program, on the host
    Here,  ///< this machine's program, which is told of the host's root directory
};

/// Where a program works on the host: there, where it has the program and may run it; else here.
/// Of this machine itself and of one elsewhere it is always there, whether it has the program or not.
/// @param path  absolute, as "/usr/bin/rpm"
/// @error Unsupported "inventory.no_program": neither
Result<RunsAt> find_program(host::Host& host, const std::string& path);

/// The folder of the host's rpm database; empty: it has none.
std::string find_rpm_database(host::Host& host);

enum class RpmUse : std::uint8_t {
    Query,
    Change,  ///< runs the scripts of packages: here only in namespaces of their own
};

/// The argument vector of rpm or rpmkeys about a host.
/// @param argv  "rpm" or "rpmkeys", and what it is told
std::vector<std::string> rpm_argv(
    host::Host& host, RunsAt where, std::vector<std::string> argv, RpmUse use);

/// Runs rpm, or rpmkeys, about a host. `command.argv` is as for rpm_argv.
/// @error as Host::run; Unsupported "inventory.no_program"
Result<host::Outcome> run_rpm(host::Host& host, host::Command command, RpmUse use = RpmUse::Query);

/// What keeps a program that runs package scripts here away from everything but the root directory.
std::vector<std::string> fenced(std::vector<std::string> argv);

/// What keeps package scripts from asking and programs from speaking other languages.
std::vector<std::string> rpm_environment();

}  // namespace thimble::inventory
