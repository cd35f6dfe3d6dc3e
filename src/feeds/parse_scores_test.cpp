// KEV, EPSS and CVE records: what the world knows of a vulnerability apart from packages.
#include "thimble/feeds/parse_cve_record.hpp"
#include "thimble/feeds/parse_epss.hpp"
#include "thimble/feeds/parse_kev.hpp"
#include "thimble/feeds/recording_sink.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::feeds {
namespace {

using model::Automatable;
using model::Exploitation;
using model::TechnicalImpact;

TEST(ParseKev, TrimsStrayWhiteSpaceAndReadsTheRow) {
    Parsed parsed;
    parse_into(parsed, parse_kev, R"({"dateReleased":"2026-01-27T20:51:50.7688Z","vulnerabilities":[
        {"cveID":" CVE-2025-68645 ","vulnerabilityName":"Zimbra  Inclusion\n","dateAdded":"2026-01-22",
         "dueDate":"2026-02-12","knownRansomwareCampaignUse":"Known "}]})");

    ASSERT_EQ(parsed.sink.all_facts.size(), 1U);
    const auto& facts = parsed.sink.all_facts[0];
    EXPECT_EQ(facts.id, "CVE-2025-68645");
    EXPECT_EQ(facts.kev->name, "Zimbra Inclusion");
    EXPECT_EQ(format_date(facts.kev->added), "2026-01-22");
    EXPECT_EQ(format_date(*facts.kev->due), "2026-02-12");
    EXPECT_TRUE(facts.kev->ransomware);
    EXPECT_EQ(format_instant(*parsed.counts->newest), "2026-01-27T20:51:50Z");
}

TEST(ParseKev, ReadsEntriesWithoutWeaknessOrDueDate) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_kev,
        R"({"vulnerabilities":[{"cveID":"CVE-2022-21971","dateAdded":"2022-08-18","cwes":[]}]})");

    ASSERT_EQ(parsed.sink.all_facts.size(), 1U);
    EXPECT_FALSE(parsed.sink.all_facts[0].kev->due);
    EXPECT_FALSE(parsed.sink.all_facts[0].kev->ransomware);
}

TEST(ParseKev, QuarantinesOneEntryAlone) {
    Parsed parsed;
    parse_into(parsed, parse_kev, R"({"vulnerabilities":[{"cveID":"CVE-1","dateAdded":"2022-08-18"},
        {"cveID":"CVE-2022-0001","dateAdded":"soon"},{"cveID":"CVE-2022-0002","dateAdded":"2022-08-18"}]})");

    EXPECT_EQ(parsed.counts->records, 1U);
    ASSERT_EQ(parsed.sink.quarantined.size(), 2U);
    EXPECT_EQ(parsed.sink.quarantined[0].reason, "cveID is not a CVE id");
    EXPECT_EQ(parsed.sink.quarantined[1].reason, "dateAdded is missing or not a date");
}

TEST(ParseKev, RefusesAnErrorPage) {
    Parsed parsed;
    parse_into(parsed, parse_kev, "<html><body>503</body></html>");
    EXPECT_EQ(parsed.counts.error().code, "feeds.bad_json");
    parse_into(parsed, parse_kev, R"({"error":"no"})");
    EXPECT_EQ(parsed.counts.error().code, "feeds.not_this_feed");
}

TEST(ParseEpss, ReadsModelAndDayFromTheComment) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_epss,
        "#model_version:v2026.06.15,score_date:2026-08-15T12:00:00Z\r\ncve,epss,percentile\r\n"
        "CVE-1999-0001,0.03351,0.8765\r\nCVE-1999-0002,0.99999,1.0\n");

    ASSERT_EQ(parsed.sink.all_facts.size(), 2U);
    const auto& score = *parsed.sink.all_facts[0].epss;
    EXPECT_EQ(score.score_millionths, 33510U);
    EXPECT_EQ(score.percentile_millionths, 876500U);
    EXPECT_EQ(score.model, "v2026.06.15");
    EXPECT_EQ(format_instant(score.scored), "2026-08-15T12:00:00Z");
    EXPECT_EQ(parsed.sink.all_facts[1].epss->score_millionths, 999990U);
    EXPECT_EQ(parsed.sink.all_facts[1].epss->percentile_millionths, 1000000U);
    EXPECT_EQ(parsed.counts->newest, score.scored);
}

