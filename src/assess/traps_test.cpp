// What other scanners got wrong, each as a case of its own.
#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"

namespace thimble::assess {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using model::Authority;
using model::Claim;

TEST(Trap, BinaryVersionIsNotTheSourceVersion) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2019-3466").affects("Debian:10", "postgresql-common", "0", "210")});
    AHost host("debian", "10");
    host.has("deb", "postgresql-client", "13+225").from_source("postgresql-common", "225");

    EXPECT_EQ(said_of("CVE-2019-3466", host, &*catalog), "fixed 210");
}

TEST(Trap, BinaryVersionAboveTheFixOfItsSource) {
    const ACatalog catalog({AnAdvisory("CVE-2023-34966")
                                .affects("Debian:12", "samba", "0", "2:4.17.10+dfsg-0+deb12u1")});
    AHost host("debian", "12");
    host.has("deb", "libldb2", "2:2.6.2+samba4.17.12+dfsg-0+deb12u1")
        .from_source("samba", "2:4.17.12+dfsg-0+deb12u1");

    EXPECT_EQ(said_of("CVE-2023-34966", host, &*catalog), "fixed 2:4.17.10+dfsg-0+deb12u1");
}

TEST(Trap, RpmBinaryWithoutEntryIsJudgedByTheEpochOfItsSource) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("AlmaLinux:8", "perl", "0", "4:5.16.3-299.el8")});
    AHost host("almalinux", "8.10");
    host.has("rpm", "perl-Pod-Escapes", "1:1.04-299.el8").from_source("perl", "4:5.16.3-299.el8");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 4:5.16.3-299.el8");
}

TEST(Trap, RpmBinarysOwnEntryGoesBeforeItsSource) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1")
             .affects("AlmaLinux:8", "perl", "0", "4:9")
             .affects("AlmaLinux:8", "perl-Pod-Escapes", "0", "1:1.04-299.el8")});
    AHost host("almalinux", "8.10");
    host.has("rpm", "perl-Pod-Escapes", "1:1.04-299.el8").from_source("perl", "4:5.16.3-299.el8");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 1:1.04-299.el8");
}

TEST(Trap, EpochIsCompared) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("Debian:12", "vim", "0", "2:9.0.1378-2+deb12u1")});
    AHost with("debian", "12");
    with.has("deb", "vim", "2:9.0.1378-2");
    AHost rpm("almalinux", "9.8");
    rpm.has("rpm", "tomcat", "1:9.0.117-2.el9_8");
    const ACatalog tomcat(
        {AnAdvisory("CVE-2").affects("AlmaLinux:9", "tomcat", "0", "1:9.0.87-1.el9_4.1")});

    EXPECT_EQ(said_of("CVE-1", with, &*catalog), "affected_fix_available 2:9.0.1378-2+deb12u1");
    EXPECT_EQ(said_of("CVE-2", rpm, &*tomcat), "fixed 1:9.0.87-1.el9_4.1");
}

TEST(Trap, LiteralZeroEpochIsNoEpoch) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("AlmaLinux:9", "python3.9", "0", "0:3.9.18-1.el9_3.1")});
    AHost host("almalinux", "9.3");
    host.has("rpm", "python3.9", "3.9.18-1.el9_3");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_available 0:3.9.18-1.el9_3.1");
}

TEST(Trap, ColonInUpstreamIsCompared) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "p", "0", "0:1:3-1")});
    AHost host("debian", "12");
    host.has("deb", "p", "0:1:2-3");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_available 0:1:3-1");
}

TEST(Trap, LocalVersionOfAWheelIsCompared) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("PyPI", "torch", "0", "2.0.1")});
    AHost host("debian", "12");
    host.has("pypi", "torch", "2.0.1+cu118");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 2.0.1");
}

TEST(Trap, ApkPreRelease) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2016-4074").affects("Alpine:v3.22", "jq", "0", "1.6_rc1-r0")});
    AHost host("alpine", "3.22.1");
    host.has("apk", "jq", "1.6-r0");

    EXPECT_EQ(said_of("CVE-2016-4074", host, &*catalog), "fixed 1.6_rc1-r0");
}

TEST(Trap, ApkHashIsValidAndMissingComponentsAreNotZero) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Alpine:v3.22", "x", "0", "1.0.0")});
    AHost hash("alpine", "3.22");
    hash.has("apk", "x", "0.9~abc123-r0");
    AHost shorter("alpine", "3.22");
    shorter.has("apk", "x", "1.0");

    EXPECT_EQ(said_of("CVE-1", hash, &*catalog), "affected_fix_available 1.0.0");
    EXPECT_EQ(said_of("CVE-1", shorter, &*catalog), "affected_fix_available 1.0.0");
}

