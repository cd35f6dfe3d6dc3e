#include "thimble/cli/patch_arguments.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

TEST(ParseProbe, ReadsTheThreeKinds) {
    const auto http = parse_probe("web=http:http://127.0.0.1:80/x?a=b");
    ASSERT_TRUE(http.has_value());
    EXPECT_EQ(http->name, "web");
    EXPECT_EQ(http->target, "http://127.0.0.1:80/x?a=b");
    EXPECT_EQ(parse_probe("db=tcp:127.0.0.1:5432")->target, "127.0.0.1:5432");
    EXPECT_EQ(parse_probe("db=tcp:[::1]:65535")->target, "[::1]:65535");
    EXPECT_EQ(
        parse_probe("c=command:test -f  /x;y")->argv,
        (std::vector<std::string>{"test", "-f", "/x;y"}));
}

TEST(ParseProbe, SaysWhatAProbeLooksLike) {
    for (const char* text :
         {"",
          "web",
          "=tcp:a:1",
          "web=ftp:x",
          "web=http:file:///etc/passwd",
          "w=command:",
          "w=tcp:x",
          "w=tcp::80",
          "w=tcp:127.0.0.1:",
          "w=tcp:127.0.0.1:0",
          "w=tcp:127.0.0.1:-1",
          "w=tcp:127.0.0.1:80/x",
          "w=tcp:127.0.0.1:65536",
          "w=tcp:127.0.0.1:99999"}) {
        EXPECT_EQ(parse_probe(text).error().code, "cli.bad_option") << text;
    }
}

TEST(FinishPatchOptions, TellsProbesApart) {
    PatchOptions options;
    options.probes = {"web=tcp:a:1", "db=tcp:a:1"};
    EXPECT_TRUE(finish_patch_options(options));
    options.policy.probes.clear();
    options.probes.emplace_back("web=tcp:a:2");
    EXPECT_EQ(finish_patch_options(options).error().code, "cli.bad_option");
}

TEST(FinishPatchOptions, TakesSecurityUnlessSomethingElseIsNamed) {
    PatchOptions options;
    ASSERT_TRUE(finish_patch_options(options).has_value());
    EXPECT_TRUE(options.selection.security);

    options.selection.packages = {"curl"};
    ASSERT_TRUE(finish_patch_options(options).has_value());
    EXPECT_FALSE(options.selection.security);

    options.level = "everything";
    EXPECT_EQ(finish_patch_options(options).error().code, "cli.bad_option");
}

TEST(FinishPatchOptions, RefusesWhatIsNoPackage) {
    PatchOptions options;
    options.selection.packages = {"libc6:i386", "linux-image-*"};
    EXPECT_TRUE(finish_patch_options(options).has_value());
    options.selection.packages = {"lib[a"};
    EXPECT_EQ(finish_patch_options(options).error().code, "apply.bad_package");
}

TEST(FinishPatchOptions, RefusesWhatIsNoIdOfAVulnerability) {
    for (const char* wrong : {"foo", "", "CVE-2026", "CVE-foo", "--security", "2024-3094"}) {
        PatchOptions options;
        options.selection.vulnerabilities = {"CVE-2026-1234", wrong};
        const auto finished = finish_patch_options(options);
        ASSERT_FALSE(finished.has_value()) << wrong;
        EXPECT_EQ(finished.error().kind, ErrorKind::Invalid) << wrong;
        EXPECT_TRUE(finished.error().text().contains("CVE-2024-3094")) << "an example";
    }
}

TEST(FinishPatchOptions, RefusesWhatIsNoIdOfAnAdvisory) {
    for (const char* wrong : {"foo bar", "", "--security", "../x", "DSA-1\n"}) {
        PatchOptions options;
        options.selection.advisories = {"DSA-5477-1", "openSUSE-SU-2026:0123-1", wrong};
        EXPECT_EQ(finish_patch_options(options).error().code, "cli.bad_option") << wrong;
        options.selection.advisories.pop_back();
        EXPECT_TRUE(finish_patch_options(options).has_value());
    }
}

TEST(FinishPatchOptions, MasksNothingThatATransactionNeeds) {
    for (const char* wrong :
         {"/",
          "//",
          "/usr",
          "/usr/",
          "/usr/lib",
          "/srv/../etc",
          "/etc",
          "/bin",
          "/var",
          "/var/lib",
          "/var/lib/dpkg",
          "/var/lib/dpkg/info",
          "/var/lib/rpm/rpmdb.sqlite",
          "/tmp",
          "srv/data",
          "."}) {
        PatchOptions options;
        options.masked = {"/srv/data", wrong};
        const auto finished = finish_patch_options(options);
        ASSERT_FALSE(finished.has_value()) << wrong;
        EXPECT_EQ(finished.error().code, "cli.bad_option");
        EXPECT_TRUE(finished.error().text().starts_with("--mask " + std::string(wrong) + ":"));
    }
}

TEST(FinishPatchOptions, MasksSecretsAndBulkData) {
    PatchOptions options;
    options.masked = {
        "/srv",
        "/home",
        "/root",
        "/opt/data/",
        "/etc/ssl/private",
        "/etc/shadow-",
        "/var/lib/mysql",
        "/var/lib/dpkg-old",
        "/var/log",
        "/usr/share/data",
        "/usr/local"};
    EXPECT_TRUE(finish_patch_options(options).has_value());
}

TEST(FinishPatchOptions, TakesACveInLowerCase) {
    PatchOptions options;
    options.selection.vulnerabilities = {"cve-2026-1234", "GHSA-xxxx-yyyy-zzzz"};

    ASSERT_TRUE(finish_patch_options(options).has_value());

    EXPECT_EQ(
        options.selection.vulnerabilities,
        (std::vector<std::string>{"CVE-2026-1234", "GHSA-xxxx-yyyy-zzzz"}));
}

}  // namespace
}  // namespace thimble::cli
