#include "thimble/cli/usage.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {
namespace {

/// What the command that was typed cannot do without and was not given, all of it. CLI11 names the first one alone.
std::vector<std::string> missing_options(const CLI::App& app) {
    std::vector<std::string> missing;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_required() && option->count() == 0) {
            missing.push_back(option->get_name());
        }
    }
    for (const CLI::App* command : app.get_subcommands()) {
        const std::vector<std::string> further = missing_options(*command);
        missing.insert(missing.end(), further.begin(), further.end());
    }
    return missing;
}

/// @throws CLI::ValidationError where a value is an argument that begins like an option: whoever means that joins the two with "="
void refuse_taken_options(const CLI::App& app, std::span<const char* const> arguments) {
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& value : option->results()) {
            const bool is_argument =
                std::ranges::find(arguments, std::string_view(value)) != arguments.end();
            if (value.starts_with("--") && is_argument) {
                throw CLI::ValidationError(
                    option->get_name(), "its value is missing before " + value);
            }
        }
    }
    for (const CLI::App* command : app.get_subcommands()) {
        refuse_taken_options(*command, arguments);
    }
}

/// "thimble patch apply --help"
std::string help_command(const CLI::App& app) {
    std::string command = app.get_name();
    for (const CLI::App* at = &app; at != nullptr;) {
        const auto chosen = at->get_subcommands();
        at = chosen.empty() ? nullptr : chosen.front();
        command += at == nullptr ? "" : " " + at->get_name();
    }
    return command + " --help";
}

std::string missing_words(const std::vector<std::string>& missing) {
    std::string words;
    for (const std::string& name : missing) {
        const std::string_view between = &name == &missing.back() ? " and " : ", ";
        words.append(words.empty() ? "" : between).append(name);
    }
    return words + " are required";
}

}  // namespace

void parse_arguments(CLI::App& app, int argc, const char* const* argv) {
    app.parse(argc, argv);
    refuse_taken_options(app, {argv, static_cast<std::size_t>(argc)});
}

int tell_usage(
    const CLI::App& app, const CLI::ParseError& outcome, std::ostream& out, std::ostream& err) {
    std::ostringstream help;
    std::ostringstream wrong;
    const int status = app.exit(outcome, help, wrong);
    const bool lacks_some =
        outcome.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
    const std::vector<std::string> missing =
        lacks_some ? missing_options(app) : std::vector<std::string>();
    const std::string several = missing.size() > 1 ? missing_words(missing) : std::string();
    out << narrowed(help.str());
    err << narrowed(
        several.empty() ? wrong.str() : several + "\nRun with --help for more information.\n");
    if (status == 0) {
        return 0;
    }
    note_error(
        err,
        {.code = "cli.usage",
         .message = several.empty() ? outcome.what() : several,
         .next = help_command(app)});
    return kUsage;
}

}  // namespace thimble::cli
