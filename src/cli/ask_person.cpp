#include "thimble/cli/ask_person.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace thimble::cli {
namespace {

/// A terminal does not show what is typed while this lives.
class NoEcho {
public:
    NoEcho() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            termios silent = before_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        }
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;
    ~NoEcho() {
        if (is_terminal_) {
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
            std::cerr << '\n';
        }
    }

private:
    termios before_{};
    bool is_terminal_;
};

}  // namespace

std::string ask_person(const char* question) {
    if (::isatty(STDIN_FILENO) == 1) {
        std::cerr << question << std::flush;
    }
    std::string line;
    std::getline(std::cin, line);
    return line;
}

std::string ask_secretly(const char* question) {
    const NoEcho silent;
    return ask_person(question);
}

}  // namespace thimble::cli
