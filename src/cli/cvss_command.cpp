#include "thimble/cli/cvss_command.hpp"

#include "thimble/cli/answer_lines.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/model/cvss.hpp"

namespace thimble::cli {

int run_cvss(std::istream& in, std::ostream& out) {
    const Answered all = answer_lines(in, out, [](std::string_view line, std::string& answers) {
        const auto cvss = model::parse_cvss(line);
        if (!cvss) {
            answers += "invalid: ";
            answers += cvss.error().message;
            return Answered::No;
        }
        answers += std::to_string(cvss->score_tenths / 10);
        answers += '.';
        answers += std::to_string(cvss->score_tenths % 10);
        answers += '\t';
        answers += model::severity_name(cvss->severity);
        return Answered::Yes;
    });
    return all == Answered::Yes ? kEveryLineAnswered : kSomeLineInvalid;
}

}  // namespace thimble::cli
