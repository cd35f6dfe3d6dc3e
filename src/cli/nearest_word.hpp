#pragma once
/// @file What somebody meant who mistyped a command.

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace thimble::cli {

/// The word of `known` that is the fewest mistypes away: a letter more, less or other, or two
/// neighbours swapped. Of several the first.
/// @return empty when none is nearer than a third of the word's letters, but at least one mistype
std::string nearest_word(std::string_view word, std::span<const std::string> known);

/// Says which commands there are after `before`, and how to learn more of them.
void list_commands(std::string_view before, std::span<const std::string> known, std::ostream& err);

/// Says that there is no command `word` after `before` ("thimble", "thimble feeds"), what may have
/// been meant, and which there are.
/// @return kUsage
int refuse_command(
    std::string_view before,
    std::string_view word,
    std::span<const std::string> known,
    std::ostream& err);

}  // namespace thimble::cli
