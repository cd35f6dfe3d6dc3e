#include "thimble/server/parse_job_report.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using Ending = rollout::JobEnd::Ending;

JobReport result(const std::string& outcome, int status, const std::string& output = "") {
    return {
        .kind = JobReport::Kind::Result,
        .job = "j",
        .text = output,
        .outcome = outcome,
        .exit_status = status};
}

}  // namespace

TEST(ParseJobReport, ReadsWhatAHelperWrites) {
    const std::string digest(64, 'a');
    const auto report = parse_job_report(
        {1,
         "job.result",
         R"({"job":"j","kind":"apply","outcome":"failed","exit_status":1,"plan_digest":null,"documents":[")"
             + digest + R"("],"output":"oh"})"});

    ASSERT_TRUE(report);
    EXPECT_EQ(report->job, "j");
    EXPECT_EQ(report->outcome, "failed");
    EXPECT_EQ(report->exit_status, 1);
    EXPECT_EQ(report->document, digest);
    EXPECT_EQ(parse_job_report({1, "job.progress", R"({"job":"j","text":"half"})"})->text, "half");
    const auto begun = parse_job_report({1, "job.begun", R"({"job":"j"})"});
    EXPECT_EQ(begun->kind, JobReport::Kind::Begun);
    EXPECT_EQ(begun->job, "j");
    EXPECT_FALSE(parse_job_report({1, "job.begun", R"({})"}));
    const auto waiting = parse_job_report({1, "job.waiting", R"({"job":"j","text":"no helper"})"});
    EXPECT_EQ(waiting->kind, JobReport::Kind::Waiting);
    EXPECT_EQ(waiting->text, "no helper");
    EXPECT_EQ(
        parse_job_report({1, "job.refused", R"({"job":"j","why":"expired"})"})->kind,
        JobReport::Kind::Refused);
}

TEST(ParseJobReport, TellsEvidenceFromWhatWasPrinted) {
    const std::string printed(64, 'a');
    const std::string evidence(64, 'b');
    const auto read = [&](const std::string& documents, const std::string& named) {
        return parse_job_report(
            {1,
             "job.result",
             R"({"job":"j","kind":"apply","outcome":"done","exit_status":0,"plan_digest":null,)"
             R"("documents":[)"
                 + documents + R"(],"evidence":)" + named + R"(,"output":""})"});
    };
    const std::string both = "\"" + printed + "\",\"" + evidence + "\"";

    EXPECT_EQ(read(both, "\"" + evidence + "\"")->document, printed);
    EXPECT_EQ(read(both, "\"" + evidence + "\"")->evidence, evidence);
    // Nothing was printed.
    EXPECT_EQ(read("\"" + evidence + "\"", "\"" + evidence + "\"")->document, "");
    EXPECT_EQ(read(both, "null")->evidence, "");
    EXPECT_FALSE(read("\"" + printed + "\"", "\"" + evidence + "\""));
    EXPECT_FALSE(read(both, "1"));
}

TEST(ParseJobReport, PassesOverWhatIsNotOne) {
    EXPECT_FALSE(parse_job_report({1, "job.finished", "j"}));
    EXPECT_FALSE(parse_job_report({1, "job.result", "{}"}));
    EXPECT_FALSE(parse_job_report({1, "job.result", "not JSON"}));
    EXPECT_FALSE(parse_job_report(
        {1,
         "job.result",
         R"({"job":"j","kind":"apply","outcome":"done","exit_status":0,"plan_digest":null,"documents":["../x"],"output":""})"}));
}

TEST(EndOfJob, TakesRunAndResultFromTheDocument) {
    const auto end = end_of_job(
        result("failed", 1),
        {"apply", R"({"run":"r1","result":"rolled_back","reason":"nginx is lost"})"});

    EXPECT_EQ(end.run, "r1");
    EXPECT_EQ(end.result, "rolled_back");
    EXPECT_EQ(end.why, "nginx is lost");
    EXPECT_EQ(end.ending, Ending::Failed);
}

TEST(EndOfJob, BlamesThePatchUnlessTheHostItselfWasInTheWay) {
    const auto end_by = [](const std::string& cause) {
        return end_of_job(
            result("failed", 1),
            {"apply", R"({"run":"r1","result":"rolled_back","reason":"full")" + cause + "}"});
    };
    for (const char* cause : {R"(,"cause":"no_space")", R"(,"cause":"locked")"}) {
        EXPECT_TRUE(end_by(cause).is_of_surroundings) << cause;
    }
    for (const char* cause :
         {"",
          R"(,"cause":null)",
          R"(,"cause":"patch")",
          R"(,"cause":"weather")",
          R"(,"cause":1)"}) {
        EXPECT_FALSE(end_by(cause).is_of_surroundings) << cause;
        EXPECT_EQ(end_by(cause).result, "rolled_back") << cause;
    }
}

TEST(EndOfJob, SaysWhyAHostCouldNotTellWhatItMisses) {
    const auto end = end_of_job(
        result("failed", 2),
        {"prefetch",
         R"({"plan":null,"left_out":[],"gaps":[{"code":"assess.index_stale","detail":"the package index is 40 days old","next":"apt-get update"}]})"});

    EXPECT_EQ(end.ending, Ending::Failed);
    EXPECT_EQ(end.why, "the package index is 40 days old");
}

