#include "thimble/cli/usage.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>

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

std::string missing_words(const std::vector<std::string>& missing) {
    std::string words;
    for (const std::string& name : missing) {
        const std::string_view between = &name == &missing.back() ? " and " : ", ";
        words.append(words.empty() ? "" : between).append(name);
    }
    return words + " are required\nRun with --help for more information.\n";
}

}  // namespace

int tell_usage(
    const CLI::App& app, const CLI::ParseError& outcome, std::ostream& out, std::ostream& err) {
    std::ostringstream help;
    std::ostringstream wrong;
    const int status = app.exit(outcome, help, wrong);
    const bool lacks_some =
        outcome.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
    const std::vector<std::string> missing =
        lacks_some ? missing_options(app) : std::vector<std::string>();
    out << narrowed(help.str());
    err << narrowed(missing.size() > 1 ? missing_words(missing) : wrong.str());
    return status == 0 ? 0 : kUsage;
}

}  // namespace thimble::cli
