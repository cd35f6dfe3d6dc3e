#include "thimble/apply/apt_hearing.hpp"

#include "thimble/apply/apt_status.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

TEST(AptStatusReader, ReadsLinesInPieces) {
    AptStatusReader reader;

    EXPECT_TRUE(reader.take("pmstatus:lib").empty());
    const auto events =
        reader.take("c6:23.5294:Unpacking libc6:amd64\npmerror:/x/a_1.deb:50:a: b\n");

    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0], (AptEvent{AptEventKind::Working, "libc6", 235, "Unpacking libc6:amd64"}));
    EXPECT_EQ(events[1], (AptEvent{AptEventKind::Failed, "/x/a_1.deb", 500, "a: b"}));
}

TEST(AptStatusReader, FindsThePercentageBehindAnArchitecture) {
    const auto events = AptStatusReader().take("pmerror:libx:i386:1.0:failed\n");

    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].package, "libx:i386");
}

TEST(AptStatusReader, ReadsDpkgsOwnChannel) {
    const auto events = AptStatusReader().take(
        "status: libx:amd64: half-configured\nstatus: libx : error : exit status 1\n"
        "status: /etc/x : conffile-prompt : '/etc/x' '/etc/x.dpkg-new' 1 1\n");

    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].kind, AptEventKind::Working);
    EXPECT_EQ(events[1], (AptEvent{AptEventKind::Failed, "libx", 0, "exit status 1"}));
    EXPECT_EQ(events[2].kind, AptEventKind::Asking);
}

TEST(AptStatusReader, DropsALineThatIsTooLongAndGoesOn) {
    AptStatusReader reader;

    EXPECT_TRUE(reader.take(std::string(100'000, 'x') + "\n").empty());
    EXPECT_EQ(reader.take("pmstatus:a:1:b\n").size(), 1U);
}

class JudgeEnding : public testing::Test {
protected:
    TransactionReport judge(int status) {
        return judge_ending(hearing_, status, std::nullopt, std::nullopt);
    }
    Transaction transaction_;
    AptHearing hearing_{transaction_};
};

TEST_F(JudgeEnding, IsDoneOnStatusZero) {
    EXPECT_EQ(judge(0).ending, TransactionEnding::Done);
}

TEST_F(JudgeEnding, IsRefusedByTheGate) {
    hearing_.take_output("Reading...\nthimble-gate: refused: apt would ");
    hearing_.take_output("install x 1\nE: Sub-process\n");

    EXPECT_EQ(judge(100).ending, TransactionEnding::Refused);
    EXPECT_EQ(judge(100).detail, "apt would install x 1");
}

TEST_F(JudgeEnding, DoesNotBelieveAMaintainerScriptThatSpeaksLikeTheGate) {
    hearing_.take_status("pmstatus:x:10:Configuring x\n");
    hearing_.take_output("thimble-gate: refused: nothing changed\n");
    hearing_.take_status("pmerror:x:10:exit status 1\n");

    EXPECT_EQ(judge(100).ending, TransactionEnding::Failed);
    EXPECT_EQ(judge(100).failed_package, "x");
    EXPECT_EQ(judge(100).detail, "x: exit status 1");
}

TEST_F(JudgeEnding, IsLockedOnlyBeforeItBegan) {
    const LockHolder holder{.pid = 7, .command = "apt-get", .lock = "/var/lib/dpkg/lock"};

    EXPECT_EQ(judge_ending(hearing_, 100, std::nullopt, holder).ending, TransactionEnding::Locked);
    hearing_.take_status("pmstatus:x:10:Configuring x\n");
    EXPECT_EQ(judge_ending(hearing_, 100, std::nullopt, holder).ending, TransactionEnding::Failed);
}

TEST_F(JudgeEnding, TellsAFullDiskAndAQuestion) {
    hearing_.take_status("pmstatus:x:10:Unpacking x\npmconffile:/etc/x:10:'a' 'b' 1 1\n");
    EXPECT_EQ(judge(100).ending, TransactionEnding::Failed) << "dpkg knew the answer";

    hearing_.take_status("pmerror:x:10:end of file on stdin at conffile prompt\n");
    EXPECT_EQ(judge(100).ending, TransactionEnding::Prompted);

    hearing_.take_output("tar: cannot write: No space left on device\n");
    EXPECT_EQ(judge(100).ending, TransactionEnding::NoSpace);
    EXPECT_FALSE(judge(100).is_own_word) << "a script may have said so";
}

TEST_F(JudgeEnding, TellsThatDpkgItselfCouldNotWrite) {
    hearing_.take_status("pmerror:/a/x_1_all.deb:10:failed to write (No space left on device)\n");
    EXPECT_EQ(judge(100).ending, TransactionEnding::NoSpace);
    EXPECT_TRUE(judge(100).is_own_word);
}

TEST_F(JudgeEnding, NamesTheScriptForWhichThereWasNoOther) {
    hearing_.take_status("pmstatus:x:10:Unpacking x\n");
    hearing_.take_output(
        "dpkg: warning: downgrading x from 2 to 1\n"
        "dpkg: warning: old x package pre-removal script subprocess returned error exit status 1\n"
        "dpkg: trying script from the new package instead ...\n"
        "dpkg: error processing archive /a/x_1_all.deb (--unpack):\n"
        " there is no script in the new version of the package - giving up\n");
    hearing_.take_status(
        "pmerror:/a/x_1_all.deb:10:there is no script in the new version of the "
        "package - giving up\n");

    EXPECT_EQ(
        judge(100).detail,
        "x: old x package pre-removal script subprocess returned error exit status 1; there is no "
        "script in the new version of the package - giving up");
}

TEST_F(JudgeEnding, KeepsTheLastOfTheOutput) {
    for (int line = 0; line < 100'000; ++line) {
        hearing_.take_output("0123456789\n");
    }
    hearing_.take_output("the end\n");

    EXPECT_LE(judge(1).output.size(), std::size_t{128} << 10);
    EXPECT_TRUE(judge(1).output.ends_with("the end\n"));
}

}  // namespace
}  // namespace thimble::apply
