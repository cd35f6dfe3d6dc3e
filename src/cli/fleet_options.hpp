#pragma once
/// @file What the options of thimble-fleet's commands say.

#include "thimble/base/result.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/client/exceptions.hpp"
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
    std::string tag;
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
    std::string key;     ///< file of the key that an approval is signed with; empty: it is not
    std::uint64_t valid_days = 7;  ///< of that signature
    std::string patch;
    std::string until;  ///< a day, or an instant
    bool is_emergency = false;
};

/// Of `exception`.
struct ExceptionOptions {
    std::string id;  ///< or how it begins
    std::string until;
    std::string file;
    std::string format = "openvex";
    std::string author;
    client::ExceptionWish wish;
};

/// Of `control`.
struct FleetControlOptions {
    std::string id;  ///< or how it begins
    std::string file;
    std::string digest;  ///< how it begins
    std::string until;
};

/// Which items of a list, and in which order.
struct ListOptions {
    std::vector<std::string> where;  ///< "COLUMN=VALUE"
    std::string sort;
    std::string group;
    std::string tag;
    bool unknown = false;  ///< hosts of which something is not known
    bool unread = false;   ///< hosts on which changelogs of pending updates were not read
};

struct FleetOptions {
    std::string config;
    std::string url;
    std::string pin;
    std::string host;
    bool token_stdin = false;
    bool sign_on = false;
    bool administer = false;
    /// Whom the verbs of `users` are about.
    client::NewUser user{.name = "", .role = "viewer", .group = "", .subject = ""};
    bool json = false;
    std::string deployment;
    std::string taken_back;  ///< how the id begins of a set that was taken back
    std::string vulnerability;
    std::string why;
    std::vector<std::string> tags;  ///< as they are typed, with signs
    std::string group;              ///< into which a host goes
    StartOptions start;
    PolicyOptions policy;
    RolloutOptions rollout;
    ExceptionOptions exception;
    FleetControlOptions control;
    ListOptions list;
    std::string token;  ///< how its id begins
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

/// A subcommand that takes --config and does something.
CLI::App* declare_fleet_verb(
    CLI::App& parent,
    std::pair<const char*, const char*> name_and_what,
    FleetOptions& options,
    FleetAction& action,
    Result<int> (*work)(const FleetOptions&));

}  // namespace thimble::cli
