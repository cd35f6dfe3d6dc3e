#include "thimble/cli/error_document.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace thimble::cli {
namespace {

constexpr std::array<const char*, 3> kJson{"thimble", "scan", "--json"};
constexpr std::array<const char*, 2> kTable{"thimble", "scan"};

Error no_catalog() {
    return failure(ErrorKind::NotFound, "catalog.missing", "there is no catalog");
}

TEST(ErrorDocument, IsWhatWentWrongWhereNothingWasWritten) {
    std::ostringstream out;
    std::ostringstream err;
    {
        ErrorDocument errors(out, err, kJson);
        EXPECT_EQ(errors.finish(complain(err, no_catalog())), kNoInput);
    }
    EXPECT_EQ(
        out.str(),
        R"({"error":{"code":"catalog.missing","message":"there is no catalog",)"
        R"("next":"Run `thimble feeds sync`, or `thimble catalog build --feed NAME=FILE --output FILE`."}})"
        "\n");
    EXPECT_NE(err.str().find("[catalog.missing]"), std::string::npos) << "people read it as before";
    out << "it is the stream's own again";
    EXPECT_TRUE(out.str().ends_with("again"));
}

TEST(ErrorDocument, StaysAwayWhereThereIsADocumentOrNoFailure) {
    std::ostringstream out;
    std::ostringstream err;
    {
        ErrorDocument errors(out, err, kJson);
        complain(err, no_catalog());
        out << "{}\n";
        EXPECT_EQ(errors.finish(kSomethingDue), kSomethingDue);
    }
    EXPECT_EQ(out.str(), "{}\n");
    std::ostringstream silent;
    ErrorDocument well(silent, err, kJson);
    EXPECT_EQ(well.finish(0), 0);
    EXPECT_EQ(silent.str(), "");
}

TEST(ErrorDocument, IsForThoseWhoAskForJson) {
    std::ostringstream out;
    std::ostringstream err;
    ErrorDocument errors(out, err, kTable);
    EXPECT_EQ(errors.finish(complain(err, no_catalog())), kNoInput);
    EXPECT_EQ(out.str(), "");
}

TEST(ErrorDocument, IsThereWhereNobodyNamedTheError) {
    std::ostringstream out;
    std::ostringstream err;
    ErrorDocument errors(out, err, kJson);
    errors.finish(kInternal);
    EXPECT_NE(out.str().find(R"("code":"cli.failed")"), std::string::npos);
    EXPECT_NE(out.str().find("exit status 70"), std::string::npos);
}

TEST(ErrorDocument, HasCommandsOfTheHostThatWasAskedFor) {
    std::ostringstream out;
    std::ostringstream err;
    ErrorDocument errors(out, err, kJson);
    AimedLines lines(err, {.root = " --root /srv/a", .state = ""});
    std::ostream aimed(&lines);
    share_error_document(err, aimed);
    errors.finish(complain(
        aimed, failure(ErrorKind::Conflict, "x.y", "it goes on with thimble patch resume")));
    EXPECT_NE(
        out.str().find("it goes on with thimble patch resume --root /srv/a"), std::string::npos)
        << out.str();
}

}  // namespace
}  // namespace thimble::cli