TEST(Trap, RpmCaretSortsBelowTheNextSegment) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("AlmaLinux:9", "p", "0", "2.0.5.1")});
    AHost host("almalinux", "9.4");
    host.has("rpm", "p", "2.0.5^20260117git1be041b");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_available 2.0.5.1");
}

TEST(Trap, BackportIsJudgedByTheReleaseItWasBuiltFrom) {
    const ACatalog catalog({AnAdvisory("CVE-2026-46195")
                                .affects("Debian:12", "curl", "0", "6.1.150-1")
                                .affects("Debian:13", "curl", "0", "6.12.30-1")});
    AHost host("debian", "12");
    host.has("deb", "curl", "6.12.30-1~bpo12+1");
    AHost older("debian", "12");
    older.has("deb", "curl", "6.12.29-1~bpo12+1");

    EXPECT_EQ(said_of("CVE-2026-46195", host, &*catalog), "fixed 6.12.30-1");
    EXPECT_EQ(said_of("CVE-2026-46195", older, &*catalog), "affected_fix_available 6.12.30-1");
}

TEST(Trap, BackportOfAReleaseWithoutDataIsUnknown) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "curl", "0", "1")});
    AHost host("debian", "12");
    host.has("deb", "curl", "6.12.30-1~bpo12+1");

    EXPECT_EQ(said_of("", host, &*catalog), "unknown (backport_of_a_release_without_data)");
}

TEST(Trap, LocalRebuildAboveTheFixIsFixed) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "p", "0", "1.0-1+deb12u1")});
    AHost host("debian", "12");
    host.has("deb", "p", "1.0-1+deb12u1+site1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 1.0-1+deb12u1");
}

TEST(Trap, FixOfAnotherModuleStreamDoesNotCount) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects(
        "AlmaLinux:8", "postgresql", "0", "12.5-1.module_el8.3.0+2041+0")});
    AHost unknown_stream("almalinux", "8.4");
    unknown_stream.has("rpm", "postgresql", "9.6.22-1.module_el8.4.0+2540+0");
    const ACatalog named(
        {AnAdvisory("CVE-1")
             .affects("AlmaLinux:8", "postgresql", "0", "12.5-1.module_el8.3.0+2041+0")
             .in_module("postgresql:12")});
    AHost other_stream("almalinux", "8.4");
    other_stream.has("rpm", "postgresql", "9.6.22-1.module_el8.4.0+2540+0")
        .of_stream("postgresql:9.6");

    EXPECT_EQ(
        said_of("CVE-1", unknown_stream, &*catalog), "unknown (fix_is_for_another_module_stream)");
    EXPECT_EQ(
        said_of("CVE-1", other_stream, &*named), "unknown (fix_is_for_another_module_stream)");
}

TEST(Trap, CloneIsJudgedByItsOwnBuildCounter) {
    const ACatalog catalog(
        {AnAdvisory("ALSA-2021:1242")
             .by(Authority::Erratum)
             .about({"CVE-2021-27928"})
             .affects("AlmaLinux:8", "mariadb", "0", "3:10.3.28-1.module_el8.3.0+2177+7adc332a")});
    AHost host("almalinux", "8.3");
    host.has("rpm", "mariadb", "3:10.3.28-1.module_el8.3.0+2177+7adc332a");

    EXPECT_EQ(
        said_of("CVE-2021-27928", host, &*catalog),
        "fixed 3:10.3.28-1.module_el8.3.0+2177+7adc332a");
}

TEST(Trap, OfSeveralFixedStreamsTheOwnOneDecides) {
    const ACatalog catalog(
        {AnAdvisory("ALSA-1")
             .about({"CVE-2024-8088"})
             .affects("AlmaLinux:9", "python3.9", "0", "3.9.18-3.el9_4.5"),
         AnAdvisory("ALSA-2")
             .about({"CVE-2024-8088"})
             .affects("AlmaLinux:9", "python3.9", "0", "3.9.19-8.el9")});
    AHost own("almalinux", "9.4");
    own.has("rpm", "python3.9", "3.9.18-3.el9_4.5");
    AHost before("almalinux", "9.4");
    before.has("rpm", "python3.9", "3.9.18-3.el9_4.4");
    AHost main_stream("almalinux", "9.5");
    main_stream.has("rpm", "python3.9", "3.9.19-7.el9");

    EXPECT_EQ(said_of("CVE-2024-8088", own, &*catalog), "fixed 3.9.18-3.el9_4.5");
    EXPECT_EQ(
        said_of("CVE-2024-8088", before, &*catalog), "affected_fix_available 3.9.18-3.el9_4.5");
    EXPECT_EQ(
        said_of("CVE-2024-8088", main_stream, &*catalog), "affected_fix_available 3.9.19-8.el9");
}