TEST(ParseEpss, ReadsOldFilesWithoutCommentAndOffsetsWithoutColon) {
    Parsed bare;
    parse_into(bare, parse_epss, "cve,epss\nCVE-2020-5902,0.65117\n");
    Parsed offset;
    parse_into(
        offset,
        parse_epss,
        "#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\ncve,epss,percentile\n"
        "CVE-2020-5902,9.7e-05,0.5\n");

    ASSERT_EQ(bare.sink.all_facts.size(), 1U);
    EXPECT_EQ(bare.sink.all_facts[0].epss->model, "");
    EXPECT_FALSE(bare.counts->newest);
    EXPECT_EQ(format_date(*offset.counts->newest), "2022-02-04");
    EXPECT_EQ(offset.sink.all_facts.at(0).epss->score_millionths, 97U);
}

TEST(ParseEpss, QuarantinesLinesThatAreNoScore) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_epss,
        "cve,epss,percentile\nCVE-2020-0001,1.5,0.1\nCVE-2020-0002,nan,0.1\nx,0.1,0.1\n"
        "CVE-2020-0003,0.1,0.1\n");

    EXPECT_EQ(parsed.counts->records, 1U);
    EXPECT_EQ(parsed.counts->quarantined, 3U);
}

TEST(ParseEpss, QuarantinesALineBeyondTheLimit) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_epss,
        "cve,epss,percentile\n" + std::string(std::size_t{2} << 20U, 'x')
            + "\nCVE-2020-0003,0.1,0.1\n");

    EXPECT_EQ(parsed.counts->records, 1U);
    ASSERT_EQ(parsed.sink.quarantined.size(), 1U);
    EXPECT_EQ(parsed.sink.quarantined[0].record, "line 2");
    EXPECT_EQ(parsed.sink.quarantined[0].reason, "the line is too long");
}

TEST(ParseEpss, RefusesWhatHasNoHeader) {
    Parsed parsed;
    parse_into(parsed, parse_epss, "CVE-2020-0003,0.1,0.1\n");
    EXPECT_EQ(parsed.counts.error().code, "feeds.not_this_feed");
}

