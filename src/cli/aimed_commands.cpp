#include "thimble/cli/aimed_commands.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/terminal_line.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::string_view kProgram = "thimble ";

/// A command, whether it is about a host or about what is kept for all, and whether the name of a file or package belongs to it.
struct Aimable {
    std::string_view words;
    bool takes_root;
    bool takes_name = false;
};
constexpr std::array kCommands{
    Aimable{"scan", true},
    Aimable{"explain", true, true},
    Aimable{"verify", true},
    Aimable{"history", true},
    Aimable{"doctor", true},
    Aimable{"patch plan", true},
    Aimable{"patch show", true, true},
    Aimable{"patch rehearse", true, true},
    Aimable{"patch apply", true, true},
    Aimable{"patch rollback", true},
    Aimable{"patch unblock", true},
    Aimable{"patch resume", true},
    Aimable{"patch prune", true},
    Aimable{"feeds sync", false},
    Aimable{"feeds status", false},
    Aimable{"feeds import", false},
};

/// Commands of others, about the machine on which they are typed.
constexpr std::array<std::string_view, 15> kForeign{
    "apk audit --system",
    "apt-cache policy",
    "apt-get -s remove",
    "apt-get check",
    "apt-get install --fix-broken",
    "apt-get update",
    "apt-mark unhold",
    "dnf check-update",
    "dnf makecache",
    "dnf versionlock delete",
    "dpkg --audit",
    "dpkg --configure -a",
    "rpm --rebuilddb",
    "zypper refresh",
    "zypper removelock"};

/// Files that a step asks to be changed, or that were written, below the root of the host.
constexpr std::array<std::string_view, 2> kPlaces{
    "/etc/apt/preferences.d/thimble-rolled-back-", "/etc/apt/sources.list"};

/// The first of some words in a text.
struct Found {
    std::size_t begin = std::string_view::npos;
    std::string_view words;
};

Found first_of(std::string_view text, std::span<const std::string_view> all) {
    Found first;
    for (const std::string_view words : all) {
        if (const std::size_t begin = text.find(words); begin < first.begin) {
            first = {.begin = begin, .words = words};
        }
    }
    return first;
}

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

/// Whether a text ends with words, however it was broken into lines between them.
bool ends_with_words(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
        while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) {
            text.remove_suffix(1);
        }
        if (!text.ends_with(word)) {
            return false;
        }
        text.remove_suffix(word.size());
    }
    return true;
}

/// Whether what follows a text begins a word of it: the root may stand before it already, by whatever name.
bool begins_word(std::string_view text) {
    return text.empty() || std::string_view(" \n(`").contains(text.back());
}

}  // namespace

std::string entered_commands(std::string_view text, std::string_view root) {
    const std::string enter = "chroot " + std::string(root) + " ";
    std::string out;
    for (;;) {
        const Found command = first_of(text, kForeign);
        const Found place = first_of(text, kPlaces);
        const bool is_place = place.begin < command.begin;
        const Found& found = is_place ? place : command;
        if (found.begin == std::string_view::npos) {
            return out.append(text);
        }
        out += text.substr(0, found.begin);
        if (is_place) {
            out += begins_word(out) ? root : std::string_view();
        } else {
            out += ends_with_words(out, {root, "chroot"}) ? "" : enter;
        }
        out += found.words;
        text.remove_prefix(found.begin + found.words.size());
    }
}