TEST(Trap, KernelFixedInItsOwnMinorRelease) {
    const ACatalog catalog(
        {AnAdvisory("ALSA-1")
             .about({"CVE-2026-31431"})
             .affects("AlmaLinux:9", "kernel", "0", "5.14.0-611.54.1.el9_7"),
         AnAdvisory("ALSA-2")
             .about({"CVE-2026-31431"})
             .affects("AlmaLinux:9", "kernel", "0", "5.14.0-687.5.3.el9_8")});
    AHost host("almalinux", "9.7");
    host.has("rpm", "kernel", "5.14.0-611.54.1.el9_7");

    EXPECT_EQ(said_of("CVE-2026-31431", host, &*catalog), "fixed 5.14.0-611.54.1.el9_7");
}

TEST(Trap, FixThatNoRepositoryOffersIsNotPromised) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2016-9840").affects("AlmaLinux:8", "rsync", "0", "3.1.3-23.el8_10")});
    AHost host("almalinux", "8.4");
    host.has("rpm", "rsync", "3.1.3-19.el8").is_offered_nothing();

    EXPECT_EQ(
        said_of("CVE-2016-9840", host, &*catalog),
        "affected_fix_not_in_my_repos 3.1.3-23.el8_10 (not_offered)");
}

TEST(Trap, FixPerArchitecture) {
    const ACatalog catalog({AnAdvisory("ELSA-2022-4803")
                                .about({"CVE-1"})
                                .affects("AlmaLinux:8", "rsyslog", "0", "8.24.0-57.0.1.el8")
                                .for_architecture("x86_64")
                                .affects("AlmaLinux:8", "rsyslog", "0", "8.24.0-57.0.4.el8")
                                .for_architecture("aarch64")});
    AHost intel("almalinux", "8.4");
    intel.has("rpm", "rsyslog", "8.24.0-57.0.1.el8").on("x86_64");
    AHost arm("almalinux", "8.4");
    arm.has("rpm", "rsyslog", "8.24.0-57.0.1.el8").on("aarch64");

    EXPECT_EQ(said_of("CVE-1", intel, &*catalog), "fixed 8.24.0-57.0.1.el8");
    EXPECT_EQ(said_of("CVE-1", arm, &*catalog), "affected_fix_available 8.24.0-57.0.4.el8");
}

TEST(Trap, FipsStreamIsSeparate) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects(
             "Ubuntu:Pro:FIPS-updates:22.04:LTS", "openssl", "0", "3.0.2-0ubuntu1.99+Fips1"),
         AnAdvisory("CVE-2").affects("Ubuntu:22.04:LTS", "openssl", "0", "3.0.2-0ubuntu1.1")});
    AHost host("ubuntu", "22.04");
    host.has("deb", "openssl", "3.0.2-0ubuntu1.2");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "");
    EXPECT_EQ(said_of("CVE-2", host, &*catalog), "fixed 3.0.2-0ubuntu1.1");
}

TEST(Trap, PackageOfAThirdPartyIsUnknown) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("AlmaLinux:9", "php", "0", "8.0.30-1.el9")});
    AHost host("almalinux", "9.4");
    host.has("rpm", "php", "8.3.1-1.el9.remi").from_vendor("Remi's RPM repository");

    EXPECT_EQ(said_of("", host, &*catalog), "unknown (third_party_package)");
    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "");
}

TEST(Trap, DebianPackageWithAVendorsMarkInItsVersionIsUnknown) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("Debian:12", "nodejs", "0", "18.13.0+dfsg1-1+deb12u1")});
    AHost host("debian", "12");
    host.has("deb", "nodejs", "20.11.0-1nodesource1");

    EXPECT_EQ(said_of("", host, &*catalog), "unknown (third_party_package)");
}

