#include "thimble/client/board_notes.hpp"

#include "thimble/client/outside_words.hpp"

#include <gtest/gtest.h>

#include <ranges>
#include <string>
#include <vector>

namespace thimble::client {
namespace {

JsonValue row(const std::string& host, const std::string& word, const std::string& why) {
    return *parse_json(
        R"({"control":"wall","host":")" + host + R"(","outside":")" + word + R"(","outside_why":")"
        + why + R"("})");
}

TEST(BoardNotes, SayWhatHostsOutsideSayWorstFirst) {
    const std::vector<JsonValue> rows{
        row("web1", "held", "refused places do not get through"),
        row("web2", "not-probed", "not probed from outside: its document names no host that asks"),
        row("web3", "unknown", "not probed from outside: laptop said nothing"),
        row("web4", "open", "laptop (10.9.0.7), which is not allowed, reaches 10.0.0.5:8080"),
        row("web5", "a later word", ""),
        row("web6", "", "")};

    EXPECT_EQ(
        board_notes(rows),
        "From outside, wall on web4: gets through from outside: laptop (10.9.0.7), which\n"
        "  is not allowed, reaches 10.0.0.5:8080\n"
        "From outside, wall on web5: not proven from outside\n"
        "From outside, wall on web3: not proven from outside: laptop said nothing\n"
        "From outside, wall on web2: not asked from outside: its document names no host\n"
        "  that asks\n"
        "From outside, wall on web1: proven from outside: refused places do not get\n"
        "  through\n");
}

TEST(BoardNotes, AreShortAndNeverLeaveOutTheWorst) {
    std::vector<JsonValue> rows;
    for (int at = 0; at < 40; ++at) {
        rows.push_back(row("a" + std::to_string(at), "shut", "w" + std::to_string(at)));
        rows.push_back(row("h" + std::to_string(at), "held", ""));
    }
    rows.push_back(row("z", "open", "laptop\\u001b reaches it"));

    const std::string notes = board_notes(rows);

    EXPECT_TRUE(notes.starts_with("From outside, wall on z: gets through")) << notes;
    EXPECT_EQ(notes.find('\x1b'), std::string::npos);
    EXPECT_TRUE(notes.ends_with("From outside, of 71 more: --json has it\n")) << notes;
    for (const auto line : std::views::split(notes, '\n')) {
        EXPECT_LE(std::ranges::distance(line), 80);
    }
}

/// With `control_ends_first` as the server computes it.
JsonValue exception(
    const std::string& state, const std::string& control_end, const std::string& later) {
    return *parse_json(
        R"({"id":"4f1c","exception":"4f1c","control":"","host":"web1","state":")" + state
        + R"(","expires_at":"2026-12-20T00:00:00Z","exception_ends_at":"2026-12-20T00:00:00Z",)"
        + R"("renewal_until":)" + (later.empty() ? "null" : "\"" + later + "\"")
        + R"(,"first_control_to_end":"vlan","controls_end_at":)"
        + (control_end.empty() ? "null" : "\"" + control_end + "\"") + R"(,"control_ends_first":)"
        + (!control_end.empty() && control_end < "2026-12-20" ? "true" : "false") + "}");
}

constexpr const char* kOutlasted =
    "Exception 4f1c: its control vlan ends at 2026-12-10T00:00:00Z, before the\n"
    "  exception does, at 2026-12-20T00:00:00Z\n";

TEST(ExceptionNotes, SayWhichControlEndsBeforeTheException) {
    const std::string early = "2026-12-10T00:00:00Z";
    const std::vector<JsonValue> exceptions{
        exception("active", early, ""),
        exception("expired", early, ""),
        exception("active", "2026-12-20T00:00:00Z", ""),
        exception("requested", "", "")};

    EXPECT_EQ(exception_notes(exceptions), kOutlasted);
    EXPECT_EQ(board_notes(std::vector<JsonValue>(2, exceptions.front())), kOutlasted);
    EXPECT_EQ(board_notes({&exceptions.back(), 1}), "");
}

TEST(ExceptionNotes, SayItOfTheLaterEndThatIsAskedFor) {
    const std::vector<JsonValue> one{
        exception("active", "2026-12-25T00:00:00Z", "2027-01-01T00:00:00Z")};

    EXPECT_TRUE(exception_notes(one).ends_with("at 2027-01-01T00:00:00Z\n"))
        << exception_notes(one);
}

TEST(OutsideLines, NameTheFirstOfManyHostsOnce) {
    std::vector<OutsideSaying> sayings;
    for (int at = 9; at > 0; --at) {
        sayings.insert(sayings.end(), 2, {"h" + std::to_string(at), "held", ""});
    }
    EXPECT_EQ(
        outside_lines(sayings),
        "From outside, h1, h2, h3, h4, h5 and 4 more: proven from outside\n");
}

}  // namespace
}  // namespace thimble::client
