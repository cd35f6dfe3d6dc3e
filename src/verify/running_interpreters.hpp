#pragma once
/// @file Programs that run source text: no process maps the modules that they have read.

#include "thimble/base/instant.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/verify/package_files.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace thimble::verify {

enum class Language : std::uint8_t { Python, Perl, Ruby, Java, JavaScript, Php, Erlang, Lua };

std::string_view language_name(Language language);

/// A process that interprets a language, itself or by a library that it maps.
struct RunningInterpreter {
    Language language = Language::Python;
    model::StaleProcess process;  ///< heuristic, without files
    Instant started_at;
    bool operator==(const RunningInterpreter&) const = default;
};

/// The language whose programs load a file from where it lies: a module of Python, a class archive of Java, also in the folder
/// of an application. A program is loaded by name, which scan sees; none.
std::optional<Language> language_of_module(std::string_view path);

/// By the program's name ("python3.11", no "node_exporter"), else by the libraries that it maps.
std::optional<Language> language_of_process(std::string_view executable, std::string_view maps);

/// The languages that a package has modules for.
std::set<Language> languages_of(const PackageFiles& files);

/// By process. Left out are those that may not be looked at, as inventory::read_inventory tells, and those that have modules of
/// their own: with another root, or with an interpreter that lies where no package of the host puts one.
/// @param booted_at  by which the kernel's starting times count
std::vector<RunningInterpreter> read_interpreters(host::Host& host, Instant booted_at);

/// Those that were running when the modules of a package came, of which they may have read the ones before. None where it has none
/// for their language, or where it is not known when they came.
std::vector<const RunningInterpreter*> readers_before(
    const PackageFiles& files, const std::vector<RunningInterpreter>& interpreters);

}  // namespace thimble::verify
