#include "thimble/cli/terminal_line.hpp"

namespace thimble::cli {
namespace {

/// Of the stream's own words the one that says whether something is drawn: whoever writes to it must know.
int drawn_word() {
    static const int kWord = std::ios_base::xalloc();
    return kWord;
}

}  // namespace

void draw_line(std::ostream& terminal, std::string_view text) {
    terminal << "\r\x1b[K" << text << std::flush;
    terminal.iword(drawn_word()) = 1;
}

void erase_line(std::ostream& terminal) {
    if (terminal.iword(drawn_word()) != 0) {
        terminal << "\r\x1b[K" << std::flush;
        terminal.iword(drawn_word()) = 0;
    }
}

}  // namespace thimble::cli