TEST(EndOfJob, HoldsBackWhatWaitsAndNotWhatHasNothingNewer) {
    const auto end_of = [](const std::string& left_out) {
        return end_of_job(
            result("done", 0),
            {"prefetch", R"({"plan":null,"left_out":[)" + left_out + R"(],"gaps":[]})"});
    };
    const std::string newest =
        R"({"source":"curl","code":"nothing_newer","why":"1-1 is installed"})";
    const std::string held = R"({"source":"bash","code":"held","why":"it is on hold"})";

    EXPECT_EQ(end_of(newest).held_back, "");
    EXPECT_EQ(end_of(newest).why, "curl: 1-1 is installed");
    EXPECT_EQ(end_of(newest + "," + held).held_back, "bash: it is on hold");
    EXPECT_EQ(end_of(held + "," + held).held_back, "bash: it is on hold (and 1 more)");
}

TEST(LeftOutOfDocument, IsWhatAPrefetchWithoutAPlanTells) {
    const auto read = left_out_of_document(
        R"({"plan":null,"left_out":[{"source":"curl","code":"nothing_newer","why":"w","installed":"1-1","type":"deb"},{"source":"bash","code":"hold","why":"h"}],"gaps":[]})");

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(
        *read,
        (std::vector<model::LeftOut>{
            {"curl", "nothing_newer", "w", "1-1", "deb"}, {"bash", "hold", "h"}}));
    EXPECT_EQ(left_out_of_document(""), std::nullopt) << "it has not come";
    EXPECT_EQ(left_out_of_document("{}"), std::nullopt);
    EXPECT_EQ(left_out_of_document(R"({"left_out":[{"source":"curl"}]})"), std::nullopt);
    EXPECT_EQ(
        left_out_of_document(
            R"({"left_out":[{"source":"a","code":"nothing_newer","why":"w","installed":1}]})"),
        std::nullopt);
}

TEST(EndOfJob, NamesTheCheckThatARehearsalFailed) {
    const auto end = end_of_job(
        result("failed", 1),
        {"rehearse",
         R"({"checks":[{"name":"a","verdict":"pass","summary":"s"},{"name":"linking","verdict":"fail","summary":"lost f"}]})"});

    EXPECT_EQ(end.why, "linking: lost f");
}

TEST(EndOfJob, TakesTheWorstStateOfAVerification) {
    const auto state_of = [](const std::string& first, const std::string& second) {
        return end_of_job(
                   result("failed", 1),
                   {"verify",
                    R"({"patches":[{"source":"a","state":")" + first
                        + R"(","evidence":["e"]},{"source":"b","state":")" + second
                        + R"(","evidence":[]}]})"})
            .worst_state;
    };

    EXPECT_EQ(state_of("verified", "installed_pending_restart"), "installed_pending_restart");
    EXPECT_EQ(
        state_of("installed_pending_reboot", "installed_pending_restart"),
        "installed_pending_reboot");
    EXPECT_EQ(state_of("missing", "unknown"), "missing");
    EXPECT_EQ(state_of("unknown", "verified"), "unknown");
}

TEST(EndOfJob, SaysTheLastLineWhereNoDocumentCame) {
    EXPECT_EQ(end_of_job(result("failed", 77, "one\ntwo\n"), {"apply", ""}).why, "two");
    EXPECT_EQ(end_of_job(result("done", 0, "one\n"), {"apply", ""}).why, "");
    EXPECT_EQ(end_of_job(result("done", 1), {"verify", ""}).ending, Ending::Failed);
}

TEST(EndOfJob, TakesAHostWithoutTheNamedPackageForOneWithNothingToDo) {
    const std::string output =
        "thimble: a note\nthimble: no patch of this host has to do with x\n"
        "    [apply.nothing_selected]\n";
    EXPECT_EQ(
        end_of_job(result("failed", 66, output), {"apply", ""}).why,
        "thimble: no patch of this host has to do with x [apply.nothing_selected]");

    EXPECT_EQ(end_of_job(result("failed", 66, output), {"prefetch", ""}).ending, Ending::Done);
    EXPECT_EQ(end_of_job(result("failed", 66, output), {"apply", ""}).ending, Ending::Failed);
}

TEST(EndOfJob, KeepsTheCodeOfAnErrorThatIsTooLong) {
    std::string output = "thimble: no patch of this host has to do with";
    for (int number = 0; number < 100; ++number) {
        output += "\n    package-" + std::to_string(number) + ",";
    }
    output += "\n    [apply.nothing_selected]\n";

    const auto end = end_of_job(result("failed", 66, output), {"prefetch", ""});

    EXPECT_EQ(end.ending, Ending::Done);
    EXPECT_LE(end.why.size(), 1000U);
    EXPECT_TRUE(end.why.starts_with("thimble: no patch of this host has to do with package-0,"));
    EXPECT_TRUE(end.why.ends_with("... [apply.nothing_selected]")) << end.why;
    const std::string unending = "thimble: [" + std::string(2000, 'x') + "]\n";
    EXPECT_LE(end_of_job(result("failed", 1, unending), {"apply", ""}).why.size(), 1000U);
}

TEST(EndOfJob, KeepsHostileTextHarmless) {
    const auto end = end_of_job(
        result("failed", 1),
        {"apply", R"({"run":"r","result":"failed","reason":"\u001b[2Jgone"})"});

    EXPECT_EQ(end.why.find('\x1b'), std::string::npos);
}

TEST(PlanOfDocument, RefusesWhatIsNoPlanOfThatDigest) {
    EXPECT_FALSE(plan_of_document(std::string(64, 'a'), "{}"));
    EXPECT_FALSE(plan_of_document(std::string(64, 'a'), ""));
}

}  // namespace thimble::server
