#include "thimble/agent/helper_messages.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/identifier.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::agent {
namespace {

constexpr std::array<std::pair<HelperQuestion::Kind, std::string_view>, 2> kQuestions{
    {{HelperQuestion::Kind::Job, "job"}, {HelperQuestion::Kind::Grant, "grant"}}};
constexpr std::array<std::pair<HelperAnswer::Kind, std::string_view>, 4> kAnswers{
    {{HelperAnswer::Kind::Progress, "progress"},
     {HelperAnswer::Kind::Lease, "lease"},
     {HelperAnswer::Kind::Result, "result"},
     {HelperAnswer::Kind::Refused, "refused"}}};

template <class Table, class Kind>
std::string_view name_in(const Table& table, Kind kind) {
    const auto found = std::ranges::find(table, kind, [](const auto& row) { return row.first; });
    THIMBLE_CHECK(found != table.end());
    return found->second;
}

template <class Table>
auto kind_in(const Table& table, JsonMembers& members) {
    const std::string name = members.text("kind");
    const auto found = std::ranges::find(table, name, [](const auto& row) { return row.second; });
    if (found == table.end()) {
        members.reject("kind");
        return table.front().first;
    }
    return found->first;
}

Error bad_message(const std::string& why) {
    return failure(
        ErrorKind::Corrupt,
        "agent.bad_helper_message",
        "a message between agent and root helper: " + why);
}

Result<JsonValue> parse_line(std::string_view line) {
    if (line.size() > kMaxHelperLineBytes) {
        return bad_message("it is too long");
    }
    auto document = parse_json(line);
    if (!document) {
        return bad_message(document.error().text());
    }
    return document;
}

}  // namespace

std::string format_helper_question(const HelperQuestion& question) {
    std::string text;
    JsonWriter(text)
        .open_object()
        .member("kind", name_in(kQuestions, question.kind))
        .member("text", question.text)
        .close_object();
    return text;
}

std::string format_helper_answer(const HelperAnswer& answer) {
    std::string text;
    JsonWriter(text)
        .open_object()
        .member("kind", name_in(kAnswers, answer.kind))
        .member_or_null("job", answer.job)
        .member_or_null("lease", answer.lease)
        .member("text", answer.text)
        .close_object();
    return text;
}

Result<HelperQuestion> parse_helper_question(std::string_view line) {
    THIMBLE_TRY(const JsonValue document, parse_line(line));
    JsonMembers members(document);
    HelperQuestion question{.kind = kind_in(kQuestions, members), .text = members.text("text")};
    if (const auto done = members.done(); !done) {
        return bad_message(done.error().text());
    }
    return question;
}

Result<HelperAnswer> parse_helper_answer(std::string_view line) {
    THIMBLE_TRY(const JsonValue document, parse_line(line));
    JsonMembers members(document);
    HelperAnswer answer{
        .kind = kind_in(kAnswers, members),
        .job = members.text_or_null("job"),
        .lease = members.text_or_null("lease"),
        .text = members.text("text")};
    for (const std::string* id : {&answer.job, &answer.lease}) {
        if (!id->empty() && !protocol::is_identifier(*id)) {
            members.reject("job or lease");
        }
    }
    if (const auto done = members.done(); !done) {
        return bad_message(done.error().text());
    }
    return answer;
}

}  // namespace thimble::agent
