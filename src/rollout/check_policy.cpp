#include "thimble/rollout/check_policy.hpp"

#include "thimble/base/parse_yaml.hpp"
#include "thimble/model/selectable_name.hpp"
#include "thimble/rollout/parse_policy.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr std::size_t kMostProblems = 20;
/// A leap day comes within it.
constexpr std::chrono::days kFarAhead{8 * 366};

using Lines = std::map<std::string, int>;

/// The line of a place, or of what it is missing in.
int line_of(const Lines& lines, std::string place) {
    while (!place.empty()) {
        if (const auto found = lines.find(place); found != lines.end()) {
            return found->second;
        }
        const std::size_t end = place.find_last_of(".[");
        place.resize(end == std::string::npos ? 0 : end);
    }
    return lines.empty() ? 0 : 1;
}

PolicyProblem problem_of(const Lines& lines, const Error& error) {
    const std::size_t end = std::min(error.message.find(": "), error.message.size());
    const std::string place = error.message.substr(0, end);
    return {
        line_of(lines, place),
        place,
        error.message.substr(std::min(end + 2, error.message.size()))};
}

/// "line 3, column 1: what"
PolicyProblem problem_of_yaml(const Error& error) {
    constexpr std::string_view kLine = "line ";
    PolicyProblem problem{0, "", error.message};
    if (error.message.starts_with(kLine)) {
        const char* begin = error.message.data() + kLine.size();
        std::from_chars(begin, error.message.data() + error.message.size(), problem.line);
        problem.what = error.message.substr(error.message.find(", ") + 2);
    }
    return problem;
}

class Check {
public:
    /// @param problems  what is known to be wrong already
    Check(const Lines& lines, Instant now, std::vector<PolicyProblem> problems)
        : lines_(lines), now_(now), problems_(std::move(problems)) {}

    void look_at(const Policy& policy) {
        const model::PlanSelection& selection = policy.selection;
        look_at("patches.packages", selection.packages, &Check::wrong_name);
        look_at("patches.advisories", selection.advisories, &Check::wrong_name);
        look_at("patches.cves", selection.vulnerabilities, &Check::wrong_vulnerability);
        for (std::size_t at = 0; at < policy.exclusions.size(); ++at) {
            add("patches.exclude[" + std::to_string(at + 1) + "].package",
                wrong_name(policy.exclusions[at].package));
        }
        for (std::size_t at = 0; at < policy.windows.size(); ++at) {
            const std::string place = "windows[" + std::to_string(at + 1) + "]";
            add(place + ".rule", is_told(place) ? "" : wrong_rule(policy.windows[at].when));
        }
    }
    [[nodiscard]] std::vector<PolicyProblem> problems() && { return std::move(problems_); }

private:
    void look_at(
        const std::string& place,
        std::span<const std::string> names,
        std::string (*wrong)(const std::string&)) {
        for (std::size_t at = 0; at < names.size(); ++at) {
            add(place + "[" + std::to_string(at + 1) + "]", wrong(names[at]));
        }
    }

    void add(const std::string& place, std::string what) {
        if (!what.empty() && problems_.size() < kMostProblems && !is_told(place)) {
            problems_.push_back({line_of(lines_, place), place, std::move(what)});
        }
    }

    /// Whether something is wrong with a place, with what is in it or with what it is in.
    [[nodiscard]] bool is_told(std::string_view place) const {
        const auto is_in = [](std::string_view inner, std::string_view outer) {
            return inner.starts_with(outer)
                && (inner.size() == outer.size() || inner[outer.size()] == '.'
                    || inner[outer.size()] == '[');
        };
        return std::ranges::any_of(problems_, [&](const PolicyProblem& problem) {
            return is_in(problem.place, place) || is_in(place, problem.place);
        });
    }

    static std::string wrong_name(const std::string& name) {
        return model::is_selectable_name(name) ? ""
                                               : "\"" + name
                + "\" is no name: letters, digits and .+:~_- are wanted, a letter or a digit first";
    }

    static std::string wrong_vulnerability(const std::string& id) {
        if (!id.starts_with("CVE-") && id.size() > 3
            && std::ranges::equal(id.substr(0, 4), std::string_view("cve-"), {}, lowered)) {
            return "\"" + id + "\": write CVE- in capitals";
        }
        return wrong_name(id);
    }

    static char lowered(char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }

    [[nodiscard]] std::string wrong_rule(const calendar::WindowRule& rule) const {
        const auto spans = calendar::openings(rule, now_, now_ + kFarAhead);
        return spans && spans->empty() ? "\"" + rule.rule
                + "\" does not open within eight years: is there such a day, and is it not over?"
                                       : "";
    }

    const Lines& lines_;
    Instant now_;
    std::vector<PolicyProblem> problems_;
};

}  // namespace

std::string text_of(const PolicyProblem& problem) {
    return (problem.line > 0 ? "line " + std::to_string(problem.line) + ": " : "")
        + (problem.place.empty() ? "" : problem.place + ": ") + problem.what;
}

std::vector<PolicyProblem> problems_of(std::string_view text, std::size_t hosts, Instant now) {
    const auto document = parse_yaml(text);
    if (!document) {
        return {problem_of_yaml(document.error())};
    }
    const Lines lines = lines_of_yaml(text);
    const ReadPolicy read = read_all(*document, hosts);
    std::vector<PolicyProblem> problems;
    problems.reserve(read.errors.size());
    for (const Error& error : read.errors) {
        problems.push_back(problem_of(lines, error));
    }
    Check check(lines, now, std::move(problems));
    check.look_at(read.policy);
    problems = std::move(check).problems();
    std::ranges::stable_sort(problems, {}, &PolicyProblem::line);
    return problems;
}

Result<Policy> parse_new_policy(std::string_view text, std::size_t hosts, Instant now) {
    const auto problems = problems_of(text, hosts, now);
    if (problems.empty()) {
        return parse_policy(text, hosts);
    }
    std::string all;
    for (const PolicyProblem& problem : problems) {
        all += (all.empty() ? "" : "; ") + text_of(problem);
    }
    return failure(ErrorKind::Invalid, "rollout.bad_policy", std::move(all));
}

}  // namespace thimble::rollout
