#include "thimble/cli/usage.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace thimble::cli {

int tell_usage(
    const CLI::App& app, const CLI::ParseError& outcome, std::ostream& out, std::ostream& err) {
    std::ostringstream help;
    std::ostringstream wrong;
    const int status = app.exit(outcome, help, wrong);
    out << narrowed(help.str());
    err << narrowed(wrong.str());
    return status == 0 ? 0 : kUsage;
}

}  // namespace thimble::cli