namespace {

std::string of_host(std::string_view text, const HostWords& words) {
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

}  // namespace

std::string aimed_commands(std::string_view text, const HostWords& words) {
    constexpr std::string_view kRoot = " --root ";
    const std::string aimed = of_host(text, words);
    return words.root.starts_with(kRoot)
        ? entered_commands(aimed, std::string_view(words.root).substr(kRoot.size()))
        : aimed;
}

namespace {

/// Stands for a blank at which no line is broken; what is told has no such byte.
constexpr char kGlue = '\x01';

/// Whether a word that follows a command can be one of its own: an option, a name in capitals, a number, a path.
bool belongs_to_command(std::string_view rest) {
    const char first = rest.empty() ? ' ' : rest.front();
    return first == '-' || first == '/' || first == '\'' || (first >= '0' && first <= '9')
        || (first >= 'A' && first <= 'Z');
}

/// @param begin  of the command in the text
/// @return where it ends; its blanks are glue then
std::size_t glue_command(std::string& text, std::size_t begin, const Aimable& command) {
    const std::size_t verb_end = begin + kProgram.size() + command.words.size();
    std::size_t at = begin;
    std::size_t word = begin;
    bool is_quoted = false;
    bool wants_name = command.takes_name;
    for (; at < text.size() && text[at] != '\n'; ++at) {
        // What follows an option is its value.
        const bool is_own = at < verb_end || is_quoted || text[word] == '-'
            || belongs_to_command(std::string_view(text).substr(at + 1));
        is_quoted = is_quoted != (text[at] == '\'');
        if (text[at] != ' ') {
            continue;
        }
        if (!is_own && !std::exchange(wants_name, false)) {
            break;
        }
        text[at] = kGlue;
        word = at + 1;
    }
    return at;
}

}  // namespace

std::string narrowed_around_commands(std::string_view text) {
    std::string glued(text);
    for (std::size_t at = glued.find(kProgram); at != std::string::npos;
         at = glued.find(kProgram, at)) {
        const Aimable* const command =
            command_at(std::string_view(glued).substr(at + kProgram.size()));
        at = command == nullptr ? at + kProgram.size() : glue_command(glued, at, *command);
    }
    std::string lines = narrowed(glued);
    std::ranges::replace(lines, kGlue, ' ');
    return lines;
}

namespace {

/// Where the first command begins, ours with whatever verb; npos: there is none.
std::size_t first_command(std::string_view text) {
    const auto is_command = [text](std::size_t at) {
        const bool is_word = at == 0 || std::string_view(" `(").contains(text[at - 1]);
        const std::string_view verb = text.substr(at + kProgram.size());
        return is_word && !verb.empty() && verb.front() >= 'a' && verb.front() <= 'z';
    };
    std::size_t ours = text.find(kProgram);
    while (ours != std::string_view::npos && !is_command(ours)) {
        ours = text.find(kProgram, ours + 1);
    }
    return std::min(ours, first_of(text, kForeign).begin);
}

/// Where the part of a sentence begins that has the command; the command itself where no other part precedes it.
std::size_t begin_of_part(std::string_view sentence, std::size_t command) {
    const std::string_view before = sentence.substr(0, command);
    std::size_t begin = 0;
    for (const std::string_view end : {"; ", ". "}) {
        const std::size_t at = before.rfind(end);
        begin = at == std::string_view::npos ? begin : std::max(begin, at + end.size());
    }
    if (begin > 0) {
        return begin;
    }
    return before.ends_with('`') ? command - 1 : command;
}

}  // namespace

std::string step_in(std::string_view sentence) {
    const std::size_t command = first_command(sentence);
    if (command == std::string_view::npos) {
        return {};
    }
    const std::size_t begin = begin_of_part(sentence, command);
    // What caused an error follows its sentence.
    const std::string_view step = sentence.substr(begin, sentence.find(": ", command) - begin);
    return std::string(step.ends_with('.') ? step.substr(0, step.size() - 1) : step);
}

std::string next_command_lines(const std::string& command) {
    constexpr std::size_t kContinued = 2;  // " \\"
    if (columns_of("Next: " + command) <= kTerminalColumns) {
        return "Next: " + command + "\n";
    }
    std::string text = "Next:\n";
    const auto lines = wrapped_lines(
        command, {.first = "  ", .further = "      ", .columns = kTerminalColumns - kContinued});
    for (const std::string& line : lines) {
        text += line + (&line == &lines.back() ? "\n" : " \\\n");
    }
    return text;
}

AimedLines::AimedLines(std::ostream& to, HostWords words, LineWidth width)
    : to_(to), words_(std::move(words)), width_(width) {}

bool AimedLines::leaves_wide(const std::ostream& stream) {
    const auto* const lines = dynamic_cast<const AimedLines*>(stream.rdbuf());
    return lines == nullptr || lines->width_ == LineWidth::Any;
}

std::string AimedLines::aimed(const std::ostream& stream, std::string_view text) {
    const auto* const lines = dynamic_cast<const AimedLines*>(stream.rdbuf());
    return lines == nullptr ? std::string(text) : aimed_commands(text, lines->words_);
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
        erase_line(to_);
        to_ << (width_ == LineWidth::Terminal ? narrowed_around_commands(text) : text);
        held_.erase(0, length);
    }
}

}  // namespace thimble::cli
