#include "thimble/cli/complain.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace thimble::cli {
namespace {

std::string complaint(ErrorKind kind, const std::string& code, int status) {
    std::ostringstream err;
    EXPECT_EQ(complain(err, failure(kind, code, "it does not work\x1b[1m")), status) << code;
    return err.str();
}

TEST(Complain, SaysWhatToDoNextWhereTheErrorDoesNot) {
    EXPECT_EQ(
        complaint(ErrorKind::Denied, "server.second_person", kDenied),
        "thimble: it does not work?[1m [server.second_person]\n"
        "  Ask somebody else with the action approve; `thimble users` shows who can.\n");
    for (const char* const code :
         {"server.not_that_document",
          "server.not_that_date",
          "server.bad_control",
          "shield.no_program",
          "shield.no_unit",
          "shield.unreachable",
          "shield.cut_off",
          "shield.built_in",
          "shield.no_dpkg",
          "shield.nothing_listens",
          "shield.no_space",
          "shield.no_answer",
          "shield.other_document",
          "shield.program_failed",
          "shield.package_manager"}) {
        EXPECT_TRUE(complaint(ErrorKind::Conflict, code, kConflict).contains("]\n  ")) << code;
    }
    for (const char* const code : {"host.no_connection", "host.bad_target"}) {
        EXPECT_TRUE(
            complaint(ErrorKind::NotFound, code, kNoInput).contains("`thimble hosts` lists"))
            << code;
    }
    EXPECT_FALSE(complaint(ErrorKind::NotFound, "x.unknown", kNoInput).contains("]\n  "));
}

TEST(ComplainUnwritten, BlamesWhatWasReadWhereNoOutputCanBeMadeOfIt) {
    std::ostringstream err;
    const auto status_of = [&err](ErrorKind kind, const char* code) {
        return complain_unwritten(err, failure(kind, code, "there is no catalog"));
    };

    EXPECT_EQ(status_of(ErrorKind::Unsupported, "catalog.too_large"), kBadInput);
    EXPECT_TRUE(err.str().ends_with("[catalog.too_large]\n  Compile fewer feeds into it.\n"))
        << err.str();
    EXPECT_EQ(status_of(ErrorKind::NotFound, "host.system"), kCannotWrite);
    EXPECT_EQ(status_of(ErrorKind::Denied, "host.system"), kCannotWrite);
    EXPECT_EQ(status_of(ErrorKind::Unavailable, "cli.state_full"), kCannotWrite);
}

TEST(Tell, KeepsToTheColumnsOfATerminal) {
    std::ostringstream err;
    const std::string words(60, 'a');
    tell(err, words + " bbbbbbbbbbbbb");
    EXPECT_EQ(err.str(), "thimble: " + words + "\n    bbbbbbbbbbbbb\n");
}

TEST(Warn, IsALineForEachSafeToShow) {
    std::ostringstream err;
    warn(err, std::vector<std::string>{"no host is of the group \"webb\"", "\x1b[2J"});
    EXPECT_EQ(err.str(), "thimble: note: no host is of the group \"webb\"\nthimble: note: ?[2J\n");
}

}  // namespace
}  // namespace thimble::cli
