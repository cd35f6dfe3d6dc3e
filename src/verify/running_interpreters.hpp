#pragma once
/// @file Programs that run source text: no process maps the modules that they have read.

#include "thimble/base/instant.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::verify {

enum class Language : std::uint8_t { Python, Perl, Ruby, Java, JavaScript, Php };

std::string_view language_name(Language language);

/// A process that interprets a language, itself or by a library that it maps.
struct RunningInterpreter {
    Language language = Language::Python;
    model::StaleProcess process;  ///< heuristic, without files
    Instant started_at;
    bool operator==(const RunningInterpreter&) const = default;
};

/// The language whose programs load a file from where it lies: a module of Python, a class archive of Java. A script that
/// lies elsewhere is loaded by name, which scan sees; none.
std::optional<Language> language_of_module(std::string_view path);

/// By the program's name, else by the libraries that it maps.
std::optional<Language> language_of_process(std::string_view executable, std::string_view maps);

/// By process; those that may not be looked at are left out, as inventory::read_inventory tells.
/// @param booted_at  by which the kernel's starting times count
std::vector<RunningInterpreter> read_interpreters(host::Host& host, Instant booted_at);

}  // namespace thimble::verify