TEST(Trap, SubscriptionFixIsNotPromisedToOthers) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2021-3782")
             .affects("Ubuntu:Pro:18.04:LTS", "wayland", "0", "1.16.0-1ubuntu1.1~18.04.4+esm1"),
         AnAdvisory("CVE-9").affects("Ubuntu:18.04:LTS", "other", "0", "1")});
    AHost host("ubuntu", "18.04");
    host.has("deb", "wayland", "1.16.0-1ubuntu1.1~18.04.4");

    EXPECT_EQ(
        said_of("CVE-2021-3782", host, &*catalog),
        "affected_fix_not_in_my_repos 1.16.0-1ubuntu1.1~18.04.4+esm1 (subscription_only)");
}

TEST(Trap, OwnReleaseDecides) {
    const ACatalog catalog({AnAdvisory("CVE-1")
                                .affects("Debian:13", "expat", "0", "2.6.2-2")
                                .affects("Debian:12", "expat", "0", "2.5.0-1+deb12u1")});
    AHost host("debian", "12");
    host.has("deb", "expat", "2.5.0-1+deb12u1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 2.5.0-1+deb12u1");
}

TEST(Trap, SignedKernelIsTheUnsignedSource) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "linux", "0", "6.1.124-1")});
    AHost host("debian", "12");
    host.has("deb", "linux-image-6.1.0-30-amd64", "6.1.124-1")
        .from_source("linux-signed-amd64", "6.1.124+1");
    host.runs_kernel("6.1.0-30-amd64");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "fixed 6.1.124-1");
}

TEST(Trap, KernelCompanionsAreNotTheKernel) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "linux", "0", "6.1.124-1")});
    AHost host("debian", "12");
    host.has("deb", "linux-libc-dev", "6.1.100-1").from_source("linux", "6.1.100-1");
    host.has("deb", "linux-image-amd64", "6.1.100-1")
        .from_source("linux-signed-amd64", "6.1.100+1");
    host.has("deb", "linux-kbuild-6.1", "6.1.100-1").from_source("linux", "6.1.100-1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "");
}

TEST(Trap, TheRunningKernelDecidesAndTheNewerOneIsPending) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "linux", "0", "6.1.124-1")});
    AHost host("debian", "12");
    host.has("deb", "linux-image-6.1.0-28-amd64", "6.1.119-1")
        .from_source("linux-signed-amd64", "6.1.119+1");
    host.has("deb", "linux-image-6.1.0-30-amd64", "6.1.124-1")
        .from_source("linux-signed-amd64", "6.1.124+1");
    AHost old_one = host;
    old_one.runs_kernel("6.1.0-28-amd64");
    AHost new_one = host;
    new_one.runs_kernel("6.1.0-30-amd64");

    EXPECT_EQ(
        said_of("CVE-1", old_one, &*catalog),
        "fixed_installed_not_running 6.1.124-1 (older_kernel_running)");
    EXPECT_EQ(said_of("CVE-1", new_one, &*catalog), "fixed 6.1.124-1");
}

TEST(Trap, BackportedKernelFixCounts) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2023-2163").affects("Ubuntu:22.04:LTS", "linux", "0", "5.15.0-83.92")});
    AHost host("ubuntu", "22.04");
    host.has("deb", "linux-image-5.15.0-164-generic", "5.15.0-164.174")
        .from_source("linux-signed", "5.15.0-164.174");
    host.runs_kernel("5.15.0-164-generic");

    EXPECT_EQ(said_of("CVE-2023-2163", host, &*catalog), "fixed 5.15.0-83.92");
}

TEST(Trap, EcosystemIsPartOfTheKey) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("PyPI", "idna", "0", "9"),
         AnAdvisory("CVE-2").affects("Debian:12", "p", "0", "1")});
    AHost host("debian", "12");
    host.has("deb", "python3-idna", "3.3-1").from_source("idna", "3.3-1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "");
}

TEST(Trap, WithdrawnAdvisoryIsNoFinding) {
    const ACatalog catalog(
        {AnAdvisory("GHSA-8v27-2fg9-7h62").withdrawn().affects("npm", "x", "0", "2.0.0")});
    AHost host("debian", "12");
    host.has("npm", "x", "1.0.0");

    EXPECT_EQ(said_of("GHSA-8v27-2fg9-7h62", host, &*catalog), "not_affected (withdrawn)");
}

TEST(Trap, RejectedCveDoesNotKillItsGhsa) {
    model::VulnerabilityFacts rejected;
    rejected.id = "CVE-2024-1";
    rejected.rejected = true;
    const ACatalog catalog(
        {AnAdvisory("GHSA-1").about({"CVE-2024-1"}).affects("npm", "x", "0", "2.0.0")}, {rejected});
    AHost host("debian", "12");
    host.has("npm", "x", "1.0.0");

    EXPECT_EQ(said_of("GHSA-1", host, &*catalog), "affected_fix_available 2.0.0");
    EXPECT_EQ(said_of("CVE-2024-1", host, &*catalog), "");
}

