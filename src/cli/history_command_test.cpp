#include "thimble/cli/history_command.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

class History : public KeptRuns {
protected:
    [[nodiscard]] std::string told(const std::string& run, bool json) const {
        PatchOptions chosen = options();
        chosen.run = run;
        chosen.json = json;
        std::ostringstream out;
        std::ostringstream err;
        run_history(chosen, out, err);
        return out.str() + err.str();
    }
    /// What a run has left beside its configuration.
    void leave(const std::string& run, const std::string& path) const {
        const std::filesystem::path kept = state() / "runs" / run / "kept";
        apply::KeptFile before;
        before.path = path;
        apply::KeptFile after = before;
        after.kind = apply::KeptKind::File;
        after.sha256 = std::string(64, 'a');
        write(kept / "configuration-before.json", apply::format_configuration(std::vector{before}));
        write(kept / "configuration-after.json", apply::format_configuration(std::vector{after}));
    }
};

TEST_F(History, NamesLeftFilesForAsLongAsTheyAreThere) {
    const std::string path = "/etc/curl.conf.dpkg-dist";
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    leave(run, path);
    write(root() / path.substr(1), "new\n");
    EXPECT_NE(told(run, false).find(path), std::string::npos) << told(run, false);
    EXPECT_NE(told(run, true).find(path), std::string::npos);

    std::filesystem::remove(root() / path.substr(1));

    EXPECT_EQ(told(run, false).find(path), std::string::npos);
    EXPECT_EQ(told(run, true).find(path), std::string::npos);
}

TEST_F(History, NamesNoLeftFilesOfARunThatAnotherTookBack) {
    const std::string path = "/etc/curl.conf.dpkg-dist";
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    leave(run, path);
    write(root() / path.substr(1), "somebody's since\n");
    const std::string back = add_ended(2, {{"curl", "2"}}, "rollback_failed");
    write(state() / "runs" / back / "takes_back", run);
    EXPECT_NE(told(run, false).find(path), std::string::npos) << "it is not back";

    const std::string again = add_ended(3, {{"curl", "2"}}, "rolled_back");
    write(state() / "runs" / again / "takes_back", run);

    EXPECT_EQ(told(run, false).find(path), std::string::npos);
}

TEST_F(History, SaysWhichRootWasChangedAndWhatIsNotKnown) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    EXPECT_NE(told(run, false).find("    in " + root().string() + "\n"), std::string::npos)
        << told(run, false);
    EXPECT_NE(told("", false).find("  in " + root().string()), std::string::npos);
    EXPECT_NE(
        told(run, false).find("(no vulnerability is known that it closes)"), std::string::npos);
}

TEST_F(History, NamesTheStepThatARunAsksForNow) {
    const std::string applied = add_ended(1, {{"curl", "2"}}, "applied");
    EXPECT_NE(
        told("", false).find("Next: thimble history " + applied + " --root "), std::string::npos);
    EXPECT_NE(
        told(applied, false).find("Next: thimble verify " + applied + " --root "),
        std::string::npos);

    const std::string open =
        add(2,
            plan_of({{"curl", "3"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
    EXPECT_NE(told("", false).find("Next: thimble patch resume --root "), std::string::npos)
        << told("", false);
    EXPECT_NE(told(open, false).find("Next: thimble patch resume --root "), std::string::npos);
}

TEST_F(History, KeepsItsProseToTheColumnsOfATerminal) {
    const std::string run = add_ended(
        1,
        {{"a-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"},
         {"another-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"},
         {"a-third-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"}},
        "rolled_back");
    for (const std::string& text : {told("", false), told(run, false)}) {
        Lines lines(text);
        for (std::string_view line; lines.next(line);) {
            const bool is_path = line.contains(folder.string());
            EXPECT_TRUE(is_path || columns_of(line) <= kTerminalColumns) << line;
        }
        EXPECT_NE(text.find("rolled back"), std::string::npos);
        EXPECT_EQ(text.find("rolled_back"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace thimble::cli
