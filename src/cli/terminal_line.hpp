#pragma once
/// @file The one line of a terminal that is drawn over itself, and text that comes between.

#include <ostream>
#include <string_view>

namespace thimble::cli {

/// Draws over what was drawn before it on the stream. The caller has seen that it is a terminal.
void draw_line(std::ostream& terminal, std::string_view text);

/// Takes away what was drawn, so that a text begins on a line of its own. Nothing where nothing is drawn.
void erase_line(std::ostream& terminal);

}  // namespace thimble::cli