std::string cve_record(std::string_view options, std::string_view kev = "") {
    return R"({"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-3400",
        "state":"PUBLISHED","datePublished":"2024-04-12T07:20:00Z","dateUpdated":"2024-08-01T20:12:06Z"},
        "containers":{"cna":{"title":"PAN-OS","metrics":[{"cvssV3_1":{"vectorString":"CVSS:3.1/A"}},
        {"cvssV4_0":{"vectorString":"CVSS:4.0/B"}}]},
        "adp":[{"metrics":[{"cvssV3_1":{"vectorString":"CVSS:3.1/A"}},{"cvssV3_0":{"vectorString":"CVSS:3.0/C"}},
        {"other":{"type":"ssvc","content":{"options":[)"
        + std::string(options) + R"(],"timestamp":"2024-04-17T04:00:13.54Z"}}})" + std::string(kev)
        + "]}]}}";
}

model::VulnerabilityFacts facts_of(std::string_view json) {
    Parsed parsed;
    parse_into(parsed, parse_cve_record, json);
    EXPECT_EQ(parsed.sink.all_facts.size(), 1U);
    return parsed.sink.all_facts.empty() ? model::VulnerabilityFacts{} : parsed.sink.all_facts[0];
}

TEST(ParseCveRecord, ReadsSsvcInAnyCaseAndSpelling) {
    const auto spaced = facts_of(cve_record(
        R"({"Exploitation":"Active"},{"Automatable":"Yes"},{"Technical Impact":"Total"})"));
    const auto camel = facts_of(
        cve_record(R"({"exploitation":"poc","automatable":"no","technicalImpact":"partial"})"));
    const auto shouting = facts_of(cve_record(R"({"EXPLOITATION":"PoC"},{"AUTOMATABLE":"YES"})"));

    EXPECT_EQ(spaced.ssvc->exploitation, Exploitation::Active);
    EXPECT_EQ(spaced.ssvc->automatable, Automatable::Yes);
    EXPECT_EQ(spaced.ssvc->impact, TechnicalImpact::Total);
    EXPECT_EQ(format_instant(spaced.ssvc->timestamp), "2024-04-17T04:00:13Z");
    EXPECT_EQ(camel.ssvc->exploitation, Exploitation::PublicPoc);
    EXPECT_EQ(camel.ssvc->automatable, Automatable::No);
    EXPECT_EQ(camel.ssvc->impact, TechnicalImpact::Partial);
    EXPECT_EQ(shouting.ssvc->exploitation, Exploitation::PublicPoc);
    EXPECT_FALSE(shouting.ssvc->impact);
}

TEST(ParseCveRecord, LeavesOutSsvcValuesItDoesNotKnow) {
    EXPECT_FALSE(facts_of(cve_record(R"({"Exploitation":"perhaps"})")).ssvc);
}

TEST(ParseCveRecord, TakesVectorsOfEveryContainerOnceTheCnaFirst) {
    EXPECT_EQ(
        facts_of(cve_record("")).cvss_vectors,
        (std::vector<std::string>{"CVSS:3.1/A", "CVSS:4.0/B", "CVSS:3.0/C"}));
}

TEST(ParseCveRecord, CisasKevMarkCountsAsActiveExploitation) {
    const auto facts = facts_of(cve_record(
        R"({"Exploitation":"None"},{"Automatable":"No"})",
        R"(,{"other":{"type":"kev","content":{"dateAdded":"2024-04-12"}}})"));

    EXPECT_EQ(facts.ssvc->exploitation, Exploitation::Active);
    EXPECT_EQ(facts.ssvc->automatable, Automatable::No);
    EXPECT_FALSE(facts.kev);
}

TEST(ParseCveRecord, ReadsRejectedRecordsThatHaveNothingElse) {
    const auto facts = facts_of(
        R"({"cveMetadata":{"cveId":"CVE-2024-0001","state":"REJECTED"},"containers":{"cna":{}}})");

    EXPECT_TRUE(facts.rejected);
    EXPECT_FALSE(facts.ssvc);
}

TEST(ParseCveRecord, TakesTheEnglishDescriptionWhereThereIsNoTitle) {
    const auto facts = facts_of(
        R"({"cveMetadata":{"cveId":"CVE-2024-0001","state":"PUBLISHED"},"containers":{"cna":{
            "descriptions":[{"lang":"fr","value":"non"},{"lang":"en-US","value":"yes\nmore"}]}}})");

    EXPECT_EQ(facts.summary, "yes");
}

TEST(ParseCveRecord, QuarantinesWhatIsNoRecord) {
    Parsed parsed;
    parse_into(parsed, parse_cve_record, "{}");
    parse_into(parsed, parse_cve_record, R"({"cveMetadata":{"cveId":"CVE-x"},"containers":{}})");
    parse_into(parsed, parse_cve_record, "{");

    ASSERT_EQ(parsed.sink.quarantined.size(), 3U);
    EXPECT_EQ(parsed.sink.quarantined[0].record, "test-document");
    EXPECT_EQ(parsed.sink.quarantined[1].reason, "cveId is missing or not a CVE id");
}

}  // namespace
}  // namespace thimble::feeds