TEST(Trap, EveryCveOfAnAdvisoryCounts) {
    const ACatalog catalog({AnAdvisory("DSA-5477-1")
                                .by(Authority::Erratum)
                                .about({"CVE-2022-2127", "CVE-2023-3347", "CVE-2023-34966"})
                                .affects("Debian:12", "samba", "0", "2:4.17.10+dfsg-0+deb12u1")});
    AHost host("debian", "12");
    host.has("deb", "samba", "2:4.17.9+dfsg-0");

    for (const char* id : {"CVE-2022-2127", "CVE-2023-3347", "CVE-2023-34966"}) {
        EXPECT_EQ(said_of(id, host, &*catalog), "affected_fix_available 2:4.17.10+dfsg-0+deb12u1")
            << id;
    }
}

TEST(Trap, VersionListBeyondTheFixIsReportedAsContradiction) {
    const ACatalog catalog(
        {AnAdvisory("GHSA-1").affects("npm", "x", "0", "2.0.0").lists({"1.0.0", "2.0.0"})});
    AHost host("debian", "12");
    host.has("npm", "x", "2.0.0");
    AssessOptions options;
    options.now = host.inventory().taken_at;

    const auto assessment = *assess(host.inventory(), &*catalog, options);

    ASSERT_EQ(assessment.findings.size(), 1U);
    EXPECT_NE(
        assessment.findings[0].evidence[0].statement.find("beyond its own fix"), std::string::npos);
}

TEST(Trap, ZeroMeansNeverAffected) {
    const ACatalog catalog(
        {AnAdvisory("CVE-2019-6470")
             .by(Authority::Tracker)
             .claims("Alpine:v3.22", "bind", Claim::NotAffected),
         AnAdvisory("GHSA-2").about({"CVE-2019-6470"}).affects("Alpine:v3.22", "bind", "0", "")});
    AHost host("alpine", "3.22");
    host.has("apk", "bind", "9.14.12-r0");

    EXPECT_EQ(said_of("CVE-2019-6470", host, &*catalog), "not_affected (vendor_says_not_affected)");
}

TEST(Trap, TwoFixesOfTwoBranchesEachCloseTheirs) {
    const ACatalog catalog({AnAdvisory("CVE-2022-20612")
                                .affects("npm", "jenkins", "0", "2.319.2")
                                .affects("npm", "jenkins", "2.320.0", "2.330.0")});
    AHost lts("debian", "12");
    lts.has("npm", "jenkins", "2.319.2");
    AHost weekly("debian", "12");
    weekly.has("npm", "jenkins", "2.325.0");

    EXPECT_EQ(said_of("CVE-2022-20612", lts, &*catalog), "fixed 2.319.2");
    EXPECT_EQ(said_of("CVE-2022-20612", weekly, &*catalog), "affected_fix_available 2.330.0");
}

TEST(Trap, DevelopmentBuildOfAGoModuleIsUnknown) {
    const ACatalog catalog({AnAdvisory("GO-1").affects("Go", "istio.io/istio", "0", "1.2.3")});
    AHost host("debian", "12");
    host.has("golang", "istio.io/istio", "(devel)");

    EXPECT_EQ(said_of("GO-1", host, &*catalog), "unknown (version_not_orderable)");
}

TEST(Trap, NamesAreFoldedAsTheEcosystemFoldsThem) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("PyPI", "oslo.utils", "0", "4.10.1")});
    AHost host("debian", "12");
    host.has("pypi", "oslo_utils", "4.10.0");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_available 4.10.1");
}

TEST(Trap, EndOfLifeIsUnknownNotGreen) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:8", "other", "0", "1")});
    AHost host("debian", "8");
    host.has("deb", "openssl", "1.1.1k-1");

    EXPECT_EQ(said_of("", host, &*catalog), "unknown (release_end_of_life)");
}

TEST(Trap, RecordWithoutReleaseDoesNotMatchARelease) {
    const ACatalog catalog(
        {AnAdvisory("CVE-1").affects("Debian", "p", "0", "9"),
         AnAdvisory("CVE-2").affects("Debian:12", "q", "0", "9")});
    AHost host("debian", "12");
    host.has("deb", "p", "1.0-1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "");
}

}  // namespace
}  // namespace thimble::assess
