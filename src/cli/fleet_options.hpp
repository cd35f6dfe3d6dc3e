#pragma once
/// @file What the options of thimble-fleet's commands say.

#include "thimble/base/result.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/client/log_in.hpp"
#include "thimble/model/plan.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}  // namespace CLI

namespace thimble::cli {

/// Of `deployments start`.
struct StartOptions {
    std::vector<std::string> hosts;  ///< names or ids
    std::string group;
    bool security = false;
    bool no_wait = false;
    bool restart_services = false;
    std::string level = "security-only";
    std::string why;
    model::PlanSelection selection;
};

/// Of `policy`.
struct PolicyOptions {
    std::vector<std::string> files;
    std::string name;
    int days = 90;
};

/// Of `rollout`.
struct RolloutOptions {
    std::string id;  ///< or how it begins
    std::string policy;
    std::string ring;
    std::string frozen;  ///< how the digest begins
    std::string patch;
    bool is_emergency = false;
};

struct FleetOptions {
    std::string config;
    std::string url;
    std::string pin;
    std::string host;
    bool token_stdin = false;
    bool sign_on = false;
    bool administer = false;
    client::NewUser user;
    bool json = false;
    std::string deployment;
    std::string vulnerability;
    std::string why;
    StartOptions start;
    PolicyOptions policy;
    RolloutOptions rollout;
    client::EnrolmentWish wish{.name = "thimble tokens enrol", .group = "default"};

    [[nodiscard]] std::filesystem::path file() const {
        return config_directory(config) / "fleet.json";
    }
};

/// Gives the exit status.
using FleetAction = std::function<Result<int>()>;

/// A subcommand that takes --config.
CLI::App* declare_fleet_command(
    CLI::App& parent, const char* name, const char* what, FleetOptions& options);

}  // namespace thimble::cli
