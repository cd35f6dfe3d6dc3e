#include "thimble/report/scan_table.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/report/report_builder_test.hpp"

#include <rapidcheck.h>

#include <algorithm>

namespace thimble::report {
namespace {

using model::FindingStatus;

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

bool has_line(const std::string& table, const std::string& wanted) {
    const std::vector<std::string> lines = lines_of(table);
    return std::find(lines.begin(), lines.end(), wanted) != lines.end();
}

std::size_t characters(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// The line below the one that names the only patch.
std::string second_line(const AScan& scan) {
    const std::vector<std::string> lines = lines_of(scan_table(scan.report(), {}));
    return lines.at(6);
}

TEST(ScanTable, ShowsThePatchesAndTheNumbers) {
    AScan scan;
    fill(scan);
    model::Patch& patch = scan.patch_of(0, "7.88.1-10+deb12u4");
    patch.vulnerabilities = {1};
    patch.decision = scan.work().decisions[0];
    patch.due.due = on("2026-11-20");
    patch.restart = model::Restart::Services;
    TableStyle style;
    style.utf8 = false;

    EXPECT_EQ(
        scan_table(scan.report(), style),
        "web1: Debian GNU/Linux 12 (bookworm), 2 packages, 2026-11-23\n"
        "\n"
        "  at least 1 overdue   at least 1 exploited   at least 1 pending   ? blocked\n"
        "  1 unknown\n"
        "  (?: none was found, but it could not be known: see below)\n"
        "\n"
        "  1  curl  7.88.1-10+deb12u3 -> 7.88.1-10+deb12u4\n"
        "     KEV PoC  1 CVE    immediate, overdue 3 d            ready, restart\n"
        "\n"
        "Unknown, which is not safe:\n"
        "  1 package (bar): it is not a package of the distribution whose advisories were\n"
        "  read\n"
        "  all of them: thimble scan --json\n"
        "\n"
        "  1 open vulnerability without a fix yet; the list: thimble scan --json\n"
        "\n"
        "Could not be known:\n"
        "  - feed osv is old (thimble feeds sync osv)\n"
        "\n"
        "Next: thimble explain curl\n");
}

TEST(ScanTable, SaysWhatWasCheckedWhenNothingIsMissing) {
    AScan scan;
    scan.has("curl", "1").checked_against("debian-tracker", "2026-11-22", 40'000);
    scan.checked_against("kev", "2026-11-22", 1'500).inventory().index.asked = true;

    EXPECT_EQ(
        scan_table(scan.report(), {}),
        "web1: Debian GNU/Linux 12 (bookworm), 1 package, 2026-11-23\n"
        "\n"
        "  0 overdue   0 exploited   0 pending   0 blocked   0 unknown\n"
        "\n"
        "No security patch is missing. Checked against:\n"
        "  debian-tracker   40000 records, as of 2026-11-22\n"
        "  kev              1500 records, as of 2026-11-22\n");
}

TEST(ScanTable, SaysThatMoreMayBeExploitedWhereKevIsStale) {
    AScan scan;
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.checked_against("debian-tracker", "2026-11-22", 40'000);
    scan.checked_against("kev", "2026-11-22", 1'500).inventory().index.asked = true;

    EXPECT_TRUE(has_line(
        scan_table(scan.report(), {}),
        "  0 overdue   1 exploited   0 pending   0 blocked   0 unknown"));
    scan.feeds().back().stale = true;
    EXPECT_TRUE(has_line(
        scan_table(scan.report(), {}),
        "  ? overdue   at least 1 exploited   0 pending   0 blocked   0 unknown"));
}

TEST(ScanTable, ClaimsNothingWhenItCouldNotTell) {
    AScan scan;
    scan.has("curl", "1").gap("inventory.processes_unseen", "not root", "Run the scan as root.");
    scan.gap("assess.no_catalog", "there is no catalog", "thimble feeds sync");

    const std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(
        table, "No missing patch was found, but not everything could be judged: see below."));
    EXPECT_EQ(table.find("No security patch is missing"), std::string::npos);
    EXPECT_TRUE(has_line(table, "  ? overdue   ? exploited   ? pending   ? blocked   0 unknown"));
    EXPECT_EQ(lines_of(table).back(), "Next: thimble feeds sync");
}

TEST(ScanTable, TellsOnceAndWholeWhatManyPatchesWaitFor) {
    const std::string why =
        "dpkg was interrupted: run `chroot /srv/images/of-a-customer/web-one dpkg --configure -a`";
    AScan scan;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        scan.has(name, "1").patch("2").blockers = {
            {model::BlockerKind::PackageManagerInterrupted, why}};
    }
    std::string table;
    for (const std::string& line : lines_of(scan_table(scan.report(), {}))) {
        table += line.substr(std::min(line.find_first_not_of(' '), line.size())) + ' ';
    }

    EXPECT_TRUE(table.contains("a, b, c, d and 2 more: dpkg was interrupted: run")) << table;
    EXPECT_TRUE(table.contains("web-one dpkg --configure -a`")) << table;
}

TEST(ScanTable, ShowsTheStateOfAPatch) {
    AScan scan;
    model::Patch& patch = scan.has("curl", "1").patch("2");
    EXPECT_EQ(second_line(scan), "              CVEs?    defer, next upgrade               ready");

    patch.restart = model::Restart::Unknown;
    EXPECT_TRUE(second_line(scan).ends_with(" ready, restart?"));

    patch.restart = model::Restart::Reboot;
    patch.installed = true;
    EXPECT_TRUE(second_line(scan).ends_with(" installed, reboot"));

    patch.installed = patch.offered = false;
    EXPECT_TRUE(second_line(scan).ends_with(" offer unknown, reboot"));

    patch.blocked_reason = "not_offered";
    EXPECT_TRUE(second_line(scan).ends_with(" not offered"));

    patch.blockers = {{model::BlockerKind::Hold, "held by apt-mark"}};
    EXPECT_TRUE(second_line(scan).ends_with(" hold"));
    EXPECT_TRUE(has_line(scan_table(scan.report(), {}), "  curl: held by apt-mark"));
}

TEST(ScanTable, MarksExploitsAndDueDates) {
    AScan scan;
    model::Patch& patch = scan.has("curl", "1").patch("2");
    patch.decision.exploited_elsewhere = true;
    patch.vulnerabilities = {1, 2};
    patch.due.due = on("2026-12-01");

    EXPECT_EQ(second_line(scan), "     EXPL     2 CVEs   defer, due 2026-12-01             ready");
}

TEST(ScanTable, CountsThePatchesItDoesNotShow) {
    AScan scan;
    for (int i = 0; i < 4; ++i) {
        scan.has("p" + std::to_string(i), "1").patch("2");
    }
    TableStyle style;
    style.most_patches = 2;

    const std::string table = scan_table(scan.report(), style);

    EXPECT_TRUE(has_line(table, "     and 2 patches more: thimble scan --all"));
    EXPECT_EQ(table.find("p2"), std::string::npos);
}

TEST(ScanTable, GathersProcessesByUnit) {
    AScan scan;
    scan.inventory().stale_processes = {
        {1, "sshd", "ssh.service", "service", {}, false},
        {2, "sshd", "ssh.service", "service", {}, false},
        {3, "bash", "", "", {}, false}};

    const std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(table, "  ssh.service (2 processes)"));
    EXPECT_TRUE(has_line(table, "  bash (1 process)"));
}

TEST(ScanTable, CountsUpdatesThatAreNoSecurityMatter) {
    AScan scan;
    scan.work().other_updates = 1;

    EXPECT_TRUE(
        has_line(scan_table(scan.report(), {}), "  1 other update without security matters"));
}

TEST(ScanTable, WrapsLongGaps) {
    AScan scan;
    scan.gap("assess.x", std::string(60, 'a') + " " + std::string(30, 'b'));

    const std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(table, "  - " + std::string(60, 'a')));
    EXPECT_TRUE(has_line(table, "    " + std::string(30, 'b')));
}

TEST(ScanTable, PaintsOnlyWhenAsked) {
    AScan scan;
    scan.has("curl", "1").patch("2");
    TableStyle style;
    style.colour = true;

    EXPECT_NE(scan_table(scan.report(), style).find("\x1b[1mcurl\x1b[0m"), std::string::npos);
    EXPECT_EQ(scan_table(scan.report(), {}).find('\x1b'), std::string::npos);
}

TEST(ScanTable, OffersNoNameThatAShellWouldActOn) {
    for (const std::string name : {"$(reboot)", "a;b", "-rf", "a b", "`x`"}) {
        AScan scan;
        scan.has(name, "1").patch("2");

        EXPECT_EQ(lines_of(scan_table(scan.report(), {})).back(), "Next: thimble scan --json");
    }
}

TEST(ScanTable, RepeatsTheTargetInEachCommand) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).patch("2");
    scan.has("b", "1").patch("2");
    TableStyle style;
    style.most_patches = 1;
    style.repeated = " --root '/mnt/my image'";

