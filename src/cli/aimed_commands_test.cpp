#include "thimble/cli/aimed_commands.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

const HostWords kImage{.root = " --root /mnt/image", .state = ""};

TEST(AimedCommands, NameTheHostThatWasAskedFor) {
    EXPECT_EQ(
        aimed_commands(
            "not rehearsed: thimble patch rehearse PLAN (or not); see `thimble history`", kImage),
        "not rehearsed: thimble patch rehearse --root /mnt/image PLAN (or not); see `thimble "
        "history "
        "--root /mnt/image`");
    EXPECT_EQ(
        aimed_commands("Next: thimble scan\n", kImage), "Next: thimble scan --root /mnt/image\n");
}

TEST(AimedCommands, SayTheHostOnce) {
    const std::string text = "Next: thimble verify run-1 --root /mnt/image\n";

    EXPECT_EQ(aimed_commands(text, kImage), text);
    EXPECT_EQ(
        aimed_commands("thimble doctor, then thimble verify --root /mnt/image", kImage),
        "thimble doctor --root /mnt/image, then thimble verify --root /mnt/image");
}

TEST(AimedCommands, LeaveOthersAlone) {
    for (const char* text :
         {"thimble hosts",
          "thimble patches lists what hosts miss",
          "thimble patch",
          "thimble scanner",
          "see thimble patch plans",
          "a thimble ",
          ""}) {
        EXPECT_EQ(aimed_commands(text, kImage), text);
    }
    EXPECT_EQ(aimed_commands("thimble scan", {}), "thimble scan") << "of this machine";
}

TEST(AimedCommands, EnterTheRootForWhatIsThePackageManagersOwn) {
    const HostWords image{.root = " --root '/mnt/a b'", .state = ""};
    EXPECT_EQ(
        aimed_commands("thimble patch resume; else: dpkg --configure -a", image),
        "thimble patch resume --root '/mnt/a b'; else: chroot '/mnt/a b' dpkg --configure -a");
    EXPECT_EQ(
        aimed_commands("chroot '/mnt/a b' apt-get update", image),
        "chroot '/mnt/a b' apt-get update")
        << "it is said already";
    EXPECT_EQ(aimed_commands("run dpkg --configure -a", {}), "run dpkg --configure -a");
    for (const char* const command :
         {"apt-mark unhold libx1 liby1",
          "zypper removelock curl",
          "dnf versionlock delete",
          "apt-get check",
          "apt-cache policy curl",
          "dpkg --audit"}) {
        EXPECT_EQ(
            aimed_commands("If it may change: " + std::string(command), kImage),
            "If it may change: chroot /mnt/image " + std::string(command));
    }
}

TEST(AimedCommands, EnterTheRootOnceWhereverTheLineIsBroken) {
    for (const char* const text :
         {"run chroot rootB dpkg --configure -a",
          "run chroot rootB\n    dpkg --configure -a",
          "run chroot\n    rootB dpkg --configure -a"}) {
        EXPECT_EQ(aimed_commands(text, {.root = " --root rootB", .state = ""}), text);
    }
}

TEST(AimedCommands, NameFilesBelowTheRootOnce) {
    const HostWords image{.root = " --root ../image", .state = ""};
    EXPECT_EQ(
        aimed_commands("add 'deb x' to /etc/apt/sources.list, then apt-get update", image),
        "add 'deb x' to ../image/etc/apt/sources.list, then chroot ../image apt-get update");
    const std::string pin = "/etc/apt/preferences.d/thimble-rolled-back-R.pref";
    EXPECT_EQ(aimed_commands("apt does not: " + pin, image), "apt does not: ../image" + pin);
    for (const std::string& said : {"remove /srv/image" + pin, "remove ../image" + pin}) {
        EXPECT_EQ(aimed_commands(said, image), said);
    }
}

TEST(AimedCommands, GiveFeedsTheStateDirectoryAlone) {
    const HostWords words{.root = " --root /r", .state = " --state /s"};

    EXPECT_EQ(aimed_commands("thimble feeds sync kev", words), "thimble feeds sync --state /s kev");
    EXPECT_EQ(aimed_commands("thimble doctor", words), "thimble doctor --root /r --state /s");
}

TEST(AimedLines, PassesLinesOnAndTheRestWithAFlush) {
    std::ostringstream to;
    {
        AimedLines lines(to, kImage);
        std::ostream out(&lines);
        out << "see thimble " << "doctor" << '\n' << "and thimble ver";
        EXPECT_EQ(to.str(), "see thimble doctor --root /mnt/image\n");
        out << "ify" << std::flush;
        EXPECT_EQ(
            to.str(), "see thimble doctor --root /mnt/image\nand thimble verify --root /mnt/image");
        out << "\nthimble scan";
    }
    EXPECT_TRUE(to.str().ends_with("\nthimble scan --root /mnt/image")) << to.str();
}

