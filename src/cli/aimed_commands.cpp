#include "thimble/cli/aimed_commands.hpp"

#include "thimble/base/terminal_lines.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::string_view kProgram = "thimble ";

/// A command, and whether it is about a host or about what is kept for all.
struct Aimable {
    std::string_view words;
    bool takes_root;
};
constexpr std::array kCommands{
    Aimable{"scan", true},
    Aimable{"explain", true},
    Aimable{"verify", true},
    Aimable{"history", true},
    Aimable{"doctor", true},
    Aimable{"patch plan", true},
    Aimable{"patch show", true},
    Aimable{"patch rehearse", true},
    Aimable{"patch apply", true},
    Aimable{"patch rollback", true},
    Aimable{"patch unblock", true},
    Aimable{"patch resume", true},
    Aimable{"patch prune", true},
    Aimable{"feeds sync", false},
    Aimable{"feeds status", false},
    Aimable{"feeds import", false},
};

bool ends_word(std::string_view rest) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return rest.empty() || !is_part(rest.front());
}

/// @param rest  of the text, after the name of the program
const Aimable* command_at(std::string_view rest) {
    const auto* const found = std::ranges::find_if(kCommands, [rest](const Aimable& command) {
        return rest.starts_with(command.words) && ends_word(rest.substr(command.words.size()));
    });
    return found == kCommands.end() ? nullptr : found;
}

bool says(std::string_view command, std::string_view words) {
    const std::string_view option = words.substr(0, words.find(' ', 1));
    return option.empty() || command.contains(option);
}

}  // namespace

std::string aimed_commands(std::string_view text, const HostWords& words) {
    std::string out;
    while (!text.empty()) {
        const std::size_t begin = text.find(kProgram);
        const std::size_t after = begin + kProgram.size();
        if (begin == std::string_view::npos) {
            break;
        }
        const Aimable* const command = command_at(text.substr(after));
        const std::size_t end = after + (command == nullptr ? 0 : command->words.size());
        const std::string_view rest = text.substr(end);
        const std::string_view own = rest.substr(0, rest.find(kProgram));
        out += text.substr(0, end);
        if (command != nullptr && command->takes_root && !says(own, words.root)) {
            out += words.root;
        }
        if (command != nullptr && !says(own, words.state)) {
            out += words.state;
        }
        text = rest;
    }
    return out.append(text);
}

AimedLines::AimedLines(std::ostream& to, HostWords words, LineWidth width)
    : to_(to), words_(std::move(words)), width_(width) {}

bool AimedLines::leaves_wide(const std::ostream& stream) {
    const auto* const lines = dynamic_cast<const AimedLines*>(stream.rdbuf());
    return lines == nullptr || lines->width_ == LineWidth::Any;
}

AimedLines::~AimedLines() {
    pass_on(held_.size());
}

AimedLines::int_type AimedLines::overflow(int_type byte) {
    if (!traits_type::eq_int_type(byte, traits_type::eof())) {
        const char one = traits_type::to_char_type(byte);
        xsputn(&one, 1);
    }
    return to_ ? traits_type::not_eof(byte) : traits_type::eof();
}

std::streamsize AimedLines::xsputn(const char* bytes, std::streamsize count) {
    held_.append(bytes, static_cast<std::size_t>(count));
    if (const std::size_t feed = held_.rfind('\n'); feed != std::string::npos) {
        pass_on(feed + 1);
    }
    return to_ ? count : 0;
}

int AimedLines::sync() {
    pass_on(held_.size());
    to_.flush();
    return to_ ? 0 : -1;
}

void AimedLines::pass_on(std::size_t length) {
    if (length > 0) {
        // Broken after it is aimed: a command that is broken already is not known any more.
        const std::string text = aimed_commands(std::string_view(held_).substr(0, length), words_);
        to_ << (width_ == LineWidth::Terminal ? narrowed(text) : text);
        held_.erase(0, length);
    }
}

}  // namespace thimble::cli