    const std::string table = scan_table(scan.report(), style);

    EXPECT_TRUE(
        has_line(table, "     and 1 patch more: thimble scan --all --root '/mnt/my image'"));
    EXPECT_TRUE(has_line(table, "  1 open vulnerability without a fix yet; the list:"));
    EXPECT_TRUE(has_line(table, "    thimble scan --json --root '/mnt/my image'"));
    EXPECT_EQ(lines_of(table).back(), "Next: thimble explain a --root '/mnt/my image'");
}

TEST(ScanTable, NamesAnUnknownPackageNextWhenNothingElseIsToDo) {
    AScan scan;
    scan.checked_against("osv", "2026-11-22", 1);
    scan.has("good", "1").has("bar", "1").with("", FindingStatus::Unknown);
    EXPECT_EQ(lines_of(scan_table(scan.report(), {})).back(), "Next: thimble explain bar");

    scan.package().name = "$(reboot)";
    EXPECT_EQ(lines_of(scan_table(scan.report(), {})).back(), "Next: thimble scan --json");
}

TEST(ScanTable, CutsBetweenCharacters) {
    AScan scan;
    scan.inventory().host = std::string(22, 'h') + "\u00e9\u00e9\u00e9";

    EXPECT_TRUE(scan_table(scan.report(), {}).starts_with(std::string(22, 'h') + "~: Debian"));
}

/// Text from outside, of any bytes and often too long.
std::string any_text() {
    auto text = *rc::gen::arbitrary<std::string>();
    const auto times = *rc::gen::inRange<std::size_t>(0, 60);
    for (std::size_t i = 0; i < times; ++i) {
        text += *rc::gen::element<std::string>("a", " ", "\u00e9", "\u6f22", "\x1b", "\n", "\xff");
    }
    return text;
}

model::Patch any_patch() {
    model::Patch patch;
    patch.source = any_text();
    patch.from_version = any_text();
    patch.to_version = any_text();
    patch.vulnerabilities.resize(*rc::gen::inRange<std::size_t>(0, 20'000));
    patch.installed = *rc::gen::arbitrary<bool>();
    patch.restart = *rc::gen::element(
        model::Restart::None,
        model::Restart::Services,
        model::Restart::Reboot,
        model::Restart::Unknown);
    if (*rc::gen::arbitrary<bool>()) {
        patch.blockers = {{model::BlockerKind::PackageManagerInterrupted, any_text()}};
    }
    patch.blocked_reason = *rc::gen::arbitrary<bool>() ? any_text() : "";
    patch.decision.outcome = model::SsvcOutcome::OutOfCycle;
    patch.decision.exploited_elsewhere = patch.decision.public_poc = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) {
        patch.due.due = on("1970-01-01");
    }
    return patch;
}

TEST(ScanTable, FitsEightyColumnsAndShowsNoControlCharacters) {
    EXPECT_TRUE(rc::check([] {
        AScan scan;
        scan.inventory().host = any_text();
        scan.inventory().os.pretty_name = any_text();
        scan.inventory().packages.resize(*rc::gen::element<std::size_t>(1, 800, 100'000));
        const auto patches = *rc::gen::element<std::size_t>(0, 1, 3);
        for (std::size_t i = 0; i < patches; ++i) {
            scan.work().patches.push_back(any_patch());
        }
        scan.inventory().stale_processes = {{1, any_text(), any_text(), "", {}, false}};
        scan.gap(any_text(), any_text(), any_text()).checked_against(any_text(), "2026-01-01", 9);

        const std::string table = scan_table(scan.report(), {});

        RC_ASSERT(printable(table, table.size()).size() == table.size());
        for (const std::string& line : lines_of(table)) {
            RC_ASSERT(printable(line, line.size()) == line);
            RC_ASSERT(characters(line) <= 80U);
        }
    }));
}

TEST(ScanTable, NamesWhatIsDueAndHasNoFix) {
    AScan scan;
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.with("CVE-2", FindingStatus::UnderInvestigation).decision().exploited_elsewhere = true;
    scan.with("CVE-3", FindingStatus::AffectedNoFix).due("2026-12-01");
    scan.with("CVE-4", FindingStatus::AffectedNoFix);
    scan.has("libcurl4", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.package().source_name = "curl";

    const std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(
        table, "Due, and without a fix: shield or remove these (exploited ones are marked):"));
    EXPECT_NE(
        table.find("  CVE-1                curl                           KEV\n"), table.npos);
    EXPECT_NE(
        table.find("  CVE-2                curl                           EXPL\n"), table.npos);
    EXPECT_NE(table.find("  CVE-3                curl"), table.npos);
    EXPECT_EQ(table.find("CVE-4"), table.npos);
    EXPECT_EQ(table.find("libcurl4"), table.npos) << "once for a source: " << table;
}

TEST(ScanTable, SaysWhoCallsUnimportantWhatIsDueAllTheSame) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.due("2026-11-20").finding().called_unimportant_by = "Debian";
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;

    const std::string table = scan_table(scan.report(), {});

    EXPECT_NE(
        table.find("  CVE-1                nginx                          KEV  overdue 3 d\n"
                   "    Debian calls it unimportant for nginx\n"
                   "  CVE-1                curl                           KEV\n"),
        table.npos)
        << table;
    EXPECT_EQ(table.find("unimportant for curl"), table.npos) << table;
}

TEST(ScanTable, TellsTheDeadlineOfWhatHasNoFixAndCountsThePassedOnes) {
    AScan scan;
    scan.judged_on("2026-11-24");
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).due("2026-12-01");
    scan.with("CVE-2", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.due("2026-11-21");

    const std::string table = scan_table(scan.report(), {});

    EXPECT_NE(table.find("1 overdue"), table.npos) << table;
    const auto passed =
        table.find("  CVE-2                curl                           KEV  overdue 3 d\n");
    const auto coming =
        table.find("  CVE-1                curl                                due 2026-12-01\n");
    EXPECT_LT(passed, coming) << table;
    EXPECT_NE(coming, table.npos) << table;
}

/// Offers a new version of the package added last.
void offer(AScan& scan, const std::string& version) {
    model::Offer update;
    update.name = scan.package().name;
    update.source_name = scan.package().source_name;
    update.source_version = version;
    scan.inventory().offers.push_back(update);
}

TEST(ScanTable, DoesNotDenyAFixThatAnOfferedUpdateMayBe) {
    AScan scan;
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.with("CVE-2", FindingStatus::AffectedNoFix);
    offer(scan, "2");
    scan.has("vim", "1").with("CVE-3", FindingStatus::AffectedNoFix);

    const std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(
        table, "    whether curl 2, which is offered, closes it is not known, as its changelog"))
        << table;
    EXPECT_TRUE(has_line(
        table, "  3 open vulnerabilities without a known fix; of 2 it is not known whether an"))
        << table;
    EXPECT_TRUE(has_line(
        table, "CVE-1 in curl has no known fix and comes before every patch, and whether curl 2,"))
        << table;
    EXPECT_EQ(table.find("without a fix yet"), table.npos) << table;
}

TEST(ScanTable, GoesOnWithWhatHasNoFixWhereThatIsWorseThanEveryPatch) {
    AScan scan;
    scan.has("curl", "1").with("CVE-1", FindingStatus::AffectedNoFix).due("2026-11-21");
    const auto next = [&scan] {
        return lines_of(scan_table(scan.report(), {})).back();
    };
    EXPECT_EQ(next(), "Next: thimble explain CVE-1") << "there is no patch";
    model::Patch& patch = scan.has("nginx", "1").patch("2");
    EXPECT_EQ(next(), "Next: thimble explain CVE-1") << "due before the patch";

    patch.due.due = on("2026-11-20");
    EXPECT_EQ(next(), "Next: thimble explain nginx");

    scan.decision().kev = true;
    EXPECT_EQ(next(), "Next: thimble explain CVE-1")
        << "exploited, and the patch closes nothing that is";
    EXPECT_TRUE(has_line(
        scan_table(scan.report(), {}),
        "CVE-1 in curl has no fix and comes before every patch: shield it, remove it, or"));

    scan.work().patches.front().decision.kev = true;
    EXPECT_EQ(next(), "Next: thimble explain nginx")
        << "both are exploited, the patch is due first";
}

TEST(ScanTable, NamesWhatIsUnknownAndWhy) {
    AScan scan;
    scan.has("bar", "1.0").with("", FindingStatus::Unknown).because_of("third_party_package");
    scan.with("CVE-2", FindingStatus::UnderInvestigation);

    std::string table = scan_table(scan.report(), {});

    EXPECT_TRUE(has_line(table, "Unknown, which is not safe:")) << table;
    EXPECT_TRUE(table.contains("\n  1 package (bar): it is not a package of the distribution"))
        << table;
    EXPECT_FALSE(table.contains("not yet determined")) << "once for each package: " << table;
    scan.has("late", "1").with("CVE-2", FindingStatus::UnderInvestigation);
    for (int at = 0; at < 4; ++at) {
        scan.has("p" + std::to_string(at), "1").with("", FindingStatus::Unknown);
        scan.because_of("no_catalog");
    }
    table = scan_table(scan.report(), {});
    EXPECT_TRUE(has_line(
        table, "  1 package (late): the vendor has not yet determined whether they are affected"))
        << table;
    EXPECT_TRUE(
        has_line(table, "  4 packages (p0, p1, p2, ...): there is no catalog of advisories"))
        << table;
    EXPECT_TRUE(has_line(table, "  all of them: thimble scan --json")) << table;
}

TEST(ScanTable, SaysHowManyOfThoseWithoutAFixItDoesNotName) {
    AScan scan;
    scan.has("curl", "1");
    for (int i = 0; i < 12; ++i) {
        scan.with("CVE-" + std::to_string(i), FindingStatus::AffectedNoFix).due("2026-12-01");
    }

    EXPECT_TRUE(has_line(scan_table(scan.report(), {}), "  and 2 more: thimble scan --json"));
}

}  // namespace
}  // namespace thimble::report
