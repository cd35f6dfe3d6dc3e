#include "thimble/protocol/messages.hpp"

#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

namespace {

using namespace thimble::protocol;

Report report(std::uint64_t sequence) {
    return {.sequence = sequence, .kind = "job.result", .content = R"({"a":1})"};
}

Work work() {
    return {
        .halted = true,
        .halt = 3,
        .jobs = {{.id = "job-1", .envelope = seal(format_job(apply_job()), seed_of(1))}}};
}

PollAnswer answer() {
    return {.work = work(), .interval = std::chrono::seconds(900), .wants_check_in = true};
}

TEST(Messages, ParseOfFormatIsIdentity) {
    EXPECT_EQ(*parse_poll_answer(format_poll_answer(answer())), answer());
    EXPECT_EQ(*parse_report(format_report(report(9))), report(9));
    const LeaseQuestion question{.job = "job-1", .lease = "lease-1", .challenge = "abc"};
    EXPECT_EQ(*parse_lease_question(format_lease_question(question)), question);
}

TEST(Messages, AreThoseOfTheProtocol) {
    EXPECT_EQ(
        format_enrol_request(
            {.token_id = "t",
             .secret = "s",
             .signing_request = "PEM",
             .host_name = "web1",
             .operating_system = "Debian 12",
             .architecture = "amd64",
             .agent_version = "0.1.0"}),
        R"({"token":"t","secret":"s","csr":"PEM","name":"web1","operating_system":"Debian 12",)"
        R"("architecture":"amd64","agent_version":"0.1.0","machine":null,"reach":"agent"})");
    EXPECT_EQ(
        format_check_in(
            {.inventory = "i",
             .packages = "p",
             .boot_id = "b",
             .agent_version = "v",
             .sequence = 2}),
        R"({"inventory":"i","packages":"p","boot_id":"b","agent_version":"v","sequence":2})");
    EXPECT_EQ(
        format_reports(std::vector{report(1)}),
        R"({"reports":[{"sequence":1,"kind":"job.result","content":"{\"a\":1}"}]})");
    EXPECT_EQ(*parse_reports_answer(R"({"report_sequence":5,"other":1})"), 5U);
    EXPECT_EQ(parse_problem(R"({"code":"server.revoked","detail":"d"})")->code, "server.revoked");
}

TEST(FactsDigest, IsOfAllButTheSequence) {
    const CheckIn facts{
        .inventory = "i", .packages = "p", .boot_id = "b", .agent_version = "v", .sequence = 2};
    const auto differs = [&](std::string CheckIn::* member) {
        CheckIn other = facts;
        other.*member = "another";
        return facts_digest(other) != facts_digest(facts);
    };
    CheckIn later = facts;
    later.sequence = 3;

    EXPECT_EQ(facts_digest(facts).size(), 16U);
    EXPECT_EQ(facts_digest(later), facts_digest(facts));
    for (const auto member :
         {&CheckIn::inventory, &CheckIn::packages, &CheckIn::boot_id, &CheckIn::agent_version}) {
        EXPECT_TRUE(differs(member));
    }
}

TEST(Messages, GiveCertificateAndKey) {
    const std::string key =
        "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPa"
        "piMlrwIaaPcHURo=\\n-----END PUBLIC KEY-----\\n";
    const std::string text =
        R"({"host_id":"h1","certificate":"C","authority":"A","deployment_key":")";

    const auto answer = parse_certificate_answer(text + key + "\"}");

    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    EXPECT_EQ(answer->host, "h1");
    EXPECT_EQ(answer->deployment_key.bytes.front(), 0xd7);
    EXPECT_FALSE(parse_certificate_answer(text + "x\"}").has_value());
}

CheckInAnswer answer_with(const std::string& members) {
    const auto answer = parse_check_in_answer(
        "{" + members + R"(,"report_sequence":1,"halted":false,"halt":0,"jobs":[]})");
    return answer ? *answer : CheckInAnswer{.needs = {answer.error().text()}, .work = {}};
}

TEST(Messages, KeepAServersIntervalWithinReason) {
    EXPECT_EQ(answer_with(R"("needs":[],"interval_seconds":0)").interval, std::chrono::seconds(10));
    EXPECT_EQ(
        answer_with(R"("needs":[],"interval_seconds":1000000000)").interval, std::chrono::days(1));
}

TEST(Messages, RefuseADigestThatIsAPath) {
    EXPECT_NE(
        answer_with(R"("needs":["../../etc/shadow"],"interval_seconds":60)")
            .needs.front()
            .find("needs"),
        std::string::npos);
}

TEST(Messages, LeaveOutAJobThatCannotBeReadAndKeepTheHalt) {
    const std::string good = format_poll_answer(answer());
    const std::string bad = R"({"id":"job-0","envelope":"{}"},)";
    std::string text = good;
    text.insert(text.find('[') + 1, bad);

    const auto parsed = parse_poll_answer(text);

    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, answer());
}

TEST(Messages, RefuseAReportThatIsTooLong) {
    Report longest = report(1);
    longest.content.assign(kMaxReportBytes, 'a');
    EXPECT_TRUE(parse_report(format_report(longest)).has_value());

    longest.content += 'a';
    EXPECT_FALSE(parse_report(format_report(longest)).has_value());
}

TEST(Messages, AskForARenewalWithTheRequestAlone) {
    EXPECT_EQ(format_renewal("-----BEGIN"), R"({"csr":"-----BEGIN"})");
}

}  // namespace
