#include "thimble/apply/zypper_answer.hpp"

#include "thimble/apply/zypper_steps.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

TEST(ParseZypperSummary, ReadsWhatComesAndWhatGoes) {
    const auto summary = parse_zypper_summary(
        "<?xml version='1.0'?><stream><message type='info'>Loading</message><install-summary>"
        "<to-upgrade><solvable type='package' name='t-lib' edition='1:2-1' arch='noarch' "
        "edition-old='1-1' arch-old='noarch'/></to-upgrade>"
        "<to-install><solvable type='package' name='t-new' edition='0:2-1' arch='noarch'/>"
        "<solvable type='patch' name='p' edition='1' arch='noarch'/></to-install>"
        "<to-remove><solvable type='package' name='t-old' edition='1-1' arch='noarch'/></to-remove>"
        "</install-summary></stream>");

    ASSERT_TRUE(summary) << summary.error().text();
    const std::vector<ZypperChange> expected{
        {"t-lib", "noarch", "1-1", "1:2-1"},
        {"t-new", "noarch", "", "2-1"},
        {"t-old", "noarch", "1-1", ""}};
    EXPECT_EQ(summary->changes, expected);
}

TEST(ParseZypperSummary, TakesAnotherArchitectureForAnotherPackage) {
    const auto summary = parse_zypper_summary(
        "<stream><install-summary><to-change-arch><solvable type='package' name='t' edition='2-1' "
        "arch='noarch' edition-old='1-1' arch-old='x86_64'/></to-change-arch></install-summary>"
        "</stream>");

    const std::vector<ZypperChange> expected{
        {"t", "noarch", "", "2-1"}, {"t", "x86_64", "1-1", ""}};
    EXPECT_EQ(summary->changes, expected);
}

TEST(ParseZypperSummary, KeepsTheReasonsForPeople) {
    const auto summary = parse_zypper_summary(
        "<stream><message type='error'>No provider</message><prompt id='1'><description>Problem: "
        "x</description></prompt></stream>");

    EXPECT_EQ(summary->complaint, "No provider; Problem: x");
}

TEST(ParseZypperSummary, RefusesWhatIsNoAnswerAndNamesThatAreNone) {
    EXPECT_EQ(parse_zypper_summary("Loading...").error().code, "apply.bad_answer");
    EXPECT_FALSE(parse_zypper_summary(""));
    EXPECT_FALSE(parse_zypper_summary(
        "<stream><install-summary><to-install><solvable type='package' name='--root' "
        "edition='2-1' arch='noarch'/></to-install></install-summary></stream>"));
}

TEST(ParseRepomd, StaysWithinTheRepository) {
    EXPECT_EQ(
        *parse_repomd("<repomd><data type='primary'><location href='repodata/a-primary.xml.gz'/>"
                      "</data></repomd>"),
        "repodata/a-primary.xml.gz");
    EXPECT_FALSE(
        parse_repomd("<repomd><data type='primary'><location "
                     "href='repodata/../../../etc/passwd'/></data></repomd>"));
}

TEST(PrimaryReader, ReadsAPackageThatComesInPieces) {
    const std::string digest(64, 'a');
    const std::string text = "<metadata><package type=\"rpm\"><name>t-lib</name><arch>noarch</arch>"
                             "<version epoch=\"0\" ver=\"2\" rel=\"1\"/><checksum type=\"sha256\">"
        + digest
        + "</checksum><size package=\"10\" installed=\"20\"/><location href=\"x/t-lib-2-1.rpm\"/>"
          "<format><rpm:sourcerpm>t-2-1.src.rpm</rpm:sourcerpm></format></package></metadata>";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::vector<RepositoryPackage> found;
        PrimaryReader reader([&](RepositoryPackage package) { found.push_back(package); });
        ASSERT_TRUE(reader.take(std::string_view(text).substr(0, cut)));
        ASSERT_TRUE(reader.take(std::string_view(text).substr(cut)));
        ASSERT_EQ(found.size(), 1U) << cut;
        EXPECT_EQ(found[0].package, (PackageVersion{"t-lib", "noarch", "2-1"}));
        EXPECT_EQ(found[0].sha256, digest);
        EXPECT_EQ(found[0].source_rpm, "t-2-1.src.rpm");
        EXPECT_EQ(found[0].installed_bytes, 20);
    }
}

TEST(ZypperDifferences, NameWhatIsTooMuchAndWhatIsMissing) {
    model::PlannedStep step;
    step.name = "t-lib";
    step.architecture = "noarch";
    step.from_version = "1-1";
    step.to_version = "2-1";
    const std::vector<model::PlannedStep> steps{step};

    EXPECT_TRUE(zypper_differences(steps, {{"t-lib", "noarch", "1-1", "2-1"}}).empty());
    const std::vector<std::string> expected{
        "zypper would install t-lib 3-1 (noarch)",
        "zypper would remove t-old 1-1 (noarch)",
        "zypper would not install t-lib 2-1 (noarch)"};
    EXPECT_EQ(
        zypper_differences(
            steps, {{"t-lib", "noarch", "1-1", "3-1"}, {"t-old", "noarch", "1-1", ""}}),
        expected);
}

TEST(IsLocked, UnderstandsPatterns) {
    EXPECT_TRUE(is_locked("t-lib", "t-lib"));
    EXPECT_TRUE(is_locked("t-*", "t-lib"));
    EXPECT_TRUE(is_locked("*l?b*", "t-lib"));
    EXPECT_FALSE(is_locked("t-?", "t-lib"));
    EXPECT_FALSE(is_locked("t-lib", "t-library"));
    EXPECT_FALSE(is_locked("", "t-lib"));
}

TEST(ZypperEnding, TellsAFailedScriptFromAFailure) {
    EXPECT_EQ(zypper_ending(0).ending, TransactionEnding::Done);
    EXPECT_EQ(zypper_ending(102).ending, TransactionEnding::Done);
    EXPECT_EQ(zypper_ending(107).ending, TransactionEnding::Failed);
    EXPECT_EQ(zypper_ending(7).ending, TransactionEnding::Locked);
    EXPECT_EQ(zypper_ending(8).ending, TransactionEnding::Failed);
}

}  // namespace
}  // namespace thimble::apply
