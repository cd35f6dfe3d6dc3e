#include "thimble/report/scan_json.hpp"

#include "thimble/report/parsed_json_test.hpp"
#include "thimble/report/report_builder_test.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace thimble::report {
namespace {

using model::FindingStatus;

/// A report in which no list is empty.
void fill_everything(AScan& scan) {
    fill(scan);
    scan.checked_against("debian-tracker", "2026-11-22", 40'000);
    scan.inventory().index = {true, on("2026-11-23"), {}};
    scan.inventory().kernel.running_release = "6.1.0-13-amd64";
    model::Patch& patch = scan.patch_of(0, "7.88.1-10+deb12u4");
    patch.vulnerabilities = {1};
    patch.decision = scan.work().decisions[0];
    patch.due = {on("2026-11-20"), "BOD 26-04 row 8"};
    patch.blockers = {{model::BlockerKind::Hold, "held by apt-mark"}};
    patch.restart = model::Restart::Services;
    patch.services = {"nginx.service"};
    patch.urgency = "high";
    patch.news = {"news"};
    scan.work().decisions[0].inputs = {{"in KEV", "yes", "kev", on("2026-11-06")}};
    scan.finding().evidence = {{"osv", "DSA-1", "1 < 2", on("2026-11-01")}};
    scan.inventory().stale_processes = {
        {7, "nginx", "nginx.service", "service", {"/usr/lib/libcurl.so.4"}, true}};
    scan.inventory().listeners = {{"tcp", "0.0.0.0", 80, false, 7, "nginx", "nginx"}};
}

TEST(ScanJson, OfASmallReportIsExactly) {
    AScan scan;
    scan.has("curl", "1").with("CVE-2024-1", FindingStatus::AffectedFixAvailable).fixed_in("2");
    scan.due("2026-12-01");

    EXPECT_EQ(
        scan_json(scan.report()),
        R"j({"format":"thimble.scan/1","host":{"name":"web1","os":{"id":"debian","version_id":"12",)j"
        R"j("pretty_name":"Debian GNU/Linux 12 (bookworm)"},"architecture":"amd64","packages":1,)j"
        R"j("kernel":{"running":null,"newest":null,"container":false},"reboot_required":false,)j"
        R"j("index":{"asked":false,"refreshed_at":null}},"taken_at":"2026-11-23T00:00:00Z",)j"
        R"j("catalog":null,"summary":{"overdue":null,"exploited":null,"pending":null,"blocked":null,)j"
        R"j("unknown":0,"open_without_fix":null,"other_updates":0,"lower_bounds":[]},)j"
        R"j("patches":[],"findings":[)j"
        R"j({"vulnerability":"CVE-2024-1","package":{"name":"curl","version":"1","source":"curl",)j"
        R"j("source_version":"1","architecture":"amd64",)j"
        R"j("purl":"pkg:deb/debian/curl@1?arch=amd64&distro=debian-12"},)j"
        R"j("status":"affected_fix_available","reason":null,"fixed_version":"2",)j"
        R"j("called_unimportant_by":null,)j"
        R"j("decision":{"outcome":"defer","due":"2026-12-01","rule":"BOD 26-04 row 0",)j"
        R"j("bod_2604_row":0,"ssvc_deployer_row":0,"raised":false,)j"
        R"j("collect_evidence_first":false,"inputs":[]},"evidence":[]}],"pending_restarts":[],)j"
        R"j("listeners":[],"gaps":[]})j");
}

TEST(ScanJson, SaysWhatHoldsAPatchBack) {
    AScan scan;
    model::Patch& patch = scan.has("curl", "1").patch("2");
    EXPECT_EQ(ParsedJson(scan_json(scan.report())).text("/patches/0/state"), "ready");
    EXPECT_TRUE(ParsedJson(scan_json(scan.report())).at("/patches/0/blocker").is_null());

    patch.offered = false;
    const ParsedJson unknown(scan_json(scan.report()));
    EXPECT_EQ(unknown.text("/patches/0/state"), "offer_unknown");
    EXPECT_TRUE(unknown.at("/patches/0/offered").is_null());

    scan.inventory().index.asked = true;
    patch.blocked_reason = "not_offered";
    const ParsedJson reason(scan_json(scan.report()));
    EXPECT_EQ(reason.text("/patches/0/state"), "blocked");
    EXPECT_EQ(reason.text("/patches/0/blocker/kind"), "not_offered");
    EXPECT_FALSE(reason.at("/patches/0/offered").as_bool());
    EXPECT_TRUE(reason.at("/patches/0/blocker/detail").is_null());

    patch.blockers = {{model::BlockerKind::Phased, "draw 73 > 40 %"}};
    const ParsedJson blocker(scan_json(scan.report()));
    EXPECT_EQ(blocker.text("/patches/0/blocker/kind"), "phased");
    EXPECT_EQ(blocker.text("/patches/0/blocker/detail"), "draw 73 > 40 %");

    patch.installed = true;
    EXPECT_EQ(ParsedJson(scan_json(scan.report())).text("/patches/0/state"), "installed_not_live");
}

TEST(ScanJson, NamesTheUpdateThatMayBeAFixWhereNoneIsKnown) {
    AScan scan;
    scan.has("curl", "1").with("CVE-1", model::FindingStatus::AffectedNoFix);
    EXPECT_EQ(scan_json(scan.report()).find("unread_update"), std::string::npos);
    model::Offer update;
    update.name = update.source_name = "curl";
    update.source_version = "2";
    scan.inventory().offers.push_back(update);

    EXPECT_NE(scan_json(scan.report()).find(R"("unread_update":"2")"), std::string::npos);
    scan.finding().status = model::FindingStatus::AffectedFixNotInMyRepos;
    EXPECT_EQ(scan_json(scan.report()).find("unread_update"), std::string::npos);
}

TEST(ScanJson, NamesWhoCallsAFindingUnimportant) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", model::FindingStatus::AffectedNoFix);
    scan.with("CVE-2", model::FindingStatus::AffectedNoFix);
    scan.finding().called_unimportant_by = "Debian";

    const ParsedJson json(scan_json(scan.report()));

    EXPECT_TRUE(json.at("/findings/0/called_unimportant_by").is_null());
    EXPECT_EQ(json.text("/findings/1/called_unimportant_by"), "Debian");
}

TEST(ScanJson, RanksThePatches) {
    AScan scan;
    scan.has("a", "1").patch("2");
    scan.has("b", "1").patch("2");

    const ParsedJson json(scan_json(scan.report()));

    EXPECT_EQ(json.at("/patches/0/rank").as_int64(), 1);
    EXPECT_EQ(json.text("/patches/1/source"), "b");
    EXPECT_EQ(json.at("/patches/1/rank").as_int64(), 2);
}

TEST(ScanJson, ShowsInputsAndEvidence) {
    AScan scan;
    fill_everything(scan);

    const ParsedJson json(scan_json(scan.report()));

    EXPECT_EQ(json.text("/findings/0/decision/inputs/0/as_of"), "2026-11-06");
    EXPECT_EQ(json.text("/findings/2/evidence/0/statement"), "1 < 2");
    EXPECT_TRUE(json.at("/findings/2/vulnerability").is_null());
    EXPECT_EQ(json.text("/pending_restarts/0/files/0"), "/usr/lib/libcurl.so.4");
    EXPECT_EQ(json.at("/listeners/0/port").as_int64(), 80);
    EXPECT_EQ(json.text("/catalog/feeds/0/as_of"), "2026-11-22");
}

TEST(ScanJson, StaysJsonWhateverTheFeedsSay) {
    AScan scan;
    scan.has("a\"\\\n", "1\xff").with("CVE-\"", FindingStatus::AffectedNoFix);
    scan.gap("assess.x", "\x1b[2J\xc3");

    EXPECT_EQ(ParsedJson(scan_json(scan.report())).text("/findings/0/package/name"), "a\"\\\n");
}

void collect_keys(const boost::json::value& value, std::set<std::string>& keys) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            keys.emplace(member.key());
            collect_keys(member.value(), keys);
        }
    } else if (const auto* array = value.if_array()) {
        for (const boost::json::value& item : *array) {
            collect_keys(item, keys);
        }
    }
}

TEST(ScanJson, HasNoKeyThatItsDocumentationLacks) {
    const auto page =
        std::filesystem::path(THIMBLE_TESTDATA).parent_path().parent_path().parent_path()
        / "docs/formats/scan.md";
    std::ifstream file(page);
    ASSERT_TRUE(file) << page;
    const std::string text(std::istreambuf_iterator<char>(file), {});
    AScan scan;
    fill_everything(scan);
    std::set<std::string> keys;
    collect_keys(ParsedJson(scan_json(scan.report())).at(""), keys);

    for (const std::string& key : keys) {
        EXPECT_NE(text.find("`" + key + "`"), std::string::npos) << key;
    }
}

}  // namespace
}  // namespace thimble::report
