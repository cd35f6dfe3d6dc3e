#pragma once
/// @file The part of a systemd service unit that is needed to start it without systemd.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {

/// One command of a unit, its words as the program gets them but for variables.
struct UnitCommand {
    std::vector<std::string> words;
    bool may_fail = false;  ///< "-"
    bool operator==(const UnitCommand&) const = default;
};

/// Settings of [Service]; a setting that is given again adds, an empty one resets.
struct ServiceUnit {
    std::string type = "simple";
    std::vector<UnitCommand> start_pre;
    std::vector<UnitCommand> start;
    std::vector<std::pair<std::string, std::string>> environment;  ///< later ones win
    std::vector<std::string> environment_files;  ///< "-" in front: need not be there
    std::string user;
    std::string group;
    std::string working_directory;
    std::vector<std::string> runtime_directories;  ///< below /run
    std::vector<std::string> state_directories;    ///< below /var/lib
    std::vector<std::string> unsupported;          ///< settings that matter and are not carried out
    bool operator==(const ServiceUnit&) const = default;
};

/// @param texts  the unit's file, then its drop-ins in their order
/// @param name   of the unit, for specifiers: "web@one.service"
/// @error Invalid "rehearse.bad_unit": no ExecStart, or a limit is passed
/// @source systemd.syntax(7), systemd.unit(5) (specifiers), systemd.service(5), systemd.exec(5)
Result<ServiceUnit> parse_unit(const std::vector<std::string>& texts, std::string_view name);

/// KEY=VALUE lines of an environment file. @source systemd.exec(5), EnvironmentFile=
std::vector<std::pair<std::string, std::string>> parse_environment_file(std::string_view text);

/// Replaces ${NAME} within words, and words that are $NAME by their value's words.
std::vector<std::string> with_variables(
    const UnitCommand& command,
    const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace thimble::rehearse
