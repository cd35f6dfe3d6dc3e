#include "thimble/rehearse/parse_unit.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxItems = 1000;
constexpr std::string_view kBlank = " \t\r";

/// Lines with those that end in a backslash joined, comments left out.
std::vector<std::string> logical_lines(std::string_view text) {
    std::vector<std::string> all;
    std::string line;
    bool goes_on = false;
    Lines lines(text);
    for (std::string_view part; lines.next(part);) {
        part = trimmed(part);
        if (part.starts_with('#') || part.starts_with(';')) {
            continue;  // also between continued lines
        }
        const bool more = part.ends_with('\\');
        if (more) {
            part.remove_suffix(1);
        }
        line += (goes_on ? " " : "") + std::string(part);
        goes_on = more;
        if (!more && !line.empty()) {
            all.push_back(std::move(line));
            line.clear();
        }
    }
    if (!line.empty()) {
        all.push_back(std::move(line));
    }
    return all;
}

/// @source systemd.syntax(7): the escapes of C that stand for one character
char unescaped(char letter) {
    switch (letter) {
        case 'n': return '\n';
        case 't': return '\t';
        case 'r': return '\r';
        case 's': return ' ';
        default: return letter;
    }
}

/// Words apart by blanks; quotes keep blanks, a backslash the next character.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool open = false;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\' && at + 1 < text.size()) {
            word += unescaped(text[++at]);
            open = true;
        } else if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else {
                word += c;
            }
        } else if ((c == '"' || c == '\'') && !open) {
            quote = c;
            open = true;
        } else if (!kBlank.contains(c)) {
            word += c;
            open = true;
        } else if (open) {
            words.push_back(std::move(word));
            word.clear();
            open = false;
        }
    }
    if (open) {
        words.push_back(std::move(word));
    }
    return words;
}

/// The specifiers that need nothing of the machine; others stay as they are.
std::string with_specifiers(std::string_view text, std::string_view unit) {
    const std::string_view stem = unit.substr(0, unit.rfind('.'));
    const std::size_t at_sign = std::min(stem.find('@'), stem.size());
    const std::string_view instance =
        at_sign < stem.size() ? stem.substr(at_sign + 1) : std::string_view();
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%' || at + 1 == text.size()) {
            out += text[at];
            continue;
        }
        switch (text[++at]) {
            case 'n': out += unit; break;
            case 'N': out += stem; break;
            case 'p': out += stem.substr(0, at_sign); break;
            case 'i':
            case 'I': out += instance; break;
            case 't': out += "/run"; break;
            case 'S': out += "/var/lib"; break;
            case 'C': out += "/var/cache"; break;
            case 'L': out += "/var/log"; break;
            case 'E': out += "/etc"; break;
            case 'T': out += "/tmp"; break;
            case 'V': out += "/var/tmp"; break;
            case '%': out += '%'; break;
            default: out += '%'; out += text[at];
        }
    }
    return out;
}

std::optional<UnitCommand> command_of(std::string_view text) {
    UnitCommand command{.words = words_of(text)};
    if (command.words.empty()) {
        return std::nullopt;
    }
    // "-" may fail; "@" gives another argv[0]; ":" "+" "!" change what systemd does around it.
    std::string& program = command.words.front();
    bool other_name = false;
    const std::size_t begin = std::min(program.find_first_not_of("-@:+!|"), program.size());
    command.may_fail = program.substr(0, begin).contains('-');
    other_name = program.substr(0, begin).contains('@');
    program.erase(0, begin);
    if (other_name && command.words.size() > 1) {
        command.words.erase(command.words.begin() + 1);
    }
    if (program.empty()) {
        return std::nullopt;
    }
    return command;
}

class Settings {
public:
    Settings(ServiceUnit& unit, std::string_view name) : unit_(unit), name_(name) {}