TEST(AimedLines, BreaksLinesForATerminalAfterTheyAreAimed) {
    std::ostringstream to;
    const std::string words(70, 'w');
    {
        AimedLines lines(to, kImage, LineWidth::Terminal);
        std::ostream out(&lines);
        EXPECT_FALSE(AimedLines::leaves_wide(out));
        out << words << " thimble patch plan\n";
    }
    EXPECT_EQ(to.str(), words + "\n    thimble patch plan --root /mnt/image\n");
    EXPECT_TRUE(AimedLines::leaves_wide(to));
    AimedLines wide(to, kImage);
    EXPECT_TRUE(AimedLines::leaves_wide(std::ostream(&wide)));
}

TEST(NarrowedAroundCommands, BreaksNoCommandThatSomebodyPastes) {
    EXPECT_EQ(
        narrowed_around_commands(
            "thimble: run 20261124T111500Z-00 did not end; look at the host, then: thimble patch "
            "unblock --root '/mnt/my image' 20261124T111500Z-00 --reason TEXT and see\n"),
        "thimble: run 20261124T111500Z-00 did not end; look at the host, then:\n"
        "    thimble patch unblock --root '/mnt/my image' 20261124T111500Z-00 --reason TEXT\n"
        "    and see\n");
    EXPECT_EQ(
        narrowed_around_commands("thimble: the plan was not rehearsed on this host: thimble patch "
                                 "rehearse --root /srv/a "
                                 "plan.json and so on\n"),
        "thimble: the plan was not rehearsed on this host:\n"
        "    thimble patch rehearse --root /srv/a plan.json and so on\n");
    EXPECT_EQ(narrowed_around_commands("thimble: short\n"), "thimble: short\n");
}

TEST(NarrowedAroundCommands, BreaksNoQuotedPathOfAnotherProgram) {
    EXPECT_EQ(
        narrowed_around_commands(
            "thimble: the package manager was interrupted. Run `chroot '/mnt/my image of the "
            "host' dpkg --configure -a`\n"),
        "thimble: the package manager was interrupted. Run `chroot\n"
        "    '/mnt/my image of the host' dpkg --configure -a`\n");
}

TEST(NextCommandLines, AreOneCommandToAShellWhateverIsInQuotes) {
    EXPECT_EQ(next_command_lines("thimble patch plan"), "Next: thimble patch plan\n");

    const std::string lines = next_command_lines(
        "thimble patch rehearse '/srv/plans of the week/it'\\''s a plan.json' --root "
        "'/srv/images of ours/web 1 of the second row'");

    EXPECT_EQ(
        lines,
        "Next:\n"
        "  thimble patch rehearse '/srv/plans of the week/it'\\''s a plan.json' --root \\\n"
        "      '/srv/images of ours/web 1 of the second row'\n");
}

TEST(AimedLines, TellsThatNothingCanBeWritten) {
    std::ostringstream to;
    to.setstate(std::ios::badbit);
    AimedLines lines(to, kImage);
    std::ostream out(&lines);

    out << "a\n" << std::flush;

    EXPECT_FALSE(out);
}

TEST(StepIn, IsThePartOfTheSentenceThatNamesACommand) {
    EXPECT_EQ(
        step_in("there is no run x; `thimble history` lists all"), "`thimble history` lists all");
    EXPECT_EQ(
        step_in("run r cannot be taken up: it is damaged; look at the host, then: thimble patch "
                "unblock r --reason TEXT"),
        "look at the host, then: thimble patch unblock r --reason TEXT");
    EXPECT_EQ(
        step_in("it was not rehearsed: thimble patch rehearse p.json (or not)"),
        "thimble patch rehearse p.json (or not)");
    EXPECT_EQ(step_in("see `thimble users`."), "`thimble users`");
    EXPECT_EQ(
        step_in("something is unfinished. Run dpkg --configure -a"), "Run dpkg --configure -a");
    EXPECT_EQ(
        step_in("a run has not ended; it goes on with thimble patch resume: the disk is full"),
        "it goes on with thimble patch resume");
}

TEST(StepIn, IsNoneWhereNoCommandIsNamed) {
    for (const char* const text :
         {"", "the disk is full", "a thimble ", "/run/thimble is full", "thimble (the program)"}) {
        EXPECT_EQ(step_in(text), "") << text;
    }
}

}  // namespace
}  // namespace thimble::cli
