#include "thimble/model/control_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::model {
namespace {

std::string a_report(const std::string& state, const std::string& checks) {
    return R"({"format":"thimble.control-report/1","id":"c1","digest":")" + std::string(64, 'a')
        + R"(","kind":"virtual-patch","action":"verify","state":")" + state
        + R"(","at":"2026-11-01T12:00:00Z","mode":"block","checks":[)" + checks
        + R"(],"bypass":["port 8080"],"job":"j1"})";
}

std::string a_check(const std::string& passed) {
    return R"({"name":"attack","expected":"403","seen":"200","passed":)" + passed + "}";
}

TEST(ParseControlReport, ReadsWhatAHostSays) {
    const auto report =
        parse_control_report(a_report("holding", a_check("true") + "," + a_check("null")));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->kind, ControlKind::VirtualPatch);
    EXPECT_EQ(report->action, ControlAction::Verify);
    EXPECT_EQ(report->state, ControlOutcome::Holding);
    EXPECT_EQ(report->mode, ShieldMode::Block);
    EXPECT_EQ(report->job, "j1");
    ASSERT_EQ(report->checks.size(), 2U);
    EXPECT_EQ(report->checks[0].passed, true);
    EXPECT_EQ(report->checks[1].passed, std::nullopt);
    EXPECT_EQ(report->bypass, std::vector<std::string>{"port 8080"});
    EXPECT_EQ(*parse_control_report(format_control_report(*report)), *report);
}

TEST(ParseControlReport, RefusesEverythingElse) {
    const std::string good = a_report("holding", "");
    const auto without = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    ASSERT_TRUE(parse_control_report(good));
    EXPECT_FALSE(parse_control_report(""));
    EXPECT_FALSE(parse_control_report(without("control-report/1", "control-report/2")));
    EXPECT_FALSE(parse_control_report(without("c1", "../c")));
    EXPECT_FALSE(parse_control_report(without("j1", "../j")));
    EXPECT_FALSE(parse_control_report(without("aaaa", "zzzz")));
    EXPECT_FALSE(parse_control_report(without("virtual-patch", "hope")));
    EXPECT_FALSE(parse_control_report(without("verify", "guess")));
    EXPECT_FALSE(parse_control_report(without("holding", "fine")));
    EXPECT_FALSE(parse_control_report(without("2026-11-01T12:00:00Z", "today")));
    EXPECT_FALSE(parse_control_report(without("\"block\"", "\"off\"")));
    EXPECT_FALSE(parse_control_report(without("\"bypass\":[\"port 8080\"]", "\"bypass\":[1]")));
    std::string checks;
    for (int i = 0; i < 201; ++i) {
        checks += (i == 0 ? "" : ",") + a_check("true");
    }
    EXPECT_FALSE(parse_control_report(a_report("holding", checks)));
    EXPECT_FALSE(parse_control_report(good + std::string(kMaxControlReportBytes, ' ')));
}

TEST(ControlReport, OfAProbeSaysFromWhere) {
    std::string text = a_report("holding", a_check("true"));
    text.replace(text.find("verify"), 6, "probe");
    text.replace(text.rfind('}'), 1, R"(,"source":"10.0.0.7"})");
    const auto report = parse_control_report(text);

    ASSERT_TRUE(report);
    EXPECT_EQ(report->action, ControlAction::Probe);
    EXPECT_EQ(report->source, "10.0.0.7");
    EXPECT_EQ(format_control_report(*report), text);
    for (const char* const odd : {R"("web1")", R"("10.0.0.7 ")", "7"}) {
        std::string other = text;
        other.replace(other.find(R"("10.0.0.7")"), 10, odd);
        EXPECT_FALSE(parse_control_report(other)) << odd;
    }
}

TEST(ControlReport, ThatAPersonAskedForNamesNoJob) {
    std::string text = a_report("holding", "");
    text.replace(text.find("\"j1\""), 4, "null");

    const auto report = parse_control_report(text);

    ASSERT_TRUE(report);
    EXPECT_EQ(report->job, "");
    EXPECT_EQ(format_control_report(*report), text);
}

TEST(IsControlId, IsForNamesOfFilesTablesAndKeys) {
    EXPECT_TRUE(is_control_id("c-1_A"));
    for (const char* const id : {"", "-c", "a b", "../c", "a.b"}) {
        EXPECT_FALSE(is_control_id(id)) << id;
    }
    EXPECT_FALSE(is_control_id(std::string(65, 'a')));
}

}  // namespace
}  // namespace thimble::model