    Result<void> take(std::string_view line) {
        if (++count_ > kMaxItems) {
            return failure(ErrorKind::Invalid, "rehearse.bad_unit", "a unit has too many settings");
        }
        if (line.starts_with('[')) {
            in_service_ = line == "[Service]";
            return {};
        }
        const std::size_t equals = line.find('=');
        if (in_service_ && equals != std::string_view::npos) {
            set(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
        }
        return {};
    }

private:
    void set(std::string_view key, std::string_view raw) {
        static const std::map<std::string_view, void (Settings::*)(const std::string&)> kSetters{
            {"Type", &Settings::set_type},
            {"ExecStartPre", &Settings::add_start_pre},
            {"ExecStart", &Settings::add_start},
            {"Environment", &Settings::add_environment},
            {"EnvironmentFile", &Settings::add_environment_file},
            {"User", &Settings::set_user},
            {"Group", &Settings::set_group},
            {"WorkingDirectory", &Settings::set_working_directory},
            {"RuntimeDirectory", &Settings::add_runtime_directories},
            {"StateDirectory", &Settings::add_state_directories}};
        // These change what the program sees; without them it may start where it would not, or not.
        constexpr auto kMatter = std::to_array<std::string_view>(
            {"DynamicUser",
             "RootDirectory",
             "RootImage",
             "LoadCredential",
             "PAMName",
             "TTYPath",
             "StandardInput",
             "AmbientCapabilities"});
        if (const auto setter = kSetters.find(key); setter != kSetters.end()) {
            (this->*setter->second)(with_specifiers(raw, name_));
        } else if (
            std::ranges::find(kMatter, key) != kMatter.end() && raw != "no" && !raw.empty()) {
            unit_.unsupported.emplace_back(key);
        }
    }

    void set_type(const std::string& value) { unit_.type = value.empty() ? "simple" : value; }
    void set_user(const std::string& value) { unit_.user = value; }
    void set_group(const std::string& value) { unit_.group = value; }
    void set_working_directory(const std::string& value) {
        unit_.working_directory = value.starts_with('-') ? value.substr(1) : value;
        if (unit_.working_directory == "~") {
            unit_.working_directory.clear();
        }
    }
    void add_start_pre(const std::string& value) { add_command(unit_.start_pre, value); }
    void add_start(const std::string& value) { add_command(unit_.start, value); }
    static void add_command(std::vector<UnitCommand>& commands, const std::string& value) {
        if (value.empty()) {
            commands.clear();
        } else if (auto command = command_of(value)) {
            commands.push_back(*std::move(command));
        }
    }
    void add_environment(const std::string& value) {
        if (value.empty()) {
            unit_.environment.clear();
        }
        for (const std::string& word : words_of(value)) {
            if (const std::size_t equals = word.find('='); equals != std::string::npos) {
                unit_.environment.emplace_back(word.substr(0, equals), word.substr(equals + 1));
            }
        }
    }
    void add_environment_file(const std::string& value) {
        if (value.empty()) {
            unit_.environment_files.clear();
        } else {
            unit_.environment_files.push_back(value);
        }
    }
    void add_runtime_directories(const std::string& value) {
        add_directories(unit_.runtime_directories, value);
    }
    void add_state_directories(const std::string& value) {
        add_directories(unit_.state_directories, value);
    }
    static void add_directories(std::vector<std::string>& directories, const std::string& value) {
        if (value.empty()) {
            directories.clear();
        }
        for (std::string word : words_of(value)) {
            word = word.substr(0, word.find(':'));
            if (!word.starts_with('/') && !word.contains("..")) {
                directories.push_back(std::move(word));
            }
        }
    }

    ServiceUnit& unit_;
    std::string_view name_;
    bool in_service_ = false;
    std::size_t count_ = 0;
};

std::string_view value_of(
    const std::vector<std::pair<std::string, std::string>>& environment, std::string_view name) {
    std::string_view value;
    for (const auto& [key, text] : environment) {
        if (key == name) {
            value = text;
        }
    }
    return value;
}

std::string with_braces(
    std::string_view word, const std::vector<std::pair<std::string, std::string>>& environment) {
    std::string out;
    while (!word.empty()) {
        const std::size_t begin = std::min(word.find("${"), word.size());
        out += word.substr(0, begin);
        word.remove_prefix(begin);
        const std::size_t end = word.find('}');
        if (word.empty() || end == std::string_view::npos) {
            out += word;
            break;
        }
        out += value_of(environment, word.substr(2, end - 2));
        word.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace

Result<ServiceUnit> parse_unit(const std::vector<std::string>& texts, std::string_view name) {
    ServiceUnit unit;
    Settings settings(unit, name);
    for (const std::string& text : texts) {
        if (text.size() > kMaxText) {
            return failure(ErrorKind::Invalid, "rehearse.bad_unit", "a unit is too large");
        }
        for (const std::string& line : logical_lines(text)) {
            THIMBLE_TRY(settings.take(line));
        }
    }
    if (unit.start.empty()) {
        return failure(
            ErrorKind::Invalid, "rehearse.bad_unit", std::string(name) + " has no ExecStart");
    }
    return unit;
}

std::vector<std::pair<std::string, std::string>> parse_environment_file(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> variables;
    for (const std::string& line : logical_lines(text.substr(0, kMaxText))) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos || variables.size() == kMaxItems) {
            continue;
        }
        std::string value(trimmed(std::string_view(line).substr(equals + 1)));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')
            && value.back() == value.front()) {
            value = value.substr(1, value.size() - 2);
        }
        variables.emplace_back(std::string(trimmed(line.substr(0, equals))), std::move(value));
    }
    return variables;
}

std::vector<std::string> with_variables(
    const UnitCommand& command,
    const std::vector<std::pair<std::string, std::string>>& environment) {
    std::vector<std::string> words;
    for (const std::string& word : command.words) {
        if (word.size() > 1 && word.front() == '$' && word[1] != '{' && word[1] != '$') {
            const auto several = words_of(value_of(environment, word.substr(1)));
            words.insert(words.end(), several.begin(), several.end());
        } else {
            words.push_back(with_braces(word, environment));
        }
    }
    return words;
}

}  // namespace thimble::rehearse
