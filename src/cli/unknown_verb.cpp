#include "thimble/cli/unknown_verb.hpp"

#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/nearest_word.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace thimble::cli {

int refuse_unknown_verb(
    const CLI::App& app,
    std::span<const char* const> arguments,
    std::ostream& err,
    std::span<const std::string_view> elsewhere) {
    std::vector<std::string> known;
    bool needs_verb = true;
    std::string before = "thimble ";
    for (const CLI::App* command : app.get_subcommands({})) {
        if (arguments.size() < 2 || command->get_name() != arguments[1]) {
            continue;
        }
        before += command->get_name();
        // One that says "at most one" does something without any.
        needs_verb =
            command->get_require_subcommand_min() > 0 || command->get_require_subcommand_max() == 0;
        for (const CLI::App* verb : command->get_subcommands({})) {
            known.push_back(verb->get_name());
        }
    }
    if (known.empty()) {
        return 0;
    }
    known.insert(known.begin(), elsewhere.begin(), elsewhere.end());
    if (arguments.size() < 3) {
        if (!needs_verb) {
            return 0;
        }
        const std::string wrong = "\"" + before + "\" needs one of its commands";
        note_error(err, {.code = "cli.usage", .message = wrong, .next = before + " --help"});
        err << "thimble: " << wrong << "\n";
        list_commands(before, known, err);
        return kUsage;
    }
    const std::string word = arguments[2];
    if (word.starts_with('-') || std::ranges::find(known, word) != known.end()) {
        return 0;
    }
    return refuse_command(before, word, known, err);
}

}  // namespace thimble::cli
